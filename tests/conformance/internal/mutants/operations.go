package mutants

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// An operation changes the object at a site and says what it did; it says nothing where it does not apply.
type operation func(site site, random *rand.Rand) string

// Values out of range are the largest class of mistakes, so they stand here more than once.
var operations = []operation{drop, rename, retype, outOfRange, outOfRange, outOfRange, duplicate, dangle, add}

func drop(site site, _ *rand.Rand) string {
	if site.fields == nil {
		return ""
	}
	delete(site.fields, site.key)
	return "drop " + site.path
}

func rename(site site, random *rand.Rand) string {
	if site.fields == nil || len(site.key) < 2 {
		return ""
	}
	first := []rune(site.key)[0]
	names := []string{
		string(unicode.ToUpper(first)) + site.key[1:],
		strings.ToLower(site.key),
		site.key[:len(site.key)-1],
		site.key + "s",
	}
	name := names[random.IntN(len(names))]
	if _, taken := site.fields[name]; taken {
		return ""
	}
	delete(site.fields, site.key)
	site.fields[name] = site.value
	return "rename " + site.path + " to " + name
}

func retype(site site, random *rand.Rand) string {
	values := []any{"text", 7.0, true, map[string]any{"key": "text"}, []any{"text"}, nil}
	value := values[random.IntN(len(values))]
	if fmt.Sprintf("%T", value) == fmt.Sprintf("%T", site.value) {
		return ""
	}
	site.set(value)
	return "retype " + site.path + " to " + short(value)
}

func outOfRange(site site, random *rand.Rand) string {
	var values []any
	switch value := site.value.(type) {
	case float64:
		values = []any{-1.0, 0.0, 1.0, 1.5, 65536.0, 2147483648.0, 9007199254740993.0, value + 1}
	case string:
		values = []any{
			"", "a", value + "!", strings.ToUpper(value), strings.Repeat("a", 64), strings.Repeat("a", 254), "a b", "-a", "a.b", "ä",
			"1", "-1", "0", "10Zi", "1.5", "100%", "5x", "1h", "* * * * *", "Always", "https://example.org", "a/b", "10.0.0.0/33",
		}
	case []any:
		values = []any{[]any{}}
	case map[string]any:
		values = []any{map[string]any{}}
	case bool:
		values = []any{!value}
	}
	if len(values) == 0 {
		return ""
	}
	value := values[random.IntN(len(values))]
	site.set(value)
	return "set " + site.path + " to " + short(value)
}

func duplicate(site site, _ *rand.Rand) string {
	items, isList := site.value.([]any)
	if !isList || len(items) == 0 {
		return ""
	}
	site.set(append(deepCopy(items).([]any), deepCopy(items[0])))
	return "duplicate an item of " + site.path
}

// dangle makes a reference point at nothing. The server accepts nearly all of them; the references of the whole output are ours.
func dangle(site site, _ *rand.Rand) string {
	if site.path == ".metadata.name" {
		return ""
	}
	switch site.key {
	case "name", "secretName", "serviceAccountName", "claimName", "priorityClassName", "storageClassName", "key", "containerName",
		"targetPort", "port", "namespace":
	default:
		return ""
	}
	if _, isText := site.value.(string); !isText {
		return ""
	}
	site.set("missing")
	return "dangle " + site.path
}

func add(site site, random *rand.Rand) string {
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
