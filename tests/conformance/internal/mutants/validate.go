package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"formwork.example/conformance/internal/delivery"
)

// Formwork is the program that is held against the server.
type Formwork struct {
	// Program is its path, Definitions a folder of custom resource definitions, Work a folder for the mutants.
	Program, Definitions, Work string
	// Others are the codes of rules that somebody else than the server holds, such as an operator's webhook.
	Others []string
}

// Judgement is what `formwork validate` says of one manifest.
type Judgement struct {
	Accepted bool      `json:"accepted"`
	Findings []Finding `json:"findings,omitempty"`
	// Elsewhere are findings about what a server does not look at: other objects, and rules of operators' webhooks.
	Elsewhere []Finding `json:"elsewhere,omitempty"`
}

// Finding is one entry of formwork's JSON.
type Finding struct {
	Code    string `json:"code"`
	Level   string `json:"level"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Field   string `json:"field,omitempty"`
	Policy  string `json:"policy,omitempty"`
}

// HasUpdates says whether the program compares manifests with their previous versions.
func (formwork Formwork) HasUpdates() bool {
	help, err := exec.Command(formwork.Program, "validate", "--help").Output()
	return err == nil && bytes.Contains(help, []byte("--base"))
}

// judge has formwork look at all the mutants at the same version of Kubernetes as the server's: in one go, except that definitions
// of kinds lie apart, because they say what other manifests may hold.
func (formwork Formwork) judge(what, version string, verdicts []Verdict) error {
	folder := filepath.Join(formwork.Work, version+"-"+what)
	folders := map[bool]string{false: filepath.Join(folder, "objects"), true: filepath.Join(folder, "definitions")}
	written, err := writeMutants(folders, verdicts)
	if err != nil {
		return err
	}
	arguments := []string{"--kubernetes-version", version}
	if len(verdicts) > 0 && verdicts[0].Update {
		base := filepath.Join(folder, "base")
		if err := writeOriginals(base, verdicts); err != nil {
			return err
		}
		arguments = append(arguments, "--base", base)
	}
	for _, folder := range folders {
		findings, err := formwork.validate(folder, arguments...)
		if err != nil {
			return err
		}
		for _, finding := range findings {
			// What is said about the other files, the base's, is no verdict on a mutant.
			if verdict := written[finding.File]; verdict != nil {
				verdict.Ours.add(finding, formwork.Others)
			}
		}
	}
	return nil
}

// writeMutants writes each mutant into a file of its own and returns the verdicts by the file's path.
func writeMutants(folders map[bool]string, verdicts []Verdict) (map[string]*Verdict, error) {
	for _, folder := range folders {
		if err := emptyFolder(folder); err != nil {
			return nil, err
		}
	}
	written := map[string]*Verdict{}
	for index := range verdicts {
		verdict := &verdicts[index]
		folder := folders[strings.HasPrefix(verdict.Kind, "apiextensions.k8s.io/")]
		verdict.File = filepath.Join(folder, fmt.Sprintf("%05d.yaml", index))
		verdict.Ours = &Judgement{Accepted: true}
		written[verdict.File] = verdict
		if err := writeJSON(verdict.File, verdict.Object); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// writeOriginals writes what the mutants were made of.
func writeOriginals(folder string, verdicts []Verdict) error {
	if err := emptyFolder(folder); err != nil {
		return err
	}
	written := map[*delivery.Object]bool{}
	for _, verdict := range verdicts {
		if written[verdict.original] {
			continue
		}
		written[verdict.original] = true
		path := filepath.Join(folder, fmt.Sprintf("%05d.yaml", len(written)))
		if err := writeJSON(path, verdict.original.Content); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// add counts a finding against the manifest, unless it is the policies', about another object or another judge's.
func (judgement *Judgement) add(finding Finding, others []string) {
	finding.File = ""
	switch {
	case finding.Policy != "" || finding.Level != "error" && finding.Level != "deny":
	case slices.Contains(crossObject, finding.Code) || slices.Contains(others, finding.Code):
		judgement.Elsewhere = append(judgement.Elsewhere, finding)
	default:
		judgement.Accepted = false
		judgement.Findings = append(judgement.Findings, finding)
	}
}

// validate runs formwork on a folder. Findings make it exit with 1 or 2; what matters is whether it answers.
func (formwork Formwork) validate(folder string, more ...string) ([]Finding, error) {
	var output, complaint bytes.Buffer
	arguments := append([]string{"validate", folder, "--format", "json", "--crds", formwork.Definitions}, more...)
	command := exec.Command(formwork.Program, arguments...)
	command.Stdout, command.Stderr = &output, &complaint
	failure := command.Run()
	var answer struct{ Findings []Finding }
	if err := json.Unmarshal(output.Bytes(), &answer); err != nil {
		return nil, fmt.Errorf("formwork %q: %w: %v: %s", arguments, err, failure, complaint.String())
	}
	return answer.Findings, nil
}

func emptyFolder(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o700)
}
