package mutants

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

// An operation changes the object at a site and says what it did; it says nothing where it does not apply.
type operation func(site site, pool pool, random *rand.Rand) string

// Wrong values are the largest class of mistakes, so they stand in breaking more than once.
var breaking = []operation{
	drop, drop, rename, retype, nullify, wrongValue, wrongValue, wrongValue, wrongValue, wrongValue, wrongValue, otherValue, swap,
	duplicate, duplicateKey, appendEmpty, clearItems, addSibling, addSibling, addUnknown, wrongKey, wrongKey, addPair,
}

// changing are what people do to what is there.
var changing = []operation{
	drop, drop, change, change, change, change, wrongValue, otherValue, otherValue, swap, duplicateKey, dropItem, clearItems, addSibling,
	addSibling, addPair,
}

func drop(site site, _ pool, _ *rand.Rand) string {
	if site.fields == nil {
		return ""
	}
	delete(site.fields, site.key)
	return "drop " + site.path
}

func rename(site site, _ pool, random *rand.Rand) string {
	if site.fields == nil || len(site.key) < 2 {
		return ""
	}
	first := []rune(site.key)[0]
	names := []string{
		string(unicode.ToUpper(first)) + site.key[1:],
		strings.ToLower(site.key),
		site.key[:len(site.key)-1],
		site.key + "s",
		strings.ToUpper(site.key),
	}
	return renameTo(site, names[random.IntN(len(names))])
}

func renameTo(site site, name string) string {
	if _, taken := site.fields[name]; taken {
		return ""
	}
	delete(site.fields, site.key)
	site.fields[name] = site.value
	return "rename " + site.path + " to " + short(name)
}

func retype(site site, _ pool, random *rand.Rand) string {
	values := []any{"text", 7.0, true, map[string]any{"key": "text"}, []any{"text"}, "7", "true", []any{map[string]any{}}}
	if site.fields != nil {
		values = append(values, []any{deepCopy(site.value)})
	}
	value := values[random.IntN(len(values))]
	if fmt.Sprintf("%T", value) == fmt.Sprintf("%T", site.value) && fmt.Sprintf("%T", value) != "[]interface {}" {
		return ""
	}
	site.set(value)
	return "retype " + site.path + " to " + short(value)
}

func nullify(site site, _ pool, _ *rand.Rand) string {
	site.set(nil)
	return "set " + site.path + " to null"
}

// otherValue puts what stands under the same key elsewhere, which is right in itself and wrong here.
func otherValue(site site, pool pool, random *rand.Rand) string {
	value, found := pool.other(site.key, random)
	if !found || reflect.DeepEqual(value, site.value) {
		return ""
	}
	site.set(value)
	return "set " + site.path + " to another's " + short(value)
}

// swap exchanges the values of two fields of one structure.
func swap(site site, _ pool, random *rand.Rand) string {
	if site.fields == nil || len(site.fields) < 2 || isFree(site.parent, site.fields) {
		return ""
	}
	keys := sortedKeys(site.fields)
	other := keys[random.IntN(len(keys))]
	if other == "apiVersion" || other == "kind" || reflect.DeepEqual(site.value, site.fields[other]) {
		return ""
	}
	if fmt.Sprintf("%T", site.fields[other]) != fmt.Sprintf("%T", site.value) {
		return ""
	}
	site.fields[site.key], site.fields[other] = site.fields[other], site.value
	return "swap " + site.path + " and " + other
}

// change puts another value that is as likely to be right: a neighbouring number, a longer name, another amount.
func change(site site, _ pool, random *rand.Rand) string {
	var values []any
	switch value := site.value.(type) {
	case float64:
		values = []any{value + 1, value - 1, value * 2}
	case bool:
		values = []any{!value}
	case string:
		values = []any{value + "-2", "other", "a" + value}
		if amount := amounts.FindStringSubmatch(value); amount != nil {
			values = []any{"1" + value, "3" + amount[2], "0.5" + amount[2]}
		}
	}
	if len(values) == 0 {
		return ""
	}
	value := values[random.IntN(len(values))]
	site.set(value)
	return "change " + site.path + " to " + short(value)
}

var amounts = regexp.MustCompile(`^([0-9.]+)([A-Za-z%]*)$`)
