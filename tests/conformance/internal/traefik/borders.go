package traefik

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/programs"
)

// anybody is an address that no environment allows by name.
var anybody = netip.MustParseAddr("203.0.113.250")

// tryBorders tries what concerns no route of its own: unknown hosts, hosts of each other, references into other namespaces, and
// services without pods.
func (cluster *cluster) tryBorders(proxy *proxy, routes []*route) error {
	cluster.tryUnknownHosts(proxy)
	cluster.tryForeignHosts(proxy, routes)
	if err := cluster.tryForeignReferences(proxy, routes); err != nil {
		return err
	}
	return cluster.tryEmptyService(proxy, routes)
}

// tryUnknownHosts asks for hosts that nobody has: below the cluster's wildcard there is a certificate but no route, elsewhere not
// even a handshake.
func (cluster *cluster) tryUnknownHosts(proxy *proxy) {
	who := proxy.door.visitor(anybody, "")
	defer who.close()
	for _, object := range cluster.objects {
		if object.Address.Kind != "Certificate" {
			continue
		}
		for _, name := range texts(object.Value("spec", "dnsNames")) {
			if !strings.HasPrefix(name, "*.") {
				continue
			}
			host := "nobody" + strings.TrimPrefix(name, "*")
			got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: "/web"})
			cluster.result.Count("requests", 1)
			if err != nil || got.Code != http.StatusNotFound {
				cluster.result.Find("%s: https://%s/web answers %d, %v, instead of 404", object.Path, host, got.Code, err)
			}
		}
	}
	connection, err := who.handshake(&tls.Config{ServerName: "nobody.example", InsecureSkipVerify: true})
	cluster.result.Count("requests", 1)
	if err == nil {
		_ = connection.Close()
		cluster.result.Find("traefik: a host that nobody has gets a TLS connection")
	}
}

// tryForeignHosts asks for each host over a connection that was opened for another one.
func (cluster *cluster) tryForeignHosts(proxy *proxy, routes []*route) {
	for index, route := range routes {
		other := routes[(index+1)%len(routes)]
		if other == route {
			return
		}
		who := route.visitor(proxy.door)
		got, err := who.ask(request{Method: http.MethodGet, Host: route.hosts[0], Claim: other.hosts[0], Path: "/web"})
		who.close()
		cluster.result.Count("requests", 1)
		if err != nil {
			cluster.result.Find("%s: a request for %s over a connection for %s: %v", route.object.Path, other.hosts[0], route.hosts[0], err)
		} else if got.Reached != nil && got.Reached.Namespace != other.namespace {
			cluster.result.Find("%s: a request for %s over a connection for %s reaches %s", route.object.Path, other.hosts[0], route.hosts[0], got.Reached.Namespace)
		}
	}
}

// tryForeignReferences writes routes into one tenant's namespace that use what belongs to another, as nobody's admission policy
// sees them here: Traefik itself must not follow them.
func (cluster *cluster) tryForeignReferences(proxy *proxy, routes []*route) error {
	if len(routes) < 2 {
		return nil
	}
	thief, victim := routes[0], routes[1]
	host := thief.hosts[0]
	attempts := map[string]map[string]any{
		"service":    {"services": []any{map[string]any{"name": "web", "namespace": victim.namespace, "port": "http"}}},
		"middleware": {"middlewares": []any{map[string]any{"name": "headers", "namespace": victim.namespace}}, "services": []any{map[string]any{"name": "web", "port": "http"}}},
		"provider":   {"services": []any{map[string]any{"name": victim.namespace + "-web@kubernetescrd", "kind": "TraefikService"}}},
	}
	for what, rule := range attempts {
		rule["kind"], rule["priority"] = "Rule", 5000
		rule["match"] = fmt.Sprintf("Host(`%s`) && Path(`/theft-of-%s`)", host, what)
		address := client.Object{APIVersion: "traefik.io/v1alpha1", Kind: "IngressRoute", Namespace: thief.namespace, Name: "theft-" + what}
		spec := map[string]any{"entryPoints": []string{"websecure"}, "ingressClassName": "traefik", "routes": []any{rule}, "tls": thief.object.Value("spec", "tls")}
		if err := cluster.create(address, map[string]any{"spec": spec}); err != nil {
			return err
		}
	}
	// A harmless rule made last shows when Traefik has read all of them.
	marker := map[string]any{
		"kind": "Rule", "priority": 5000, "match": fmt.Sprintf("Host(`%s`) && Path(`/marker`)", host),
		"services": []any{map[string]any{"name": "web", "port": "http"}},
	}
	address := client.Object{APIVersion: "traefik.io/v1alpha1", Kind: "IngressRoute", Namespace: thief.namespace, Name: "marker"}
	spec := map[string]any{"entryPoints": []string{"websecure"}, "ingressClassName": "traefik", "routes": []any{marker}, "tls": thief.object.Value("spec", "tls")}
	if err := cluster.create(address, map[string]any{"spec": spec}); err != nil {
		return err
	}
	if err := proxy.waitForRouter(thief.namespace + "-marker"); err != nil {
		return err
	}
	who := thief.visitor(proxy.door)
	defer who.close()
	for what := range attempts {
		got, err := who.ask(request{Method: http.MethodGet, Host: host, Path: "/theft-of-" + what})
		cluster.result.Count("requests", 1)
		switch {
		case err != nil:
			cluster.result.Find("traefik: reference to a foreign %s: %v", what, err)
		case got.Reached != nil && got.Reached.Namespace == victim.namespace:
			cluster.result.Find("traefik: %s reaches the %s of %s", thief.namespace, what, victim.namespace)
		case got.Reached != nil && got.Header.Get("Strict-Transport-Security") == "":
			cluster.result.Find("traefik: a rule with a foreign %s is served without it", what)
		}
	}
	return nil
}

func (proxy *proxy) waitForRouter(prefix string) error {
	return programs.Eventually(20*time.Second, func() error {
		text, err := proxy.ask("/api/rawdata")
		if err != nil {
			return err
		}
		var data rawData
		if err := data.read(text); err != nil {
			return err
		}
		for _, name := range ours(data.Routers) {
			if strings.HasPrefix(name, prefix) {
				return nil
			}
		}
		return fmt.Errorf("traefik does not see the router %s", prefix)
	})
}

// tryEmptyService takes all pods of one environment away: its visitors must be told to come back, not that there is nothing.
func (cluster *cluster) tryEmptyService(proxy *proxy, routes []*route) error {
	route := routes[0]
	path := "/apis/discovery.k8s.io/v1/namespaces/" + route.namespace + "/endpointslices/web-conformance"
	answer, err := cluster.connection.Do(http.MethodPatch, path, "application/merge-patch+json", []byte(`{"endpoints":[]}`))
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return fmt.Errorf("%s: %s", path, answer.Message())
	}
	who := route.visitor(proxy.door)
	defer who.close()
	err = programs.Eventually(10*time.Second, func() error {
		reply, err := who.ask(request{Method: http.MethodGet, Host: route.hosts[0], Path: "/web"})
		cluster.result.Count("requests", 1)
		if err == nil && reply.Code != http.StatusServiceUnavailable {
			err = fmt.Errorf("%d instead of 503", reply.Code)
		}
		return err
	})
	if err != nil {
		cluster.result.Find("%s: without pods %s answers %v", route.object.Path, route.hosts[0], err)
	}
	return nil
}
