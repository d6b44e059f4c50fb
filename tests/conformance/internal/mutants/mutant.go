// Package mutants breaks emitted manifests in every way that people break them and asks a real server about each.
package mutants

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
)

// Mutant is a manifest with one thing changed.
type Mutant struct {
	// Source is the file that it was made of, Change what was done to it, such as `rename .spec.replicas to .spec.replica`.
	Source string         `json:"source"`
	Kind   string         `json:"kind"`
	Change string         `json:"change"`
	Object map[string]any `json:"object"`
	// address is where the unchanged manifest lives.
	address client.Object
}

// Generate makes up to so many mutants of every kind. The same seed and tree give the same mutants; no change is made twice to
// the same field of a kind, so that a few hundred mutants reach most fields.
func Generate(objects []delivery.Object, each int, seed uint64) []Mutant {
	groups := map[string][]delivery.Object{}
	var kinds []string
	for _, object := range objects {
		kind := object.Address.APIVersion + " " + object.Address.Kind
		if groups[kind] == nil {
			kinds = append(kinds, kind)
		}
		groups[kind] = append(groups[kind], object)
	}
	slices.Sort(kinds)
	var found []Mutant
	for index, kind := range kinds {
		random := rand.New(rand.NewPCG(seed, uint64(index)))
		found = append(found, ofKind(kind, groups[kind], each, random)...)
	}
	return found
}

func ofKind(kind string, objects []delivery.Object, each int, random *rand.Rand) []Mutant {
	var found []Mutant
	made := map[string]bool{}
	// A kind of few fields runs out of changes before it has its number.
	for range each * 20 {
		if len(found) == each {
			break
		}
		original := objects[random.IntN(len(objects))]
		content := deepCopy(original.Content).(map[string]any)
		sites := sitesOf(content)
		site := sites[random.IntN(len(sites))]
		operation := operations[random.IntN(len(operations))]
		change := operation(site, random)
		if change == "" || made[change] || reflect.DeepEqual(content, original.Content) {
			continue
		}
		made[change] = true
		found = append(found, Mutant{
			Source: original.Path, Kind: kind, Change: change, Object: content, address: original.Address,
		})
	}
	return found
}

// site is one field or item: how to read it, to replace it and to take it away.
type site struct {
	// path has no positions, so that equal changes to several items count as one.
	path  string
	key   string
	value any
	// fields is the map that holds a field; items and set are for an item of a list.
	fields map[string]any
	set    func(value any)
}

// sitesOf lists every field and item except the words that say what the object is.
func sitesOf(content map[string]any) []site {
	var sites []site
	var visit func(path string, value any, set func(any))
	visit = func(path string, value any, set func(any)) {
		switch value := value.(type) {
		case map[string]any:
			keys := make([]string, 0, len(value))
			for key := range value {
				keys = append(keys, key)
			}
			slices.Sort(keys)
			for _, key := range keys {
				inner := path + "." + key
				if inner == ".apiVersion" || inner == ".kind" {
					continue
				}
				replace := func(changed any) { value[key] = changed }
				sites = append(sites, site{path: inner, key: key, value: value[key], fields: value, set: replace})
				visit(inner, value[key], replace)
			}
		case []any:
			for index := range value {
				replace := func(changed any) { value[index] = changed }
				sites = append(sites, site{path: path + "[]", value: value[index], set: replace})
				visit(path+"[]", value[index], replace)
			}
		}
	}
	visit("", content, nil)
	return sites
}

func deepCopy(value any) any {
	switch value := value.(type) {
	case map[string]any:
		fields := make(map[string]any, len(value))
		for key, inner := range value {
			fields[key] = deepCopy(inner)
		}
		return fields
	case []any:
		items := make([]any, len(value))
		for index, inner := range value {
			items[index] = deepCopy(inner)
		}
		return items
	}
	return value
}

func short(value any) string {
	text := fmt.Sprintf("%v", value)
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return fmt.Sprintf("%T %q", value, text)
}
