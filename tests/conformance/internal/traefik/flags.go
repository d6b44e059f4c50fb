package traefik

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"formwork.example/conformance/internal/delivery"
)

// valuesOf returns the chart values that the cluster delivers for Traefik, nothing where it installs none.
func valuesOf(objects []delivery.Object) map[string]any {
	for _, object := range objects {
		path := []string{"spec", "values"}
		chart := object.Text("spec", "chart", "spec", "chart")
		if object.Address.Kind == "Application" {
			path = []string{"spec", "source", "helm", "valuesObject"}
			chart = object.Text("spec", "source", "chart")
		}
		if values, present := object.Value(path...).(map[string]any); present && chart == "traefik" {
			return values
		}
	}
	return nil
}

// flagsOf turns chart values into Traefik's own flags, as the chart does: what stands below these keys keeps its name. Traefik
// ends with an error when it does not know one.
func flagsOf(values map[string]any) []string {
	var flags []string
	add := func(prefix string, value any) {
		flags = append(flags, flatten(prefix, value)...)
	}
	ports, _ := values["ports"].(map[string]any)
	for name, port := range ports {
		fields, _ := port.(map[string]any)
		add("--entryPoints."+name+".http", fields["http"])
		add("--entryPoints."+name+".transport", fields["transport"])
	}
	providers, _ := values["providers"].(map[string]any)
	add("--providers.kubernetesCRD", providers["kubernetesCRD"])
	for _, key := range []string{"global", "log"} {
		add("--"+key, values[key])
	}
	if accessLog, present := values["accessLog"].(map[string]any); present && accessLog["enabled"] == true {
		rest := maps.Clone(accessLog)
		delete(rest, "enabled")
		add("--accessLog", true)
		add("--accessLog", rest)
	}
	metrics, _ := values["metrics"].(map[string]any)
	prometheus, _ := metrics["prometheus"].(map[string]any)
	for _, key := range []string{"addRoutersLabels", "buckets"} {
		add("--metrics.prometheus."+key, prometheus[key])
	}
	slices.Sort(flags)
	return flags
}

func flatten(prefix string, value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case map[string]any:
		var flags []string
		for key, inner := range value {
			flags = append(flags, flatten(prefix+"."+key, inner)...)
		}
		return flags
	case []any:
		var items []string
		for _, item := range value {
			items = append(items, fmt.Sprint(item))
		}
		return []string{prefix + "=" + strings.Join(items, ",")}
	default:
		return []string{fmt.Sprintf("%s=%v", prefix, value)}
	}
}

// testFlags are those of the suite's own: loopback, an API to ask and addresses of visitors that the suite may choose.
func testFlags(door door) []string {
	return []string{
		"--entryPoints.web.address=" + door.plain,
		"--entryPoints.web.proxyProtocol.trustedIPs=127.0.0.1/32",
		"--entryPoints.websecure.address=" + door.secure,
		"--entryPoints.websecure.proxyProtocol.trustedIPs=127.0.0.1/32",
		// The chart's default.
		"--entryPoints.websecure.http.tls=true",
		"--entryPoints.traefik.address=" + door.api,
		"--api.insecure=true",
		"--api.dashboard=false",
		"--ping=true",
		// Every update of EndpointSlices is seen at once.
		"--providers.providersThrottleDuration=100ms",
	}
}

// rawData is what Traefik's API says about its configuration.
type rawData struct {
	Routers, Middlewares, Services map[string]info
}

// info is what it says about one item.
type info struct {
	Status        string
	Error, UsedBy []string
}

func (data *rawData) read(text []byte) error { return json.Unmarshal(text, data) }
