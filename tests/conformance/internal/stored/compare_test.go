package stored

import "testing"

func TestCompareNamesEveryKindOfDifference(t *testing.T) {
	sent := map[string]any{
		"same":    "text",
		"pruned":  "text",
		"changed": []any{map[string]any{"inner": "one"}},
		"memory":  "1024Mi",
		"empty":   []any{},
		"off":     false,
		"longer":  []any{"one"},
	}
	kept := map[string]any{
		"same":    "text",
		"changed": []any{map[string]any{"inner": "other"}},
		"memory":  "1Gi",
		"longer":  []any{"one", "other"},
		"default": "added by the server",
	}
	expected := map[string]What{
		".pruned":           Missing,
		".changed[0].inner": Changed,
		".memory":           Normalised,
		".empty":            Emptied,
		".off":              Emptied,
		".longer":           Changed,
	}
	found := Compare(sent, kept)
	if len(found) != len(expected) {
		t.Fatalf("%d differences instead of %d: %v", len(found), len(expected), found)
	}
	for _, difference := range found {
		if expected[difference.Path] != difference.What {
			t.Errorf("%s, expected %s", difference, expected[difference.Path])
		}
	}
}
