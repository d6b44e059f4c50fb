package mutants

import (
	"testing"
)

func TestMessagesOfOneRuleBecomeOne(t *testing.T) {
	for _, pair := range [][4]string{
		{
			"apps/v1 Deployment", `Deployment.apps "web" is invalid: spec.template.spec.containers[0].ports[1].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive`,
			"v1 Pod", `Pod "web-1" is invalid: spec.containers[2].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive`,
		},
		{
			"v1 Service", `Service "a" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: Required value]`,
			"v1 Service", `Service "b" is invalid: [spec.ports[3].name: Required value, spec.selector: Invalid value: "x": no]`,
		},
		{
			"keda.sh/v1alpha1 ScaledObject", `ScaledObject.keda.sh "web" is invalid: spec.fallback: Invalid value: "null": spec.fallback in body must be of type object: "null"`,
			"postgresql.cnpg.io/v1 Cluster", `Cluster.postgresql.cnpg.io "db" is invalid: spec.backup: Invalid value: "null": spec.backup in body must be of type object: "null"`,
		},
	} {
		one, other := normalise(pair[0], pair[1]), normalise(pair[2], pair[3])
		if one != other {
			t.Errorf("%q and %q differ", one, other)
		}
	}
}

func TestGroupsHaveTheLargestFirst(t *testing.T) {
	found := []Disagreement{
		{Direction: TooLax, Kind: "v1 Pod", Message: "one"},
		{Direction: TooLax, Kind: "v1 Pod", Message: `two "a"`},
		{Direction: TooLax, Kind: "v1 Service", Message: `two "b"`},
		{Direction: TooStrict, Kind: "v1 Service", Message: `two "b"`},
	}
	groups := GroupAll(found)
	if len(groups) != 3 || len(groups[0].Members) != 2 || len(groups[0].Kinds) != 2 {
		t.Errorf("%v", groups)
	}
}

func TestAnExcuseThatNothingNeedsIsReturned(t *testing.T) {
	entries := []Excuse{
		{TooLax, "apps/v1 *", "", `^spec\.x`, "not yet"},
		{TooLax, "v1 Pod", "", `^spec\.y`, "mended since"},
	}
	found := []Disagreement{
		{Direction: TooLax, Kind: "apps/v1 Deployment", Message: "spec.x: Required value"},
		{Direction: TooStrict, Kind: "apps/v1 Deployment", Message: "spec.x: Required value"},
	}
	open, excused, unused := excuse(found, entries)
	if excused != 1 || len(open) != 1 || open[0].Direction != TooStrict {
		t.Errorf("%d excused, open: %v", excused, open)
	}
	if len(unused) != 1 || unused[0].Kind != "v1 Pod" {
		t.Errorf("unused: %v", unused)
	}
}
