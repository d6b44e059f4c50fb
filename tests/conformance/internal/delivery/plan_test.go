package delivery

import "testing"

func TestUnitsFollowWhatTheyDependOn(t *testing.T) {
	ordered, err := inOrder([]unit{
		{name: "a", after: []string{"c"}},
		{name: "b", wave: 2},
		{name: "c", wave: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	for index, name := range []string{"b", "c", "a"} {
		if ordered[index].name != name {
			t.Errorf("%s stands at %d instead of %s", ordered[index].name, index, name)
		}
	}
}

func TestCirclesAndMissingUnitsAreRefused(t *testing.T) {
	for _, units := range [][]unit{
		{{name: "a", after: []string{"b"}}, {name: "b", after: []string{"a"}}},
		{{name: "a", after: []string{"nobody"}}},
	} {
		if _, err := inOrder(units); err == nil {
			t.Errorf("%v was ordered", units)
		}
	}
}
