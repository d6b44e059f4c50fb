package mutants

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"

	"formwork.example/conformance/internal/client"
)

// Verdict is one line of the file that the comparison leaves behind.
type Verdict struct {
	Mutant
	// Accepted and Message are what a dry-run create answers, Applied and ApplyMessage a dry-run server-side apply, for an update over
	// the manifest that the mutant was made of.
	Accepted     bool     `json:"accepted"`
	Message      string   `json:"message,omitempty"`
	Warnings     []string `json:"warnings,omitempty"`
	Applied      bool     `json:"applied"`
	ApplyMessage string   `json:"applyMessage,omitempty"`
	// Version is the server's.
	Version string `json:"version"`
	// Update says that this is about an update.
	Update bool `json:"update,omitempty"`
	// Ours is formwork's own, where it was asked, about the manifest in File.
	Ours *Judgement `json:"ours,omitempty"`
	File string     `json:"file,omitempty"`
	// Disagreement says how the two differ.
	Disagreement string `json:"disagreement,omitempty"`
}

// notTried stands where the name fits into no path.
const notTried = "not tried without a name that fits into a path"

// inParallel runs work for every index on as many workers as the machine has cores to give.
func inParallel(number int, work func(index int) error) error {
	const workers = 4
	indices := make(chan int)
	failures := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for index := range indices {
				if err := work(index); err != nil {
					failures <- err
					// The others are still to be taken, or the sender would wait for ever.
					for range indices {
						continue
					}
					return
				}
			}
		})
	}
	for index := range number {
		indices <- index
	}
	close(indices)
	group.Wait()
	close(failures)
	return <-failures
}

// Ask has the server judge every mutant; nothing is stored.
func Ask(connection *client.Client, version string, mutants []Mutant) ([]Verdict, error) {
	verdicts := make([]Verdict, len(mutants))
	err := inParallel(len(mutants), func(index int) error {
		verdict, err := ask(connection, mutants[index])
		verdict.Version = version
		verdicts[index] = verdict
		return err
	})
	return verdicts, err
}

func ask(connection *client.Client, mutant Mutant) (Verdict, error) {
	document, err := json.Marshal(mutant.Object)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Mutant: mutant}
	target := mutant.target()
	answer, err := survive(connection.Create(target, document, true))
	if err != nil {
		return verdict, err
	}
	verdict.Accepted, verdict.Message, verdict.Warnings = judge(answer)
	if !verdict.Accepted {
		verdict.ApplyMessage = "not tried after a refusal"
		return verdict, nil
	}
	if target.Name == "" || strings.ContainsAny(target.Name, "/%") {
		verdict.ApplyMessage = notTried
		return verdict, nil
	}
	answer, err = survive(connection.DryApply(target, document))
	if err != nil {
		return verdict, err
	}
	verdict.Applied, verdict.ApplyMessage, _ = judge(answer)
	return verdict, nil
}

// survive makes a refusal of a server's panic, which ends one request and not the server.
func survive(answer client.Answer, err error) (client.Answer, error) {
	if err != nil && strings.Contains(err.Error(), "INTERNAL_ERROR; received from peer") {
		return client.Answer{Code: http.StatusInternalServerError, Body: []byte("the server panics")}, nil
	}
	return answer, err
}

// target is where the mutant would live: its own name, and its own namespace where that is one.
func (mutant Mutant) target() client.Object {
	target := mutant.original.Address
	metadata, _ := mutant.Object["metadata"].(map[string]any)
	target.Name, _ = metadata["name"].(string)
	// A namespace that fits into no path is sent to the manifest's own, where the server says that the two differ.
	if namespace, isText := metadata["namespace"].(string); isText && namespace != "" && !strings.ContainsAny(namespace, "/%") {
		target.Namespace = namespace
	}
	return target
}

// judge reads an answer. A name that is taken is no fault of the object: the server looks at everything else before.
func judge(answer client.Answer) (bool, string, []string) {
	if answer.Accepted() || answer.Code == 409 && strings.Contains(answer.Message(), "already exists") {
		return true, "", answer.Warnings
	}
	return false, answer.Message(), answer.Warnings
}

// Write leaves the verdicts behind, one JSON object a line.
func Write(path string, verdicts []Verdict) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	writer := bufio.NewWriter(file)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for _, verdict := range verdicts {
		if err := encoder.Encode(verdict); err != nil {
			return err
		}
	}
	return writer.Flush()
}
