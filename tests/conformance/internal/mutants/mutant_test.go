package mutants

import (
	"reflect"
	"strings"
	"testing"

	"formwork.example/conformance/internal/delivery"
)

func example(t *testing.T) []delivery.Object {
	t.Helper()
	objects, err := delivery.ParseAll("web.yaml", []byte(`
apiVersion: v1
kind: Service
metadata: {name: web, namespace: acme, labels: {app: web, team: erp}}
spec: {type: ClusterIP, ports: [{name: http, port: 80}], selector: {app: web}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: night, namespace: acme}
spec: {schedule: "0 3 * * *", timeZone: Europe/Berlin, values: {anything: {at: all}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestTheSameSeedMakesTheSameMutants(t *testing.T) {
	one, again := Generate(example(t), 200, 7), Generate(example(t), 200, 7)
	for index := range one {
		if one[index].Change != again[index].Change || !reflect.DeepEqual(one[index].Object, again[index].Object) {
			t.Errorf("%q and %q differ", one[index].Change, again[index].Change)
		}
	}
	if len(one) != 200 || len(again) != 200 {
		t.Errorf("%d and %d mutants", len(one), len(again))
	}
}

func TestAnotherSeedMakesOthers(t *testing.T) {
	one, other := Generate(example(t), 100, 1), Generate(example(t), 100, 2)
	same := 0
	for index := range one {
		if one[index].Change == other[index].Change {
			same++
		}
	}
	if same > 50 {
		t.Errorf("%d of 100 are the same", same)
	}
}

func TestEachMutantDiffersFromItsOriginalAlone(t *testing.T) {
	objects := example(t)
	before := []any{deepCopy(objects[0].Content), deepCopy(objects[1].Content)}
	changes := map[string]bool{}
	for _, mutant := range Generate(objects, 200, 1) {
		if reflect.DeepEqual(mutant.Object, mutant.original.Content) != (mutant.Change == Unchanged) {
			t.Errorf("%s changes nothing", mutant.Change)
		}
		if changes[mutant.Kind+mutant.Change] {
			t.Errorf("%s is made twice", mutant.Change)
		}
		changes[mutant.Kind+mutant.Change] = true
	}
	for index, content := range before {
		if !reflect.DeepEqual(objects[index].Content, content) {
			t.Errorf("the original %d was changed", index)
		}
	}
}

func TestEveryFieldIsChangedBeforeAnyIsChangedTwice(t *testing.T) {
	objects := example(t)
	spots := spotsOf(objects)
	made := Generate(objects, len(objects)+len(spots), 3)
	changed := map[string]int{}
	for _, mutant := range made {
		if mutant.Change != Unchanged {
			changed[mutant.Kind+mutant.spot]++
		}
	}
	for _, spot := range spots {
		if changed[spot.kind+spot.path] != 1 {
			t.Errorf("%s %s is changed %d times", spot.kind, spot.path, changed[spot.kind+spot.path])
		}
	}
}

func TestFreeKeysAndForeignTreesAreNoFields(t *testing.T) {
	var paths []string
	for _, spot := range spotsOf(example(t)) {
		paths = append(paths, spot.path)
	}
	all := " " + strings.Join(paths, " ") + " "
	for _, path := range []string{".metadata.labels.*", ".spec.ports[].port", ".spec.selector.*", ".spec.values"} {
		if strings.Count(all, " "+path+" ") != 1 {
			t.Errorf("%s is not there once: %s", path, all)
		}
	}
	if strings.Contains(all, "anything") || strings.Contains(all, "labels.app") {
		t.Errorf("%s", all)
	}
}
