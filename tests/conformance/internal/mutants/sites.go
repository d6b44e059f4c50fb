package mutants

import (
	"fmt"
	"slices"
	"strings"
)

// site is one field or item: how to read it, to replace it and to take it away.
type site struct {
	// path has no positions and no free keys, so that equal changes to several items count as one.
	path string
	// parent is the key of the map or list that holds the site, with `[]` for an item.
	parent, key string
	// within names the structure that holds the site, structure the one that its value is.
	within, structure string
	value             any
	// fields is the map that holds a field, nil for an item of a list.
	fields map[string]any
	set    func(value any)
}

// freeKeys are the fields whose keys the author invents, so they are no fields of the kind.
var freeKeys = []string{
	"labels", "annotations", "matchLabels", "selector", "nodeSelector", "data", "stringData", "binaryData", "parameters", "hard",
	"limits", "requests", "capacity", "default", "defaultRequest", "min", "max", "maxLimitRequestRatio", "podSelector", "overhead",
	"volumeAttributes", "podFixed", "commonLabels", "customRequestHeaders", "customResponseHeaders",
}

// freeTrees are the fields that hold what some other program knows, such as the values of a chart.
var freeTrees = []string{"values", "valuesObject"}

// sitesOf lists every field and item except the words that say what the object is.
func sitesOf(content map[string]any) []site {
	kind := fmt.Sprintf("%v %v", content["apiVersion"], content["kind"])
	var sites []site
	add := func(site site, within string) {
		site.within, site.structure = structureOf(kind, within), structureOf(kind, site.path)
		sites = append(sites, site)
	}
	var visit func(path, name string, value any, set func(any))
	visit = func(path, name string, value any, set func(any)) {
		switch value := value.(type) {
		case map[string]any:
			for _, key := range sortedKeys(value) {
				if path == "" && (key == "apiVersion" || key == "kind") {
					continue
				}
				inner := path + "." + key
				if isFree(name, value) {
					inner = path + ".*"
				}
				replace := func(changed any) { value[key] = changed }
				add(site{path: inner, parent: name, key: key, value: value[key], fields: value, set: replace}, path)
				if _, isMap := value[key].(map[string]any); !isMap || !slices.Contains(freeTrees, key) {
					visit(inner, key, value[key], replace)
				}
			}
		case []any:
			for index := range value {
				replace := func(changed any) { value[index] = changed }
				add(site{path: path + "[]", parent: name, value: value[index], set: replace}, path)
				visit(path+"[]", name+"[]", value[index], replace)
			}
		}
	}
	visit("", "", content, nil)
	return sites
}

// structureOf names a structure: those near the root belong to the kind, those deeper down are shared by many kinds.
func structureOf(kind, path string) string {
	words := strings.Split(path, ".")
	if len(words) <= 2 {
		return kind + path
	}
	return strings.Join(words[len(words)-2:], ".")
}

// isFree says whether the keys of a map are the author's own. A selector or a default may also be a structure.
func isFree(name string, fields map[string]any) bool {
	if !slices.Contains(freeKeys, name) {
		return false
	}
	for _, value := range fields {
		switch value.(type) {
		case map[string]any, []any:
			return false
		}
	}
	return true
}

func sortedKeys(fields map[string]any) []string {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
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

// short is a value as the description of a change says it.
func short(value any) string {
	text := fmt.Sprintf("%v", value)
	if runes := []rune(text); len(runes) > 40 {
		text = fmt.Sprintf("%s… (%d)", string(runes[:40]), len(runes))
	}
	return strings.TrimPrefix(fmt.Sprintf("%T %q", value, text), "string ")
}
