package mutants

import (
	"math/rand/v2"
	"strings"
)

// wrongKeys break the keys of labels, data and resources, or only just keep them.
var wrongKeys = []string{
	"", " ", "a b", "-a", "a-", "a/b/c", "/a", "a/", "A/b", "Example.org/a", "example.org/", "example.org/a b", strings.Repeat("a", 63),
	strings.Repeat("a", 64), strings.Repeat("a", 253) + "/a", strings.Repeat("a", 254) + "/a", "a_b", "a.b", "a:b", "..", ".", "..a", "ä",
	"example.org/" + strings.Repeat("a", 64), "cpu", "memory", "pods", "requests.cpu", "count/pods", "a=b", "kubernetes.io/a",
	"hugepages-2Mi", "nvidia.com/gpu", "storage", "ephemeral-storage", "limits.memory", "requests.storage", "services.nodeports",
}

// wrongKey renames an entry of a map whose keys are free.
func wrongKey(site site, _ pool, random *rand.Rand) string {
	if site.fields == nil || !isFree(site.parent, site.fields) {
		return ""
	}
	return renameTo(site, wrongKeys[random.IntN(len(wrongKeys))])
}

// addPair adds an entry to a map whose keys are free.
func addPair(site site, _ pool, random *rand.Rand) string {
	fields, isMap := site.value.(map[string]any)
	if !isMap || !isFree(site.key, fields) {
		return ""
	}
	key := wrongKeys[random.IntN(len(wrongKeys))]
	if _, taken := fields[key]; taken {
		return ""
	}
	value := any(nameTexts[random.IntN(len(nameTexts))])
	if random.IntN(4) == 0 {
		value = []any{1.0, true, nil, "YQ=="}[random.IntN(4)]
	}
	fields[key] = value
	return "add " + site.path + " " + short(key) + " " + short(value)
}
