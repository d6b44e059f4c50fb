package mutants

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// An Excuse is a disagreement that is known and not mended yet. Anything else fails the suite, and so does an entry that nothing
// needs any more.
type Excuse struct {
	// Direction is how the judges disagree; TooLax also means updates and applies.
	Direction string
	// Kind is a pattern such as `apps/v1 *`, or empty for all. Change is a part of what was done to the manifest, Message a part of
	// what the refusing side says.
	Kind, Change string
	Message      string
	Reason       string
}

func (excuse Excuse) String() string {
	return fmt.Sprintf("%s, %q, %q, %q (%s)", excuse.Direction, excuse.Kind, excuse.Change, excuse.Message, excuse.Reason)
}

var known = []Excuse{
	{TooLax, "*/* *", `\.metadata`, `name or generateName is required|ObjectMeta|unknown field`,
		"in a folder, what has no name and is of no built-in kind may be the settings of a program, and is passed over"},
	{TooLax, "admissionregistration.k8s.io/v1 *", "", `xpression: Invalid value`,
		"expressions of other people's admission policies and webhooks are not compiled, only those of --policies"},
	{TooLax, "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy", "", `spec\.paramKind\.`,
		"the kind of parameters is not judged, because only --policies look for it"},
	{TooLax, "apiextensions.k8s.io/v1 *", "", `\.default: |JSONPath|ReplicasPath|storedVersions|JSONSchemaProps`,
		"the schema inside a definition is judged in part: neither defaults nor paths nor what the server stored before"},
	{TooLax, "", `\[\](\.[a-zA-Z.\[\]]+)? to null$|append to .* <nil>`, `.`,
		"null in a list is the zero of its type to the server; rules about texts pass over it"},
	{TooLax, "v1 ServiceAccount", "", `associative list with keys`,
		"the keys of lists that only server-side apply has are not asked for"},
	{TooLax, "autoscaling/v* *", "", `must specify API group`,
		"the group is asked for from 1.35 on; the server that emulates 1.34 is of newer code"},
	{TooLax, "v1 Pod", "", `unsupported pod version`,
		"the version of a field's path is not judged, since everybody leaves it out"},
	{TooLax, "v1 Pod", `namespaceSelector`, `pod updates may not change fields`,
		"an empty selector and none are taken to be the same"},
	{TooLax, "v1 PersistentVolumeClaim", `requests`, `spec is immutable`,
		"a claim is taken to be bound, and only then it may grow"},
	{TooLaxUpdate, "v1 PersistentVolumeClaim", `spec\.dataSource\.`, `must match dataSourceRef`,
		"a source of an unknown kind is dropped by a create, and looks like one that was left out"},
	{TooLaxUpdate, "*/* *", `: (drop|empty) `, `Required value$|must be of type object`,
		"server-side apply takes the last field of an object away together with the object, which is seen in part"},
	{TooStrict, "v1 Secret", `stringData`, `immutable-config: `,
		"what was written as stringData is data since, and stays when stringData is left out"},
	{TooStrict, "v1 Pod", `volumes\[\]\.image`, `/spec/volumes`,
		"up to 1.34 the server drops volumes of images unless a feature gate is set, which we do not know"},
	{TooStrict, "v1 Pod", `spec\.resources`, `immutable-pod-field: /spec/resources`,
		"the server fills in what a Pod as a whole asks for from its containers"},
}

func (excuse Excuse) covers(disagreement Disagreement) bool {
	matches, err := path.Match(excuse.Kind, disagreement.Kind)
	return (excuse.Kind == "" || err == nil && matches) && strings.HasPrefix(disagreement.Direction, excuse.Direction) &&
		regexp.MustCompile(excuse.Change).MatchString(disagreement.Example) &&
		regexp.MustCompile(excuse.Message).MatchString(disagreement.Message)
}

// excuse returns what no entry covers, how many disagreements were covered, and the entries that cover nothing.
func excuse(found []Disagreement, entries []Excuse) ([]Disagreement, int, []Excuse) {
	used := make([]bool, len(entries))
	var open []Disagreement
	for _, disagreement := range found {
		covered := false
		for index, entry := range entries {
			if entry.covers(disagreement) {
				used[index], covered = true, true
			}
		}
		if !covered {
			open = append(open, disagreement)
		}
	}
	var unused []Excuse
	for index, entry := range entries {
		if !used[index] {
			unused = append(unused, entry)
		}
	}
	return open, len(found) - len(open), unused
}
