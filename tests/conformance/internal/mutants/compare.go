package mutants

import (
	"fmt"
	"path/filepath"

	"formwork.example/conformance/internal/report"
)

// The ways in which two judges of one manifest can disagree.
const (
	// TooLax is accepted by us and refused by the server.
	TooLax = "we accept, the server refuses"
	// TooLaxUpdate is accepted by us and refused by the server, over what it holds.
	TooLaxUpdate = "we accept, the server refuses the update"
	// TooLaxForApply is accepted by us and by a create, and refused by the server-side apply by which everything is delivered.
	TooLaxForApply = "we accept, the server refuses to apply"
	// TooStrict is refused by us and accepted by the server.
	TooStrict = "we refuse, the server accepts"
)

// printed is how many groups of disagreements are printed; the files have them all.
const printed = 40

// Disagreement is one mutant that formwork and a server judge differently.
type Disagreement struct {
	Direction, Version, Kind, Message string
	// Example says which mutant it is.
	Example, File string
}

// Comparison collects what all servers and formwork say.
type Comparison struct {
	// Formwork is the program that is compared, nil where there is none.
	Formwork *Formwork
	verdicts []Verdict
	found    []Disagreement
}

// Add takes a server's verdicts, has formwork judge the same mutants and keeps where the two disagree.
func (comparison *Comparison) Add(version string, verdicts []Verdict, result *report.Report) error {
	if len(verdicts) == 0 {
		return nil
	}
	what := "creates"
	if verdicts[0].Update {
		what = "updates"
	}
	for _, verdict := range verdicts {
		switch {
		case verdict.Applied:
			result.Count(what+" accepted", 1)
		case verdict.Accepted && !verdict.Update:
			result.Count(what+" refused only by server-side apply", 1)
		default:
			result.Count(what+" refused", 1)
		}
	}
	if comparison.Formwork != nil {
		if err := comparison.Formwork.judge(what, version, verdicts); err != nil {
			return err
		}
		for index := range verdicts {
			comparison.hold(&verdicts[index], result)
		}
	}
	comparison.verdicts = append(comparison.verdicts, verdicts...)
	return nil
}

// hold compares the verdicts on one mutant.
func (comparison *Comparison) hold(verdict *Verdict, result *report.Report) {
	result.Count("compared", 1)
	if len(verdict.Ours.Elsewhere) > 0 {
		result.Count("with findings that no server looks at, which are left out", 1)
	}
	direction, message := verdict.compare(result)
	if direction == "" {
		return
	}
	verdict.Disagreement = direction
	comparison.found = append(comparison.found, Disagreement{
		Direction: direction, Version: verdict.Version, Kind: verdict.Kind, Message: message,
		Example: verdict.Source + ": " + verdict.Change, File: verdict.File,
	})
}

// compare says in which direction the judges disagree and in whose words; nothing when they agree or need not.
func (verdict *Verdict) compare(result *report.Report) (string, string) {
	ours, direction, message := verdict.Ours, "", ""
	switch {
	case !verdict.Update && !verdict.Accepted:
		direction, message = TooLax, verdict.Message
	case verdict.Update && !verdict.Applied:
		direction, message = TooLaxUpdate, verdict.ApplyMessage
	case !verdict.Applied && verdict.ApplyMessage != notTried:
		direction, message = TooLaxForApply, verdict.ApplyMessage
	}
	switch {
	case ours.Accepted && direction != "" && isAboutOthers(message):
		result.Count("refused because of what else the server holds", 1)
		return "", ""
	case ours.Accepted:
		return direction, message
	case verdict.Accepted && verdict.Applied && ours.isStricter():
		result.Count("refused by us alone on purpose", 1)
	case verdict.Accepted && verdict.Applied:
		first := ours.Findings[0]
		return TooStrict, fmt.Sprintf("%s: %s: %s", first.Code, first.Field, first.Message)
	}
	return "", ""
}

// Finish reports the disagreements and writes the files with all verdicts and all groups of disagreements.
func (comparison *Comparison) Finish(work string, result *report.Report) error {
	path := filepath.Join(work, "mutants.jsonl")
	result.Note("verdicts are in %s, groups of disagreements in disagreements.txt beside it", path)
	if err := Write(path, comparison.verdicts); err != nil {
		return err
	}
	if comparison.Formwork == nil {
		result.Note("formwork itself was not asked, because no program was given")
		return nil
	}
	open, excused, unused := excuse(comparison.found, known)
	for _, entry := range unused {
		result.Find("known.go: nothing disagrees like this any more: %s", entry)
	}
	result.Count("mutants compared", len(comparison.verdicts))
	result.Count("known disagreements", excused)
	result.Count("disagreements", len(open))
	groups := GroupAll(open)
	result.Count("groups of them", len(groups))
	for index, group := range groups {
		if index == printed {
			result.Find("and %d groups more", len(groups)-printed)
			break
		}
		result.Find("%s", group)
	}
	return writeGroups(filepath.Join(work, "disagreements.txt"), groups)
}
