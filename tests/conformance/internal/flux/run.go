// Package flux has real controllers of Flux deliver the generated tree out of a git repository.
package flux

import (
	"fmt"
	"net/http"
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

// Delivery is one cluster that receives its part of the tree.
type Delivery struct {
	// Root is the repository, Folder an empty one for files, Source and Kustomize the programs of the two controllers.
	Root, Folder, Source, Kustomize, Git string
	Running                              *server.Server
	Connection                           *client.Client
	Plan                                 delivery.Plan
	Result                               *report.Report

	repository *repository
	// limit is how long the controllers may take for anything.
	limit time.Duration
}

// Run bootstraps the cluster as its operator would, with the source and the root of the tree alone, and waits for the rest.
func (given *Delivery) Run() error {
	given.limit = 8 * time.Minute
	given.Plan.Objects = once(given.Plan.Objects)
	if err := programs.EmptyFolder(given.Folder); err != nil {
		return err
	}
	world, environment, err := given.openWorld()
	if err != nil {
		return err
	}
	defer world.Stop()
	if err := given.bootstrap(); err != nil {
		return err
	}
	operators := startOperators(given.Connection)
	stop, err := given.startControllers(environment)
	defer stop()
	if err != nil {
		return err
	}
	settled := programs.Eventually(given.limit, given.allReady)
	for _, obstacle := range operators.obstacles() {
		given.Result.Find("flux: %s", obstacle)
	}
	if settled != nil {
		given.Result.Find("flux: %v", settled)
		_ = operators.close()
		return nil
	}
	if err := given.compareInventories(); err != nil {
		return err
	}
	if err := given.repeat(); err != nil {
		return err
	}
	if err := given.remove(); err != nil {
		return err
	}
	return operators.close()
}

// once leaves out what a plan has twice: what Flux begins with is part of what it then delivers.
func once(objects []delivery.Object) []delivery.Object {
	known := map[client.Object]bool{}
	var different []delivery.Object
	for _, object := range objects {
		if !known[object.Address] {
			different = append(different, object)
		}
		known[object.Address] = true
	}
	return different
}

// openWorld serves what the cluster reaches outside: its git repository and the indexes of its charts.
func (given *Delivery) openWorld() (*network.Network, []string, error) {
	world := http.NewServeMux()
	names := map[string]bool{}
	for _, object := range given.Plan.Objects {
		address, err := url.Parse(object.Text("spec", "url"))
		if err != nil || address.Host == "" {
			continue
		}
		switch object.Address.Kind {
		case "GitRepository":
			given.repository, err = newRepository(given.Git, filepath.Join(given.Folder, "git"), given.Root, address.Path)
			if err != nil {
				return nil, nil, err
			}
			world.Handle(address.Host+address.Path+"/", given.repository)
			given.Result.Count("git repositories", 1)
		case "HelmRepository":
			world.HandleFunc(address.Host+address.Path+"/index.yaml", func(response http.ResponseWriter, _ *http.Request) {
				_, _ = response.Write([]byte("apiVersion: v1\nentries: {}\n"))
			})
			given.Result.Count("chart repositories", 1)
		default:
			continue
		}
		names[address.Hostname()] = true
	}
	authority, err := network.NewAuthority()
	if err != nil {
		return nil, nil, err
	}
	var hosts []string
	for name := range names {
		hosts = append(hosts, name)
	}
	started, err := network.Start(authority, hosts, world)
	if err != nil {
		return nil, nil, err
	}
	trusted := filepath.Join(given.Folder, "authority.pem")
	environment := []string{
		"KUBECONFIG=" + given.Running.Kubeconfig, "RUNTIME_NAMESPACE=flux-system", "HOSTNAME=conformance",
		"HTTPS_PROXY=" + started.URL(), "HTTP_PROXY=" + started.URL(), "SSL_CERT_FILE=" + trusted,
		"HOME=" + given.Folder, "TMPDIR=" + given.Folder, "PATH=" + os.Getenv("PATH"),
	}
	return started, environment, os.WriteFile(trusted, authority.PEM(), 0o600)
}

// bootstrap makes what is there before Flux begins, the namespace and the password, and the two objects that it begins with.
func (given *Delivery) bootstrap() error {
	documents := map[client.Object]string{
		{APIVersion: "v1", Kind: "Namespace", Name: "flux-system"}: `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"flux-system"}}`,
	}
	for address, document := range documents {
		if err := given.create(address, []byte(document)); err != nil {
			return err
		}
	}
	for _, object := range given.Plan.Objects {
		first := object.Address.Kind == "Kustomization" && filepath.Clean(object.Text("spec", "path")) == "generated/delivery/"+given.Plan.Cluster
		if object.Address.Kind == "GitRepository" {
			first = true
			secret := client.Object{APIVersion: "v1", Kind: "Secret", Namespace: object.Address.Namespace, Name: object.Text("spec", "secretRef", "name")}
			document := fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":%q,"namespace":%q},"stringData":{"username":%q,"password":%q}}`,
				secret.Name, secret.Namespace, gitUser, gitPassword)
			if err := given.create(secret, []byte(document)); err != nil {
				return err
			}
		}
		if !first {
			continue
		}
		if err := given.create(object.Address, object.Document); err != nil {
			return err
		}
		given.Result.Note("begins with %s", object.Address)
	}
	return nil
}

