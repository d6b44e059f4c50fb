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
	"regexp"
	"time"

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

// class is the storage class of the claims that grow; the server has those of no other grow.
var class = client.Object{APIVersion: "storage.k8s.io/v1", Kind: "StorageClass", Name: "block"}

const growing = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, " +
	"provisioner: disks.example.com, allowVolumeExpansion: true}"

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
		} else if err := asker.settle(object.Address); err != nil {
			return client.Answer{}, err
		}
	}
	answer, err := asker.judge(last, len(before) > 0)
	for _, object := range before {
		if err := asker.remove(object.Address); err != nil {
			return client.Answer{}, err
		}
	}
	return answer, err
}

// settle does what a controller would do with an object before anybody changes it: claims of volumes are bound. A definition is
// waited for until the server serves its kind.
func (asker *asker) settle(address client.Object) error {
	switch address.Kind {
	case "PersistentVolumeClaim":
		if _, err := asker.connection.Create(class, []byte(growing), false); err != nil {
			return err
		}
		// Admission looks at a copy of the classes, which lags behind.
		time.Sleep(time.Second)
		bound := []byte(`{"status": {"phase": "Bound", "capacity": {"storage": "50Gi"}}}`)
		_, err := asker.connection.MergeStatus(address, bound)
		return err
	case "CustomResourceDefinition":
		for range 100 {
			answer, err := asker.connection.Get(address)
			if err != nil {
				return err
			}
			if established.Match(answer.Body) {
				return nil
			}
			time.Sleep(50 * time.Millisecond)
		}
		return fmt.Errorf("%s is not served after five seconds", address)
	}
	return nil
}

var established = regexp.MustCompile(`"type":\s*"Established",\s*"status":\s*"True"`)

// remove takes an object away at once, though it may be in use.
func (asker *asker) remove(address client.Object) error {
	path, err := asker.connection.Path(address)
	if err != nil {
		return err
	}
	if address.Kind != "Namespace" {
		free := []byte(`{"metadata": {"finalizers": null}}`)
		if _, err := asker.connection.Do(http.MethodPatch, path, "application/merge-patch+json", free); err != nil {
			return err
		}
	}
	if address.Kind == "PersistentVolumeClaim" {
		if _, err := asker.connection.Delete(class); err != nil {
			return err
		}
	}
	_, err = asker.connection.Delete(address)
	return err
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

// makeNamespace makes a namespace with the accounts that the examples' Pods run as: a controller would make one, a user the other.
func (asker *asker) makeNamespace(name string) error {
	if asker.namespaces[name] {
		return nil
	}
	asker.namespaces[name] = true
	for _, object := range []client.Object{
		{APIVersion: "v1", Kind: "Namespace", Name: name},
		{APIVersion: "v1", Kind: "ServiceAccount", Namespace: name, Name: "default"},
		{APIVersion: "v1", Kind: "ServiceAccount", Namespace: name, Name: "odoo"},
	} {
		document := fmt.Sprintf("{apiVersion: v1, kind: %s, metadata: {name: %s}}", object.Kind, object.Name)
		// A name that is wrong by itself, or there already, is for the example to find out.
		if _, err := asker.connection.Create(object, []byte(document), false); err != nil {
			return err
		}
	}
	return nil
}
