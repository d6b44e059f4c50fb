package admission

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
)

// settled is how long the server may take to see a new policy, namespace or parameter; it watches them like any client.
const settled = 2 * time.Second

// Run creates the policies that a cluster receives, with bindings that warn instead of denying, so that one request shows what
// all of them say, and then tries each case of the house. The server must warn about the denied ones and be silent about others.
func Run(connection *client.Client, root, cluster string, result *report.Report) error {
	emitted, err := delivery.Read(root, "generated/clusters/"+cluster)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(emitted, func(object delivery.Object) bool { return object.Address.Kind == "ValidatingAdmissionPolicy" }) {
		result.Note("skipped, because no admission policy is emitted")
		return nil
	}
	parameters := map[string]client.Object{}
	for _, object := range emitted {
		switch object.Address.Kind {
		case "ValidatingAdmissionPolicyBinding":
			if name := object.Text("spec", "paramRef", "name"); name != "" {
				parameters[object.Text("spec", "policyName")] = client.Object{
					APIVersion: "v1", Kind: "ConfigMap", Namespace: object.Text("spec", "paramRef", "namespace"), Name: name,
				}
			}
			spec, _ := object.Content["spec"].(map[string]any)
			spec["validationActions"] = []any{"Warn"}
		case "ValidatingAdmissionPolicy":
			result.Count("policies", 1)
		default:
			continue
		}
		if err := create(connection, object, result); err != nil {
			return err
		}
	}
	cases, err := casesIn(connection, root)
	if err != nil {
		return err
	}
	if err := prepare(connection, cases, parameters); err != nil {
		return err
	}
	if err := applyParameters(connection, emitted, parameters); err != nil {
		return err
	}
	time.Sleep(settled)
	for _, one := range cases {
		if err := try(connection, one, parameters, result); err != nil {
			return err
		}
	}
	return nil
}

// casesIn reads the cases of all policies; each object of a namespace gets one.
func casesIn(connection *client.Client, root string) ([]one, error) {
	documents, err := delivery.Read(root, "policies")
	if err != nil {
		return nil, err
	}
	var cases []one
	for _, document := range documents {
		if document.Address.Kind == "PolicyTest" {
			cases = append(cases, casesOf(document)...)
		}
	}
	for _, one := range cases {
		resource, err := connection.Resource(addressOf(one.object))
		metadata, _ := one.object["metadata"].(map[string]any)
		switch {
		case err != nil || metadata == nil:
		case !resource.Namespaced:
			own(metadata)
		case metadata["namespace"] == nil:
			metadata["namespace"] = "kestrel-production"
		}
	}
	return cases, nil
}

// own gives an object the label that the emitted bindings select outside namespaces, so that they leave others alone.
func own(metadata map[string]any) {
	labels, _ := metadata["labels"].(map[string]any)
	if labels == nil {
		labels = map[string]any{}
		metadata["labels"] = labels
	}
	labels["app.kubernetes.io/managed-by"] = "formwork"
}

func create(connection *client.Client, object delivery.Object, result *report.Report) error {
	answer, err := send(connection, object.Address, object.Content, false)
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		result.Find("%s: %s: refused: %s", object.Path, object.Address, answer.Message())
	}
	for _, text := range answer.Warnings {
		result.Find("%s: %s: warning: %s", object.Path, object.Address, text)
	}
	return nil
}

func send(connection *client.Client, address client.Object, content map[string]any, dryRun bool) (client.Answer, error) {
	document, err := json.Marshal(content)
	if err != nil {
		return client.Answer{}, err
	}
	return connection.Create(address, document, dryRun)
}

// production are the labels of the namespace that a case has where it describes none, as formwork takes it too; the security
// level is left out, because it would refuse bad Pods before any policy sees them.
var production = map[string]any{
	"app.kubernetes.io/managed-by": "formwork",
	"formwork/cost-centre":         "4100",
	"formwork/environment":         "production",
	"formwork/sensitivity":         "standard",
	"formwork/tenant":              "kestrel",
	"formwork/tier":                "production",
}

