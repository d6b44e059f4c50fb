package mutants

import (
	"encoding/json"
	"math/rand/v2"

	"formwork.example/conformance/internal/delivery"
)

// pool is what authors write: which fields stand in which structure, and which values under which key.
type pool struct {
	// members are the fields seen in a structure, by the structure's name.
	members map[string][]member
	values  map[string][]any
}

// member is a field with one of its values.
type member struct {
	key   string
	value any
}

func newPool(objects []delivery.Object) pool {
	seen := map[string]bool{}
	made := pool{members: map[string][]member{}, values: map[string][]any{}}
	for _, object := range objects {
		for _, site := range sitesOf(object.Content) {
			text, err := json.Marshal(site.value)
			if err != nil || site.fields == nil || isFree(site.parent, site.fields) {
				continue
			}
			if id := "member " + site.within + " " + site.key; !seen[id+string(text)] && len(made.members[site.within]) < 400 {
				seen[id+string(text)] = true
				made.members[site.within] = append(made.members[site.within], member{site.key, deepCopy(site.value)})
			}
			if id := "value " + site.key; !seen[id+string(text)] && len(made.values[site.key]) < 200 {
				seen[id+string(text)] = true
				made.values[site.key] = append(made.values[site.key], deepCopy(site.value))
			}
		}
	}
	return made
}

// sibling returns a field that such a structure may have elsewhere and this one has not.
func (pool pool) sibling(structure string, fields map[string]any, random *rand.Rand) (member, bool) {
	var missing []member
	for _, member := range pool.members[structure] {
		if _, taken := fields[member.key]; !taken {
			missing = append(missing, member)
		}
	}
	if len(missing) == 0 {
		return member{}, false
	}
	// Rare fields are as likely as common ones.
	keys := map[string]bool{}
	var names []string
	for _, member := range missing {
		if !keys[member.key] {
			keys[member.key] = true
			names = append(names, member.key)
		}
	}
	key := names[random.IntN(len(names))]
	var values []member
	for _, member := range missing {
		if member.key == key {
			values = append(values, member)
		}
	}
	chosen := values[random.IntN(len(values))]
	return member{chosen.key, deepCopy(chosen.value)}, true
}

// other returns a value that stands under the same key elsewhere.
func (pool pool) other(key string, random *rand.Rand) (any, bool) {
	values := pool.values[key]
	if len(values) == 0 {
		return nil, false
	}
	return deepCopy(values[random.IntN(len(values))]), true
}
