// Package traefik has a real Traefik serve the generated routes of a cluster and asks it as browsers do.
package traefik

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/network"
	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/server"
)

// Run serves a cluster's routes; program is Traefik, folder an empty one for its files.
func Run(program, folder string, running *server.Server, connection *client.Client, plan delivery.Plan, result *report.Report) error {
	values := valuesOf(plan.Objects)
	if values == nil {
		result.Note("%s installs no Traefik", plan.Cluster)
		return nil
	}
	authority, err := network.NewAuthority()
	if err != nil {
		return err
	}
	cluster := &cluster{connection: connection, objects: plan.Objects, authority: authority, result: result, pods: map[string]seen{}}
	if err := cluster.apply(); err != nil {
		return err
	}
	if err := cluster.runPods(); err != nil {
		return err
	}
	routes, err := routesOf(plan.Objects)
	if err != nil {
		return err
	}
	backend := &backend{pods: cluster.pods, logins: loginsOf(plan.Objects), held: make(chan struct{})}
	var names []string
	for address := range backend.logins {
		name, _, _ := strings.Cut(address, ":")
		names = append(names, name)
	}
	world, err := network.Start(authority, names, backend)
	if err != nil {
		return err
	}
	defer world.Stop()
	proxy := &proxy{folder: folder, result: result}
	if err := proxy.start(program, running.Kubeconfig, flagsOf(values), world, authority); err != nil {
		return err
	}
	defer proxy.stop()
	if err := proxy.waitFor(routes); err != nil {
		result.Find("%s: %v", plan.Cluster, err)
		return nil
	}
	for _, route := range routes {
		trial{route: route, door: proxy.door, backend: backend, result: result}.run()
		result.Count("routes tried", 1)
	}
	if err := cluster.tryBorders(proxy, routes); err != nil {
		return err
	}
	if err := proxy.compareMetrics(plan.Objects); err != nil {
		return err
	}
	return proxy.readLog()
}

// loginsOf returns the addresses of the services that forward-auth middlewares ask.
func loginsOf(objects []delivery.Object) map[string]bool {
	found := map[string]bool{}
	for _, object := range objects {
		address, err := url.Parse(object.Text("spec", "forwardAuth", "address"))
		if object.Address.Kind != "Middleware" || err != nil || address.Host == "" {
			continue
		}
		port := address.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[address.Scheme]
		}
		found[address.Hostname()+":"+port] = true
	}
	return found
}

// proxy is a running Traefik.
type proxy struct {
	folder string
	door   door
	result *report.Report
	log    string
	end    func()
	ended  bool
}

func (proxy *proxy) start(program, kubeconfig string, flags []string, world *network.Network, authority *network.Authority) error {
	if err := programs.EmptyFolder(proxy.folder); err != nil {
		return err
	}
	trusted := filepath.Join(proxy.folder, "authority.pem")
	if err := os.WriteFile(trusted, authority.PEM(), 0o600); err != nil {
		return err
	}
	addresses, err := programs.Addresses(3)
	if err != nil {
		return err
	}
	proxy.door = door{plain: addresses[0], secure: addresses[1], api: addresses[2], trust: authority.Pool()}
	command := exec.Command(program, append(flags, testFlags(proxy.door)...)...)
	command.Dir = proxy.folder
	// Connections to loopback are made without a proxy, so the API server is reached as ever.
	command.Env = []string{
		"KUBECONFIG=" + kubeconfig,
		"HTTP_PROXY=" + world.URL(),
		"HTTPS_PROXY=" + world.URL(),
		"SSL_CERT_FILE=" + trusted,
		"TMPDIR=" + proxy.folder,
		"HOME=" + proxy.folder,
	}
	proxy.log = filepath.Join(proxy.folder, "traefik.log")
	proxy.end, err = programs.Background(command, proxy.log)
	proxy.result.Count("flags from chart values", len(flags))
	return err
}

func (proxy *proxy) stop() {
	if !proxy.ended {
		proxy.end()
	}
	proxy.ended = true
}

// waitFor waits until Traefik serves every rule of every route and then looks for anything that it does not take.
func (proxy *proxy) waitFor(routes []*route) error {
	wanted := 0
	for _, route := range routes {
		wanted += len(objectsIn(route.object.Value("spec", "routes")))
	}
	var data rawData
	err := programs.Eventually(30*time.Second, func() error {
		text, err := proxy.ask("/api/rawdata")
		if err != nil {
			return fmt.Errorf("%w; %s", err, programs.LastLines(proxy.log))
		}
		data = rawData{}
		if err := data.read(text); err != nil {
			return err
		}
		if found := len(ours(data.Routers)); found != wanted {
			return fmt.Errorf("traefik has %d routers for %d rules; %s", found, wanted, programs.LastLines(proxy.log))
		}
		return nil
	})
	if err != nil {
		return err
	}
	proxy.inspect(data)
	return nil
}

// ours leaves out what Traefik makes for itself.
func ours[Item any](items map[string]Item) []string {
	var names []string
	for name := range items {
		if strings.HasSuffix(name, "@kubernetescrd") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (proxy *proxy) inspect(data rawData) {
	for what, items := range map[string]map[string]info{"routers": data.Routers, "middlewares": data.Middlewares, "services": data.Services} {
		for _, name := range ours(items) {
			item := items[name]
			proxy.result.Count(what, 1)
			if item.Status != "enabled" || len(item.Error) > 0 {
				proxy.result.Find("traefik: %s of %s is %s: %s", name, what, item.Status, strings.Join(item.Error, "; "))
			}
			if what == "middlewares" && len(item.UsedBy) == 0 {
				proxy.result.Find("traefik: no router uses the middleware %s", name)
			}
		}
	}
}

func (proxy *proxy) ask(path string) ([]byte, error) {
	return get("http://" + proxy.door.api + path)
}
