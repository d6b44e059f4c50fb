// Package rules puts the examples on the pages of formwork's rules to a real server: what a page calls bad must be refused, what
// it calls good must be accepted.
package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
)

// server is how formwork calls the API server.
const server = "kube-apiserver"

// Record is the page of one rule. Each example is one manifest, or two: the one before an update and the one after.
type Record struct {
	Code, Bad, Good string
	// Judge says who refuses the bad example, `kube-apiserver` for the server itself; nothing where the examples are no manifests.
	Judge string
}

// words are one line of the file that is left behind: what the server says about the examples.
type words struct {
	Code string `json:"code"`
	Bad  string `json:"bad,omitempty"`
	Good string `json:"good,omitempty"`
}

// Load asks formwork for its records; false where it cannot say them.
func Load(formwork string) ([]Record, bool, error) {
	output, err := exec.Command(formwork, "explain", "--all", "--format", "json").Output()
	if err != nil {
		return nil, false, nil
	}
	var records []Record
	if err := json.Unmarshal(output, &records); err != nil {
		return nil, false, fmt.Errorf("%s explain --all --format json: %w", formwork, err)
	}
	return records, true, nil
}

// OfOthers returns the codes of rules that the server does not hold, such as those of operators' webhooks.
func OfOthers(records []Record) []string {
	var codes []string
	for _, record := range records {
		if record.Judge != server && record.Judge != "" {
			codes = append(codes, record.Code)
		}
	}
	return codes
}

// Run asks the server about the examples of every rule that it is the judge of, and writes its words into a file.
func Run(connection *client.Client, records []Record, work string, result *report.Report) error {
	asker := asker{connection: connection, namespaces: map[string]bool{"": true}}
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, record := range records {
		if record.Judge != server {
			if record.Judge != "" {
				result.Count("rules of other judges", 1)
			}
			continue
		}
		result.Count("rules asked about", 1)
		bad, err := asker.ask(record.Code+", bad", record.Bad, result)
		if err != nil {
			return err
		}
		good, err := asker.ask(record.Code+", good", record.Good, result)
		if err != nil {
			return err
		}
		if bad.Accepted() {
			result.Find("%s: the server accepts the bad example", record.Code)
		}
		if !good.Accepted() {
			result.Find("%s: the server refuses the good example: %s", record.Code, good.Message())
		}
		line := words{Code: record.Code}
		if !bad.Accepted() {
			line.Bad = bad.Message()
		}
		if !good.Accepted() {
			line.Good = good.Message()
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(work, "rules.jsonl"), lines.Bytes(), 0o600)
}

type asker struct {
	connection *client.Client
	namespaces map[string]bool
}

// ask returns what the server says about an example. Of several manifests only the last is in question; those before it are stored,
// and taken away afterwards.
func (asker *asker) ask(name, text string, result *report.Report) (client.Answer, error) {
	objects, err := delivery.ParseAll(name, []byte(text))
	if err != nil {
		return refusal(err), nil
	}
	if len(objects) == 0 {
		return client.Answer{}, fmt.Errorf("%s: there is no manifest", name)
	}
	for _, object := range objects {
		if err := asker.makeNamespace(object.Address.Namespace); err != nil {
			return client.Answer{}, err
		}
	}
	before, last := objects[:len(objects)-1], objects[len(objects)-1]
	for _, object := range before {
		answer, err := asker.connection.Apply(object.Address, object.Document)
		if err != nil {
			return client.Answer{}, err
		}
		if !answer.Accepted() {
			result.Find("%s: the manifest before the update is refused: %s", name, answer.Message())
		}
	}
	answer, err := asker.judge(last, len(before) > 0)
	for _, object := range before {
		if _, err := asker.connection.Delete(object.Address); err != nil {
			return client.Answer{}, err
		}
	}
	return answer, err
}

// judge asks about one manifest, which is created or applied over another.
func (asker *asker) judge(object delivery.Object, update bool) (client.Answer, error) {
	ask := asker.connection.DryApply
	if !update {
		ask = func(address client.Object, document []byte) (client.Answer, error) {
			return asker.connection.Create(address, document, true)
		}
	}
	answer, err := ask(object.Address, object.Document)
	if _, unknown := err.(client.UnknownKind); unknown {
		return refusal(err), nil
	}
	return answer, err
}

// refusal is the answer to what cannot be sent at all.
func refusal(reason error) client.Answer {
	return client.Answer{Code: http.StatusBadRequest, Body: []byte(reason.Error())}
}

// makeNamespace makes a namespace with the account that its Pods run as, which a controller would make.
func (asker *asker) makeNamespace(name string) error {
	if asker.namespaces[name] {
		return nil
	}
	asker.namespaces[name] = true
	for _, object := range []client.Object{
		{APIVersion: "v1", Kind: "Namespace", Name: name},
		{APIVersion: "v1", Kind: "ServiceAccount", Namespace: name, Name: "default"},
	} {
		document := fmt.Sprintf("{apiVersion: v1, kind: %s, metadata: {name: %s}}", object.Kind, object.Name)
		// A name that is wrong by itself, or there already, is for the example to find out.
		if _, err := asker.connection.Create(object, []byte(document), false); err != nil {
			return err
		}
	}
	return nil
}