// prepare makes the namespaces of all cases. A case that describes its namespace gets one of its own.
func prepare(connection *client.Client, cases []one, parameters map[string]client.Object) error {
	namespaces := map[string]map[string]any{}
	for _, parameter := range parameters {
		namespaces[parameter.Namespace] = nil
	}
	for index := range cases {
		metadata, _ := cases[index].object["metadata"].(map[string]any)
		name, _ := metadata["namespace"].(string)
		if name == "" {
			continue
		}
		if cases[index].namespace != nil {
			name = fmt.Sprintf("%s-%d", name, index)
			metadata["namespace"] = name
		}
		namespaces[name] = cases[index].namespace
	}
	for name, described := range namespaces {
		metadata := map[string]any{"name": name, "labels": production}
		if given, _ := described["metadata"].(map[string]any); given != nil {
			metadata["labels"], metadata["annotations"] = given["labels"], given["annotations"]
		}
		for _, object := range []map[string]any{
			{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata},
			// A controller makes it in a cluster, and no Pod is let in without.
			{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "default", "namespace": name}},
		} {
			answer, err := send(connection, addressOf(object), object, false)
			if err == nil && !answer.Accepted() && answer.Code != 409 {
				err = fmt.Errorf("%s: %s", addressOf(object), answer.Message())
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func addressOf(content map[string]any) client.Object {
	metadata, _ := content["metadata"].(map[string]any)
	text := func(fields map[string]any, key string) string { value, _ := fields[key].(string); return value }
	return client.Object{
		APIVersion: text(content, "apiVersion"), Kind: text(content, "kind"),
		Namespace: text(metadata, "namespace"), Name: text(metadata, "name"),
	}
}

// try sends one object and compares what its policy says with what the case says.
func try(connection *client.Client, one one, parameters map[string]client.Object, result *report.Report) error {
	if err := setParameters(connection, one, parameters); err != nil {
		return err
	}
	answer, err := send(connection, addressOf(one.object), one.object, true)
	if unknown, isUnknown := err.(client.UnknownKind); isUnknown {
		result.Note("not tried: %s", unknown)
		return nil
	}
	if err != nil {
		return err
	}
	if !answer.Accepted() && !(answer.Code == 409 && strings.Contains(answer.Message(), "already exists")) {
		result.Count("cases that the server refuses before any policy", 1)
		result.Note("refused before any policy: %s, %s: %s", one.policy, one.name, answer.Message())
		return nil
	}
	result.Count("cases tried", 1)
	said := ""
	for _, text := range answer.Warnings {
		if strings.Contains(text, "ValidatingAdmissionPolicy '"+one.policy+"'") {
			said = text
		}
	}
	if denied := said != ""; denied != one.denied {
		result.Find("%s: %s, %s: expected denied=%t, the server: denied=%t %s", one.path, one.policy, one.name, one.denied, denied, said)
	}
	return nil
}

// applyParameters applies the emitted objects that policies read.
func applyParameters(connection *client.Client, emitted []delivery.Object, parameters map[string]client.Object) error {
	for _, object := range emitted {
		for _, address := range parameters {
			if object.Address != address {
				continue
			}
			answer, err := connection.Apply(address, object.Document)
			if err == nil && !answer.Accepted() {
				err = fmt.Errorf("%s: %s", address, answer.Message())
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// setParameters writes the ConfigMap that a policy reads, where the case describes it.
func setParameters(connection *client.Client, one one, parameters map[string]client.Object) error {
	address, has := parameters[one.policy]
	if !has || one.params == nil {
		return nil
	}
	document, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "data": one.params["data"],
		"metadata": map[string]any{"name": address.Name, "namespace": address.Namespace},
	})
	if err != nil {
		return err
	}
	answer, err := connection.Apply(address, document)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s: %s", address, answer.Message())
	}
	time.Sleep(settled)
	return err
}
