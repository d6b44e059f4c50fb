package mutants

import (
	"fmt"
	"path"
	"regexp"
)

// An Excuse is a disagreement that is known and not mended yet. Anything else fails the suite, and so does an entry that nothing
// needs any more.
type Excuse struct {
	Direction string
	// Kind is a pattern such as `apps/v1 *`, Message a part of what the refusing side says.
	Kind    string
	Message *regexp.Regexp
	Reason  string
}

func (excuse Excuse) String() string {
	return fmt.Sprintf("%s, %s, %s (%s)", excuse.Direction, excuse.Kind, excuse.Message, excuse.Reason)
}

var known = []Excuse{}

func (excuse Excuse) covers(disagreement Disagreement) bool {
	matches, err := path.Match(excuse.Kind, disagreement.Kind)
	return err == nil && matches && excuse.Direction == disagreement.Direction && excuse.Message.MatchString(disagreement.Message)
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
