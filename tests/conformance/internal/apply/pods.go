package apply

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
)

// countQuota begins to count a quota, as its controller does; from then on the server's admission adds every new object up.
func countQuota(connection *client.Client, quota delivery.Object) error {
	hard, _ := quota.Value("spec", "hard").(map[string]any)
	used := map[string]string{}
	for name := range hard {
		used[name] = "0"
	}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"hard": hard, "used": used}})
	if err != nil {
		return err
	}
	answer, err := connection.MergeStatus(quota.Address, patch)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s: %s", quota.Address, answer.Message())
	}
	return err
}

// runPods creates the Pods that the controllers would: as many as the autoscaler may ask for and a rollout adds. It shows what
// is accepted as a template and refused as a Pod: security level, limits, quota, missing accounts and priority classes.
func runPods(connection *client.Client, plan delivery.Plan, result *report.Report) error {
	most := mostReplicas(plan.Objects)
	for _, object := range plan.Objects {
		template := podTemplate(object)
		if template == nil {
			continue
		}
		document, err := podOf(object, template)
		if err != nil {
			return err
		}
		address := client.Object{APIVersion: "v1", Kind: "Pod", Namespace: object.Address.Namespace, Name: object.Address.Name}
		for range podCount(object, most[object.Address]) {
			answer, err := connection.Create(address, document, false)
			if refused, err := judge(object, answer, err, result); err != nil {
				return err
			} else if refused {
				break
			}
			result.Count("pods admitted", 1)
		}
	}
	return nil
}

func podTemplate(object delivery.Object) map[string]any {
	path := []string{"spec", "template"}
	switch object.Address.Kind {
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template"}
	case "Deployment", "StatefulSet", "DaemonSet", "Job":
	default:
		return nil
	}
	template, _ := object.Value(path...).(map[string]any)
	return template
}

func podOf(object delivery.Object, template map[string]any) ([]byte, error) {
	metadata := map[string]any{"generateName": object.Address.Name + "-", "namespace": object.Address.Namespace}
	given, _ := template["metadata"].(map[string]any)
	for _, key := range []string{"labels", "annotations"} {
		if value, present := given[key]; present {
			metadata[key] = value
		}
	}
	return json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
}

// mostReplicas returns the ceiling of every workload that an autoscaler moves.
func mostReplicas(objects []delivery.Object) map[client.Object]int {
	most := map[client.Object]int{}
	for _, object := range objects {
		field := map[string]string{"HorizontalPodAutoscaler": "maxReplicas", "ScaledObject": "maxReplicaCount"}[object.Address.Kind]
		if field == "" {
			continue
		}
		target := client.Object{
			APIVersion: "apps/v1",
			Kind:       "Deployment",
			Namespace:  object.Address.Namespace,
			Name:       object.Text("spec", "scaleTargetRef", "name"),
		}
		most[target] = number(object.Value("spec", field), 0)
	}
	return most
}

// podCount is how many Pods of a workload may exist at once in a rollout.
func podCount(object delivery.Object, ceiling int) int {
	replicas := max(number(object.Value("spec", "replicas"), 1), ceiling)
	if object.Address.Kind != "Deployment" || object.Text("spec", "strategy", "type") == "Recreate" {
		return replicas
	}
	surge := object.Value("spec", "strategy", "rollingUpdate", "maxSurge")
	if text, isText := surge.(string); isText {
		percent, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
		if err == nil {
			return replicas + int(math.Ceil(float64(replicas*percent)/100))
		}
	}
	return replicas + number(surge, int(math.Ceil(float64(replicas)/4)))
}

func number(value any, otherwise int) int {
	if value, isNumber := value.(float64); isNumber {
		return int(value)
	}
	return otherwise
}
