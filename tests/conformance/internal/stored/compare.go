// Package stored compares what was sent to an API server with what it keeps.
package stored

import (
	"fmt"
	"reflect"
	"sort"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Difference is one field that the server does not keep as it was sent.
type Difference struct {
	Path string
	// What is one of the words below.
	What       What
	Sent, Kept any
}

// What happened to a field.
type What string

const (
	// Missing fields were sent and are not kept at all.
	Missing What = "missing"
	// Changed fields have another value.
	Changed What = "changed"
	// Normalised quantities are written otherwise and mean the same.
	Normalised What = "normalised"
	// Emptied fields held what their absence means too: an empty list, an empty map, null, false, 0 or no text.
	Emptied What = "empty, dropped"
)

func (difference Difference) String() string {
	return fmt.Sprintf("%s: %s: sent %v, kept %v", difference.Path, difference.What, difference.Sent, difference.Kept)
}

// Compare returns the differences of every field that was sent, in the order of their paths. What the server adds is its own.
func Compare(sent, kept any) []Difference {
	var found []Difference
	compare("", sent, kept, true, &found)
	return found
}

func compare(path string, sent, kept any, present bool, found *[]Difference) {
	if !present {
		what := Missing
		if isEmpty(sent) {
			what = Emptied
		}
		*found = append(*found, Difference{path, what, sent, "nothing"})
		return
	}
	switch sent := sent.(type) {
	case map[string]any:
		if kept, isMap := kept.(map[string]any); isMap {
			compareMaps(path, sent, kept, found)
			return
		}
	case []any:
		if kept, isList := kept.([]any); isList && len(kept) == len(sent) {
			for index := range sent {
				compare(fmt.Sprintf("%s[%d]", path, index), sent[index], kept[index], true, found)
			}
			return
		}
	}
	if !reflect.DeepEqual(sent, kept) {
		*found = append(*found, Difference{path, change(sent, kept), sent, kept})
	}
}

func compareMaps(path string, sent, kept map[string]any, found *[]Difference) {
	keys := make([]string, 0, len(sent))
	for key := range sent {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		value, present := kept[key]
		compare(path+"."+key, sent[key], value, present, found)
	}
}

func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case float64:
		return value == 0
	case string:
		return value == ""
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	}
	return false
}

func change(sent, kept any) What {
	one, oneErr := resource.ParseQuantity(fmt.Sprint(sent))
	other, otherErr := resource.ParseQuantity(fmt.Sprint(kept))
	if oneErr == nil && otherErr == nil && one.Cmp(other) == 0 {
		return Normalised
	}
	return Changed
}
