package mutants

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

func dropItem(site site, _ pool, random *rand.Rand) string {
	items, isList := site.value.([]any)
	if !isList || len(items) == 0 {
		return ""
	}
	index := random.IntN(len(items))
	site.set(slices.Delete(slices.Clone(items), index, index+1))
	return fmt.Sprintf("drop item %d of %s", index, site.path)
}

func duplicate(site site, _ pool, _ *rand.Rand) string {
	items, isList := site.value.([]any)
	if !isList || len(items) == 0 {
		return ""
	}
	site.set(append(deepCopy(items).([]any), deepCopy(items[0])))
	return "duplicate an item of " + site.path
}

// duplicateKey gives one item of a list the name, or another word, of another.
func duplicateKey(site site, _ pool, random *rand.Rand) string {
	items, isList := site.value.([]any)
	if !isList || len(items) == 0 {
		return ""
	}
	first, isMap := items[0].(map[string]any)
	if !isMap || len(first) == 0 {
		return ""
	}
	keys := sortedKeys(first)
	key := keys[random.IntN(len(keys))]
	changed := deepCopy(items).([]any)
	if len(items) == 1 {
		changed = append(changed, deepCopy(first))
		for _, name := range []string{"name", "mountPath", "key", "path", "port", "containerPort"} {
			if text, isText := first[name].(string); isText && name != key {
				changed[1].(map[string]any)[name] = text + "x"
			}
		}
	} else if other, isMap := changed[1].(map[string]any); isMap {
		other[key] = deepCopy(first[key])
	}
	site.set(changed)
	return "give two items of " + site.path + " one " + key
}

func appendEmpty(site site, _ pool, random *rand.Rand) string {
	items, isList := site.value.([]any)
	if !isList {
		return ""
	}
	values := []any{map[string]any{}, "", nil}
	if len(items) > 0 {
		if _, isMap := items[0].(map[string]any); isMap {
			values = values[:1]
		}
	}
	value := values[random.IntN(len(values))]
	site.set(append(deepCopy(items).([]any), value))
	return "append to " + site.path + " " + short(value)
}

func clearItems(site site, _ pool, _ *rand.Rand) string {
	switch site.value.(type) {
	case []any:
		site.set([]any{})
	case map[string]any:
		site.set(map[string]any{})
	default:
		return ""
	}
	return "empty " + site.path
}

// addSibling adds a field that such a structure has elsewhere, often the other member of a union.
func addSibling(site site, pool pool, random *rand.Rand) string {
	fields, isMap := site.value.(map[string]any)
	if !isMap || isFree(site.key, fields) {
		return ""
	}
	member, found := pool.sibling(site.structure, fields, random)
	if !found {
		return ""
	}
	fields[member.key] = member.value
	return "add " + site.path + "." + member.key + " " + short(member.value)
}

func addUnknown(site site, _ pool, random *rand.Rand) string {
	fields, isMap := site.value.(map[string]any)
	if !isMap {
		return ""
	}
	names := []string{"extra", "name", "namespace", "replicas", "status", "x-extra", "type"}
	name := names[random.IntN(len(names))]
	if _, taken := fields[name]; taken {
		return ""
	}
	fields[name] = "text"
	return "add " + site.path + "." + name
}
