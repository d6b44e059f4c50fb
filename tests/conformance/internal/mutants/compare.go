package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"formwork.example/conformance/internal/report"
)

// Judgement is what `formwork validate` says of one manifest.
type Judgement struct {
	Accepted bool      `json:"accepted"`
	Findings []Finding `json:"findings,omitempty"`
}

// Finding is one entry of formwork's JSON.
type Finding struct {
	Code    string `json:"code"`
	Level   string `json:"level"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
	Policy  string `json:"policy,omitempty"`
}

// Compare has formwork judge every mutant by itself and finds where the two disagree. What only server-side apply refuses, formwork
// may refuse too, because everything is delivered that way.
func Compare(formwork, work string, verdicts []Verdict, result *report.Report) error {
	folder := filepath.Join(work, "mutants")
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return inParallel(len(verdicts), func(index int) error {
		verdict := &verdicts[index]
		judgement, err := validate(formwork, filepath.Join(folder, fmt.Sprintf("%05d.json", index)), verdict.Object)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", verdict.Source, verdict.Change, err)
		}
		verdict.Ours = &judgement
		result.Count("mutants compared", 1)
		switch {
		case judgement.Accepted && !verdict.Accepted:
			result.Count("accepted by us and refused by the server", 1)
			result.Find("%s: %s: we accept it, the server: %s", verdict.Source, verdict.Change, verdict.Message)
		case !judgement.Accepted && verdict.Accepted && judgement.isStricter():
			result.Count("refused by us alone on purpose", 1)
		case !judgement.Accepted && verdict.Accepted && verdict.Applied:
			result.Count("refused by us and accepted by the server", 1)
			first := judgement.Findings[0]
			result.Find("%s: %s: the server accepts it, we: %s: %s", verdict.Source, verdict.Change, first.Code, first.Message)
		}
		return nil
	})
}

// validate runs formwork on one file. Policies and references are ours alone, so they do not count against an object.
func validate(formwork, path string, object map[string]any) (Judgement, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return Judgement{}, err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return Judgement{}, err
	}
	var output, complaint bytes.Buffer
	command := exec.Command(formwork, "validate", "--format", "json", path)
	command.Stdout, command.Stderr = &output, &complaint
	// Findings make it exit with 1 or 2; what matters is whether it answers.
	failure := command.Run()
	var answer struct {
		Findings []Finding `json:"findings"`
	}
	if err := json.Unmarshal(output.Bytes(), &answer); err != nil {
		return Judgement{}, fmt.Errorf("%w: %v: %s", err, failure, complaint.String())
	}
	judgement := Judgement{Accepted: true}
	for _, finding := range answer.Findings {
		if finding.Policy == "" && (finding.Level == "error" || finding.Level == "deny") {
			judgement.Accepted = false
			judgement.Findings = append(judgement.Findings, finding)
		}
	}
	return judgement, nil
}
