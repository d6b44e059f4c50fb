// Package mutants breaks manifests in every way that people break them and asks a real server about each.
package mutants

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"formwork.example/conformance/internal/delivery"
)

// Mutant is a manifest with one thing changed.
type Mutant struct {
	// Source is the file that it was made of, Change what was done to it, such as `rename .spec.replicas to replica`.
	Source string         `json:"source"`
	Kind   string         `json:"kind"`
	Change string         `json:"change"`
	Object map[string]any `json:"object"`
	// original is the manifest before the change, spot the path of the field that was changed.
	original *delivery.Object
	spot     string
}

// spot is a field of a kind, with every object that has it.
type spot struct {
	kind, path string
	objects    []int
}

// Unchanged is the change of a manifest that must be accepted as it is.
const Unchanged = "nothing"

// Generate makes so many mutants, the same ones for the same seed and objects. Every field of every kind is changed once before
// any is changed twice; no change is made twice to the same field of a kind. Some manifests of each
// kind stand among them as they are.
func Generate(objects []delivery.Object, number int, seed uint64) []Mutant {
	return generate(objects, breaking, number, seed)
}

// GenerateUpdates makes mutants of stored objects: more of them would be right by themselves, and wrong only because of what was
// there before.
func GenerateUpdates(objects []delivery.Object, number int, seed uint64) []Mutant {
	return generate(objects, changing, number, seed)
}

func generate(objects []delivery.Object, operations []operation, number int, seed uint64) []Mutant {
	random := rand.New(rand.NewPCG(seed, 0))
	pool := newPool(objects)
	spots := spotsOf(objects)
	made := map[string]bool{}
	found := originals(objects)
	for len(spots) > 0 && len(found) < number {
		random.Shuffle(len(spots), func(one, other int) { spots[one], spots[other] = spots[other], spots[one] })
		var left []spot
		for _, spot := range spots {
			mutant, changed := spot.mutate(objects, operations, pool, made, random)
			if !changed {
				// Every change that this field allows was tried often enough.
				continue
			}
			left = append(left, spot)
			if found = append(found, mutant); len(found) == number {
				break
			}
		}
		spots = left
	}
	slices.SortStableFunc(found, func(one, other Mutant) int { return strings.Compare(one.Kind, other.Kind) })
	return found
}

// originals are a few manifests of each kind, unchanged.
func originals(objects []delivery.Object) []Mutant {
	seen := map[string]int{}
	var found []Mutant
	for index := range objects {
		object := &objects[index]
		kind := kindOf(*object)
		if seen[kind]++; seen[kind] > 12 {
			continue
		}
		found = append(found, Mutant{Source: object.Path, Kind: kind, Change: Unchanged, Object: object.Content, original: object})
	}
	return found
}

// spotsOf lists the fields of all kinds in a fixed order.
func spotsOf(objects []delivery.Object) []spot {
	places := map[[2]string]int{}
	var spots []spot
	for index, object := range objects {
		seen := map[string]bool{}
		for _, site := range sitesOf(object.Content) {
			if seen[site.path] {
				continue
			}
			seen[site.path] = true
			key := [2]string{kindOf(object), site.path}
			place, known := places[key]
			if !known {
				place = len(spots)
				places[key] = place
				spots = append(spots, spot{kind: key[0], path: key[1]})
			}
			spots[place].objects = append(spots[place].objects, index)
		}
	}
	return spots
}

// mutate makes a change to the field that was not made before, in one of its objects.
func (spot spot) mutate(
	objects []delivery.Object, operations []operation, pool pool, made map[string]bool, random *rand.Rand,
) (Mutant, bool) {
	for range 12 {
		original := &objects[spot.objects[random.IntN(len(spot.objects))]]
		content := deepCopy(original.Content).(map[string]any)
		sites := slices.DeleteFunc(sitesOf(content), func(site site) bool { return site.path != spot.path })
		site := sites[random.IntN(len(sites))]
		change := operations[random.IntN(len(operations))](site, pool, random)
		if change == "" || made[spot.kind+" "+change] || reflect.DeepEqual(content, original.Content) {
			continue
		}
		made[spot.kind+" "+change] = true
		return Mutant{original.Path, spot.kind, change, content, original, spot.path}, true
	}
	return Mutant{}, false
}

func kindOf(object delivery.Object) string {
	return object.Address.APIVersion + " " + object.Address.Kind
}
