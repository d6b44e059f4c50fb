// Package admission puts the house's admission policies before a real server, together with the cases that prove them to formwork.
package admission

import (
	"formwork.example/conformance/internal/delivery"
)

// one is a case of a PolicyTest: an object and whether the policy lets it in.
type one struct {
	path, policy, name string
	denied             bool
	object             map[string]any
	// params and namespace are what the case says beside its object, nil where it says nothing.
	params, namespace map[string]any
}

// casesOf returns the cases about objects; those about environments never reach a server, and those about updates need the old
// object to be there.
func casesOf(test delivery.Object) []one {
	var cases []one
	for _, side := range []string{"accepted", "denied"} {
		list, _ := test.Value("spec", side).([]any)
		for _, item := range list {
			fields, _ := item.(map[string]any)
			object, _ := fields["object"].(map[string]any)
			if object == nil || fields["oldObject"] != nil {
				continue
			}
			name, _ := fields["name"].(string)
			params, _ := fields["params"].(map[string]any)
			namespace, _ := fields["namespace"].(map[string]any)
			cases = append(cases, one{
				path: test.Path, policy: test.Text("spec", "policy"), name: name, denied: side == "denied",
				object: complete(object), params: params, namespace: namespace,
			})
		}
	}
	return cases
}

// complete adds what the server wants before it asks a policy and what a case leaves out, because it is beside the point.
func complete(object map[string]any) map[string]any {
	spec, _ := object["spec"].(map[string]any)
	if object["kind"] == "CronJob" {
		job, _ := spec["jobTemplate"].(map[string]any)
		spec, _ = job["spec"].(map[string]any)
	}
	template, _ := spec["template"].(map[string]any)
	switch object["kind"] {
	case "Deployment", "StatefulSet", "DaemonSet":
	case "Job", "CronJob":
		pod, _ := template["spec"].(map[string]any)
		if pod != nil && pod["restartPolicy"] == nil {
			pod["restartPolicy"] = "Never"
		}
		return object
	default:
		return object
	}
	if template == nil || spec["selector"] != nil {
		return object
	}
	metadata, _ := template["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		template["metadata"] = metadata
	}
	if metadata["labels"] == nil {
		metadata["labels"] = map[string]any{"app.kubernetes.io/name": "odoo"}
	}
	spec["selector"] = map[string]any{"matchLabels": metadata["labels"]}
	return object
}
