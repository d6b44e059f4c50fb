package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"formwork.example/conformance/internal/apply"
	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/crds"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/flux"
	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/server"
	"formwork.example/conformance/internal/traefik"
)

// cluster is one of ours with an API server of its own that behaves as the cluster's version and holds nothing but definitions.
type cluster struct {
	name, version string
	plan          delivery.Plan
	running       *server.Server
	connection    *client.Client
}

// start starts the server of a cluster; only definitions of groups that end with one of these are installed.
func (given *settings) start(name string, definitions []crds.Definition, groups ...string) (*cluster, error) {
	plan, err := delivery.Follow(given.root, name)
	if err != nil {
		return nil, err
	}
	version, err := delivery.Version(given.root, name)
	if err != nil {
		return nil, err
	}
	directory := filepath.Join(given.work, name)
	if err := programs.EmptyFolder(directory); err != nil {
		return nil, err
	}
	running, err := server.Start(server.Options{Binaries: given.binaries, Directory: directory, Version: version})
	if err != nil {
		return nil, err
	}
	started := &cluster{name: name, version: version, plan: plan, running: running, connection: client.New(running.URL)}
	if err := crds.Install(started.connection, ofGroups(definitions, groups)); err != nil {
		started.stop()
		return nil, err
	}
	return started, nil
}

func (cluster *cluster) stop() {
	cluster.connection.Close()
	cluster.running.Stop()
}

func ofGroups(definitions []crds.Definition, groups []string) []crds.Definition {
	var chosen []crds.Definition
	for _, definition := range definitions {
		for _, group := range groups {
			if strings.HasSuffix(definition.Name, group) {
				chosen = append(chosen, definition)
				break
			}
		}
	}
	return chosen
}

// eachCluster runs a check against the server of one cluster after the other.
func (given *settings) eachCluster(done context.Context, definitions []crds.Definition, groups []string, check func(*cluster) (*report.Report, error)) ([]*report.Report, error) {
	var results []*report.Report
	for _, name := range given.clusters {
		if done.Err() != nil {
			return results, done.Err()
		}
		started, err := given.start(name, definitions, groups...)
		if err != nil {
			return results, fmt.Errorf("%s: %w", name, err)
		}
		result, err := check(started)
		started.stop()
		results = append(results, result)
		if err != nil {
			return results, fmt.Errorf("%s: %w", name, err)
		}
	}
	return results, nil
}

// applyAll applies each cluster's part.
func (given *settings) applyAll(done context.Context) ([]*report.Report, error) {
	definitions, remarks, err := crds.Load(given.shared)
	if err != nil {
		return nil, err
	}
	general := report.New("definitions")
	general.Count("custom resource definitions", len(definitions))
	for _, remark := range remarks {
		general.Note("%s", remark)
	}
	results, err := given.eachCluster(done, definitions, []string{""}, func(cluster *cluster) (*report.Report, error) {
		result := report.New("apply " + cluster.name + " (Kubernetes " + cluster.version + ", " + cluster.plan.Engine + ")")
		return result, apply.Run(cluster.connection, cluster.plan, result)
	})
	return append([]*report.Report{general}, results...), err
}

// serveRoutes has Traefik serve each cluster's routes.
func (given *settings) serveRoutes(done context.Context) ([]*report.Report, error) {
	skipped := report.New("traefik")
	program := programs.Built(given.binaries, "traefik", "requests through the routes", skipped)
	if program == "" {
		return []*report.Report{skipped}, nil
	}
	definitions, _, err := crds.Load(given.shared)
	if err != nil {
		return nil, err
	}
	return given.eachCluster(done, definitions, []string{".traefik.io"}, func(cluster *cluster) (*report.Report, error) {
		result := report.New("traefik " + cluster.name)
		folder := filepath.Join(given.work, cluster.name+"-traefik")
		return result, traefik.Run(program, folder, cluster.running, cluster.connection, cluster.plan, result)
	})
}

// reconcileAll has the controllers of Flux deliver to each cluster that uses them.
func (given *settings) reconcileAll(done context.Context) ([]*report.Report, error) {
	skipped := report.New("flux")
	programs := flux.Delivery{
		Root:      given.root,
		Source:    programs.Built(given.binaries, "source-controller", "delivery by Flux", skipped),
		Kustomize: programs.Built(given.binaries, "kustomize-controller", "delivery by Flux", skipped),
		Git:       programs.Find("git", "delivery by Flux", skipped),
	}
	if programs.Source == "" || programs.Kustomize == "" || programs.Git == "" {
		return []*report.Report{skipped}, nil
	}
	definitions, _, err := crds.Load(given.shared)
	if err != nil {
		return nil, err
	}
	delivered := *given
	delivered.clusters = nil
	for _, name := range given.clusters {
		plan, err := delivery.Follow(given.root, name)
		if err != nil {
			return nil, err
		}
		if plan.Engine == "flux" {
			delivered.clusters = append(delivered.clusters, name)
		}
	}
	return delivered.eachCluster(done, definitions, []string{""}, func(cluster *cluster) (*report.Report, error) {
		result := report.New("flux " + cluster.name)
		delivery := programs
		delivery.Folder = filepath.Join(given.work, cluster.name+"-flux")
		delivery.Running, delivery.Connection = cluster.running, cluster.connection
		delivery.Plan, delivery.Result = cluster.plan, result
		return result, delivery.Run()
	})
}
