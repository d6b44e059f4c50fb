// Package apply applies what a cluster receives to a real server and holds the stored objects against the files.
package apply

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/stored"
)

// Run applies a plan twice. Nothing may be refused, warned about, pruned or changed, and the second time nothing may happen.
func Run(connection *client.Client, plan delivery.Plan, result *report.Report) error {
	if err := prepare(connection, plan, result); err != nil {
		return err
	}
	for _, path := range plan.Undelivered {
		result.Find("%s: no unit of delivery reaches it", path)
	}
	result.Count("charts left out", plan.Charts)
	kept := make([]state, len(plan.Objects))
	for index, object := range plan.Objects {
		var err error
		if kept[index], err = first(connection, object, result); err != nil {
			return err
		}
	}
	if err := runPods(connection, plan, result); err != nil {
		return err
	}
	for index, object := range plan.Objects {
		if kept[index].version == "" {
			continue
		}
		if object.Address.Kind == "ResourceQuota" {
			// The server has counted in it since.
			var err error
			if kept[index], err = read(connection, object, result); err != nil {
				return err
			}
		}
		if err := again(connection, object, kept[index], result); err != nil {
			return err
		}
	}
	return nil
}

// state is an object as the server keeps it, without its resource version, and that version.
type state struct {
	content map[string]any
	version string
}

func decode(body []byte) (state, error) {
	var kept state
	if err := json.Unmarshal(body, &kept.content); err != nil {
		return state{}, err
	}
	metadata, _ := kept.content["metadata"].(map[string]any)
	kept.version, _ = metadata["resourceVersion"].(string)
	delete(metadata, "resourceVersion")
	return kept, nil
}

// prepare makes the namespaces that exist before delivery begins, those of the delivery engine and of Kubernetes itself.
func prepare(connection *client.Client, plan delivery.Plan, result *report.Report) error {
	engine := map[string]string{"flux": "flux-system", "argocd": "argocd"}[plan.Engine]
	for _, name := range []string{engine} {
		document := fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name)
		address := client.Object{APIVersion: "v1", Kind: "Namespace", Name: name}
		answer, err := connection.Create(address, []byte(document), false)
		if err != nil {
			return err
		}
		if !answer.Accepted() {
			return fmt.Errorf("namespace %s: %s", name, answer.Message())
		}
		result.Note("namespace %s is there before delivery", name)
	}
	return nil
}

// first applies an object, compares what is kept and returns it, without a version when it was refused.
func first(connection *client.Client, object delivery.Object, result *report.Report) (state, error) {
	answer, err := connection.As(object.Account).Apply(object.Address, object.Document)
	if refused, err := judge(object, answer, err, result); refused || err != nil {
		return state{}, err
	}
	result.Count("applied", 1)
	if object.Account.Name != "" {
		result.Count("of them by a tenant's own account", 1)
	}
	kept, err := read(connection, object, result)
	if err != nil || kept.version == "" {
		return state{}, err
	}
	for _, difference := range stored.Compare(object.Content, kept.content) {
		switch difference.What {
		case stored.Normalised, stored.Emptied:
			result.Note("%s%s: %s", object.Address.Kind, positions.ReplaceAllString(difference.Path, "[]"), difference.What)
		default:
			result.Find("%s: %s: %s", object.Path, object.Address, difference)
		}
	}
	if object.Address.Kind == "ResourceQuota" {
		return kept, countQuota(connection, object)
	}
	return kept, nil
}

func read(connection *client.Client, object delivery.Object, result *report.Report) (state, error) {
	answer, err := connection.Get(object.Address)
	if refused, err := judge(object, answer, err, result); refused || err != nil {
		return state{}, err
	}
	return decode(answer.Body)
}

var positions = regexp.MustCompile(`\[\d+\]`)

// again applies an object that is already there. The server must keep it as it is; it may write it once more, when its
// definition gives `status` a default that the first write lacks, but then nothing visible differs and a third time it rests.
func again(connection *client.Client, object delivery.Object, before state, result *report.Report) error {
	for range 2 {
		answer, err := connection.As(object.Account).Apply(object.Address, object.Document)
		if refused, err := judge(object, answer, err, result); refused || err != nil {
			return err
		}
		kept, err := decode(answer.Body)
		if err != nil {
			return err
		}
		if kept.version == before.version {
			result.Count("unchanged by a second apply", 1)
			return nil
		}
		differences := append(stored.Compare(before.content, kept.content), stored.Compare(kept.content, before.content)...)
		for _, difference := range differences {
			result.Find("%s: %s: a second apply changes it: %s", object.Path, object.Address, difference)
		}
		if len(differences) > 0 {
			return nil
		}
		result.Note("%s: written once more by the second apply, with nothing changed", object.Address.Kind)
		before = kept
	}
	result.Find("%s: %s: every apply writes it anew", object.Path, object.Address)
	return nil
}

// judge records a refusal and every warning.
func judge(object delivery.Object, answer client.Answer, err error, result *report.Report) (bool, error) {
	if unknown, isUnknown := err.(client.UnknownKind); isUnknown {
		result.Find("%s: %s", object.Path, unknown)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, warning := range answer.Warnings {
		if strings.HasPrefix(warning, "Validation failed for ValidatingAdmissionPolicy") {
			// A policy of the house that is meant to warn; the build said it too.
			result.Note("%s: %s", object.Address, warning)
			continue
		}
		result.Find("%s: %s: warning: %s", object.Path, object.Address, warning)
	}
	if !answer.Accepted() {
		result.Find("%s: %s: refused with %d: %s", object.Path, object.Address, answer.Code, strings.TrimSpace(answer.Message()))
		return true, nil
	}
	return false, nil
}
