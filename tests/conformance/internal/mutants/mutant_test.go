package mutants

import (
	"reflect"
	"testing"

	"formwork.example/conformance/internal/delivery"
)

func example(t *testing.T) []delivery.Object {
	t.Helper()
	object, err := delivery.Parse("web.yaml", []byte(`
apiVersion: v1
kind: Service
metadata: {name: web, namespace: acme}
spec: {ports: [{name: http, port: 80}], selector: {app: web}}
`))
	if err != nil {
		t.Fatal(err)
	}
	return []delivery.Object{object}
}

func TestTheSameSeedMakesTheSameMutants(t *testing.T) {
	one, again := Generate(example(t), 40, 7), Generate(example(t), 40, 7)
	if len(one) != 40 || !reflect.DeepEqual(one, again) {
		t.Errorf("%d and %d mutants differ", len(one), len(again))
	}
}

func TestEachMutantDiffersFromItsOriginalAlone(t *testing.T) {
	objects := example(t)
	before := deepCopy(objects[0].Content)
	changes := map[string]bool{}
	for _, mutant := range Generate(objects, 40, 1) {
		if reflect.DeepEqual(mutant.Object, before) {
			t.Errorf("%s changes nothing", mutant.Change)
		}
		if changes[mutant.Change] {
			t.Errorf("%s is made twice", mutant.Change)
		}
		changes[mutant.Change] = true
	}
	if !reflect.DeepEqual(objects[0].Content, before) {
		t.Error("the original was changed")
	}
}
