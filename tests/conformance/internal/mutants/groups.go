package mutants

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Group is what disagreements have in common that are mended by one change.
type Group struct {
	Direction, Message string
	Kinds              []string
	Members            []Disagreement
}

// replacements take out of a message what differs from object to object, in this order.
var replacements = []struct {
	pattern *regexp.Regexp
	by      string
}{
	// Some messages go on with a listing of the whole object.
	{regexp.MustCompile(`(?s)\n.*`), ""},
	{regexp.MustCompile(`"(?:[^"\\]|\\.)*"`), "…"},
	{regexp.MustCompile("`[^`]*`"), "…"},
	{regexp.MustCompile(`^\S+ (…|"") is invalid: `), ""},
	{regexp.MustCompile(`^\S+ in version … cannot be handled as a \S+: `), ""},
	// Of several complaints the first is enough to tell groups apart.
	{regexp.MustCompile(`^\[(.*?)(, [a-zA-Z<][^ ]*: (Required|Invalid|Forbidden|Unsupported|Duplicate|Too|Not|Internal).*)\]$`), "$1 (and more)"},
	{regexp.MustCompile(`\[[^\]\[ ]*\]|/[0-9]+`), "[]"},
	{regexp.MustCompile(`\S+: Invalid value: …: \S+ in body `), "… in body "},
	{regexp.MustCompile(`Invalid value: .*?: `), "Invalid value: …: "},
	// What is said of Pods is the same for all kinds that hold templates of them.
	{regexp.MustCompile(`(spec\.)?(jobTemplate\.spec\.)?template\.(spec|metadata)\.`), "POD.$3."},
	{regexp.MustCompile(`POD\.spec\.(initContainers|containers)`), "POD.containers"},
	{regexp.MustCompile(`-?\b[0-9][0-9.]*(e\+?[0-9]+)?\b`), "N"},
	{regexp.MustCompile(`…((, | or |, and )…)+`), "…"},
}

var podFields = regexp.MustCompile(`((?:invalid: |^|\[|, ))(spec|metadata)\.`)

// normalise takes out of a message about an object of the kind what differs from object to object.
func normalise(kind, message string) string {
	if kind == "v1 Pod" {
		message = podFields.ReplaceAllString(message, "${1}template.$2.")
	}
	for _, replacement := range replacements {
		message = replacement.pattern.ReplaceAllString(message, replacement.by)
	}
	if runes := []rune(message); len(runes) > 300 {
		message = string(runes[:300]) + "…"
	}
	return strings.Join(strings.Fields(message), " ")
}

// GroupAll groups disagreements by direction and normalised message, the largest group first.
func GroupAll(disagreements []Disagreement) []Group {
	places := map[[2]string]int{}
	var groups []Group
	for _, disagreement := range disagreements {
		key := [2]string{disagreement.Direction, normalise(disagreement.Kind, disagreement.Message)}
		place, known := places[key]
		if !known {
			place = len(groups)
			places[key] = place
			groups = append(groups, Group{Direction: key[0], Message: key[1]})
		}
		group := &groups[place]
		group.Members = append(group.Members, disagreement)
		if !slices.Contains(group.Kinds, disagreement.Kind) {
			group.Kinds = append(group.Kinds, disagreement.Kind)
		}
	}
	slices.SortStableFunc(groups, func(one, other Group) int {
		if len(one.Members) != len(other.Members) {
			return len(other.Members) - len(one.Members)
		}
		return strings.Compare(one.Direction+one.Message, other.Direction+other.Message)
	})
	return groups
}

// String is one line with the first member as an example.
func (group Group) String() string {
	first := group.Members[0]
	kinds := strings.Join(group.Kinds, ", ")
	return fmt.Sprintf("%s | %d times | %s | %s | %s | %s", group.Direction, len(group.Members), kinds, group.Message, first.Example, first.File)
}

// writeGroups writes one line a group.
func writeGroups(path string, groups []Group) error {
	var lines strings.Builder
	for _, group := range groups {
		fmt.Fprintln(&lines, group)
	}
	return os.WriteFile(path, []byte(lines.String()), 0o600)
}