func (given *Delivery) create(address client.Object, document []byte) error {
	answer, err := given.Connection.Create(address, document, false)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s: %s", address, answer.Message())
	}
	return err
}

// startControllers starts both with Flux' defaults, but for addresses, patience between attempts and concurrency.
func (given *Delivery) startControllers(environment []string) (func(), error) {
	addresses, err := programs.Addresses(5)
	if err != nil {
		return func() {}, err
	}
	storage := filepath.Join(given.Folder, "artifacts")
	if err := programs.EmptyFolder(storage); err != nil {
		return func() {}, err
	}
	common := []string{"--watch-all-namespaces", "--requeue-dependency=3s", "--log-encoding=json", "--interval-jitter-percentage=0"}
	source := append([]string{
		"--metrics-addr=" + addresses[0], "--health-addr=" + addresses[1],
		"--storage-path=" + storage, "--storage-addr=" + addresses[2], "--storage-adv-addr=" + addresses[2],
	}, common...)
	kustomize := append([]string{"--metrics-addr=" + addresses[3], "--health-addr=" + addresses[4], "--concurrent=8"}, common...)
	var stops []func()
	stop := func() {
		for _, stop := range slices.Backward(stops) {
			stop()
		}
	}
	for _, program := range [][]string{append([]string{given.Source}, source...), append([]string{given.Kustomize}, kustomize...)} {
		command := exec.Command(program[0], program[1:]...)
		command.Env, command.Dir = environment, given.Folder
		end, err := programs.Background(command, given.log(program[0]))
		if err != nil {
			return stop, err
		}
		stops = append(stops, end)
	}
	return stop, nil
}

func (given *Delivery) log(program string) string {
	return filepath.Join(given.Folder, filepath.Base(program)+".log")
}

// allReady says what still has to become ready.
func (given *Delivery) allReady() error {
	waiting := 0
	var first string
	for _, kind := range []client.Object{sources, kustomizations} {
		items, err := list(given.Connection, kind)
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, item := range items {
			known[text(item, "metadata", "name")] = conditionIs(item, "Ready") &&
				value(item, "status", "observedGeneration") == value(item, "metadata", "generation")
			if !known[text(item, "metadata", "name")] && first == "" {
				first = kind.Kind + " " + text(item, "metadata", "name") + ": " + reason(item)
			}
		}
		for _, object := range given.Plan.Objects {
			if object.Address.Kind == kind.Kind && !known[object.Address.Name] {
				waiting++
				if first == "" {
					first = object.Address.String() + " is not there"
				}
			}
		}
	}
	if waiting > 0 {
		time.Sleep(500 * time.Millisecond)
		return fmt.Errorf("%d are not ready, such as %s; %s", waiting, first, programs.LastLines(given.log(given.Kustomize)))
	}
	return nil
}

var (
	sources        = client.Object{APIVersion: "source.toolkit.fluxcd.io/v1", Kind: "GitRepository"}
	kustomizations = client.Object{APIVersion: "kustomize.toolkit.fluxcd.io/v1", Kind: "Kustomization"}
)

func reason(item object) string {
	var texts []string
	for _, condition := range objectsIn(value(item, "status", "conditions")) {
		texts = append(texts, fmt.Sprintf("%v=%v %v", condition["type"], condition["status"], condition["message"]))
	}
	return strings.Join(texts, "; ")
}
