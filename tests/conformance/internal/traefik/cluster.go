package traefik

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/network"
	"formwork.example/conformance/internal/report"
)

// cluster is one whose routes are held against Traefik.
type cluster struct {
	connection *client.Client
	objects    []delivery.Object
	authority  *network.Authority
	result     *report.Report
	// pods are the addresses of all pods and what answers there.
	pods map[string]seen
}

// apply brings to the server what Traefik reads: namespaces, services and Traefik's own kinds.
func (cluster *cluster) apply() error {
	for _, object := range cluster.objects {
		switch {
		case object.Address.Kind == "Namespace", object.Address.Kind == "Service":
		case strings.HasPrefix(object.Address.APIVersion, "traefik.io/"):
		default:
			continue
		}
		answer, err := cluster.connection.Apply(object.Address, object.Document)
		if err != nil {
			return err
		}
		if !answer.Accepted() {
			return fmt.Errorf("%s: %s", object.Address, answer.Message())
		}
		cluster.result.Count("applied", 1)
	}
	return cluster.issueCertificates()
}

// issueCertificates makes the secrets that cert-manager would.
func (cluster *cluster) issueCertificates() error {
	for _, object := range cluster.objects {
		if object.Address.Kind != "Certificate" {
			continue
		}
		certificate, key, err := cluster.authority.Issue(texts(object.Value("spec", "dnsNames")))
		if err != nil {
			return err
		}
		data := map[string]string{
			"tls.crt": base64.StdEncoding.EncodeToString(certificate),
			"tls.key": base64.StdEncoding.EncodeToString(key),
		}
		address := client.Object{APIVersion: "v1", Kind: "Secret", Namespace: object.Address.Namespace, Name: object.Text("spec", "secretName")}
		if err := cluster.create(address, map[string]any{"type": "kubernetes.io/tls", "data": data}); err != nil {
			return err
		}
		cluster.result.Count("certificates issued", 1)
	}
	return nil
}

func (cluster *cluster) create(address client.Object, fields map[string]any) error {
	fields["apiVersion"], fields["kind"] = address.APIVersion, address.Kind
	metadata, _ := fields["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
	}
	metadata["name"], metadata["namespace"] = address.Name, address.Namespace
	fields["metadata"] = metadata
	document, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	answer, err := cluster.connection.Create(address, document, false)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s: %s", address, answer.Message())
	}
	return err
}

// runPods gives each service two pods with addresses of their own, as its controller would: the ports come from the workload
// that the selector finds. A service that Traefik routes to and that finds none would stay empty in a cluster too.
func (cluster *cluster) runPods() error {
	for index, service := range cluster.objects {
		if service.Address.Kind != "Service" {
			continue
		}
		ports := cluster.portsOf(service)
		if ports == nil {
			continue
		}
		var endpoints, named []any
		for pod := range 2 {
			address := fmt.Sprintf("198.18.%d.%d", index/100, 2*(index%100)+pod+1)
			endpoints = append(endpoints, map[string]any{
				"addresses":  []string{address},
				"conditions": map[string]bool{"ready": true, "serving": true, "terminating": false},
			})
			for name, port := range ports {
				cluster.pods[join(address, port)] = seen{Namespace: service.Address.Namespace, Port: name}
			}
		}
		for name, port := range ports {
			named = append(named, map[string]any{"name": name, "port": port, "protocol": "TCP"})
		}
		address := client.Object{
			APIVersion: "discovery.k8s.io/v1",
			Kind:       "EndpointSlice",
			Namespace:  service.Address.Namespace,
			Name:       service.Address.Name + "-conformance",
		}
		fields := map[string]any{
			"metadata":    map[string]any{"labels": map[string]string{"kubernetes.io/service-name": service.Address.Name}},
			"addressType": "IPv4",
			"endpoints":   endpoints,
			"ports":       named,
		}
		if err := cluster.create(address, fields); err != nil {
			return err
		}
		cluster.result.Count("services with pods", 1)
	}
	return nil
}

// portsOf resolves each port of a service in the containers of the workload that its selector finds.
func (cluster *cluster) portsOf(service delivery.Object) map[string]int {
	selector, _ := service.Value("spec", "selector").(map[string]any)
	if len(selector) == 0 {
		return nil
	}
	for _, object := range cluster.objects {
		labels, _ := object.Value("spec", "template", "metadata", "labels").(map[string]any)
		if object.Address.Namespace != service.Address.Namespace || !contains(labels, selector) {
			continue
		}
		container := containerPorts(object)
		found := map[string]int{}
		for _, port := range objectsIn(service.Value("spec", "ports")) {
			name, _ := port["name"].(string)
			switch target := port["targetPort"].(type) {
			case string:
				number, declared := container[target]
				if !declared {
					cluster.result.Find("%s: no container of %s has a port %q", service.Path, object.Address, target)
					continue
				}
				found[name] = number
			case float64:
				found[name] = int(target)
			}
		}
		return found
	}
	return nil
}

func containerPorts(workload delivery.Object) map[string]int {
	found := map[string]int{}
	for _, container := range objectsIn(workload.Value("spec", "template", "spec", "containers")) {
		for _, port := range objectsIn(container["ports"]) {
			name, _ := port["name"].(string)
			number, _ := port["containerPort"].(float64)
			found[name] = int(number)
		}
	}
	return found
}

func contains(labels, selector map[string]any) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// objectsIn returns the objects of a list.
func objectsIn(list any) []map[string]any {
	items, _ := list.([]any)
	var found []map[string]any
	for _, item := range items {
		if fields, isMap := item.(map[string]any); isMap {
			found = append(found, fields)
		}
	}
	return found
}

func texts(list any) []string {
	items, _ := list.([]any)
	var found []string
	for _, item := range items {
		if text, isText := item.(string); isText {
			found = append(found, text)
		}
	}
	return found
}
