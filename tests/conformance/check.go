package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/kustomize"
	"formwork.example/conformance/internal/peers"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/yamls"
)

// settings are what every check needs to know.
type settings struct {
	// root is the repository, work an empty folder for the servers' data, shared the folder of definitions beside the
	// repository.
	root, work, shared, binaries string
	clusters                     []string
	// formwork is the program that the mutants are compared with, mutants how many of them, version
	// the servers' where it is not the clusters'.
	formwork, version string
	mutants           int
	seed              uint64
}

// A step checks one thing, for all clusters, and says what it found.
type step struct {
	name string
	run  func(*settings, context.Context) ([]*report.Report, error)
}

var steps = []step{
	{"yaml", (*settings).readYAML},
	{"kustomize", (*settings).buildFluxFolders},
	{"prometheus", peer("prometheus", peers.Prometheus)},
	{"alerts", peer("alerts", peers.Alerts)},
	{"postgres", peer("postgres", peers.Postgres)},
	{"redis", peer("redis", peers.Redis)},
	{"apply", (*settings).applyAll},
	{"traefik", (*settings).serveRoutes},
	{"flux", (*settings).reconcileAll},
	{"admission", (*settings).askAboutPolicies},
	{"rules", (*settings).askAboutRules},
	{"mutants", (*settings).askAboutMutants},
}

// check runs the whole suite and fails when anything is found.
func check(done context.Context, arguments []string) error {
	flags := flag.NewFlagSet("check", flag.ExitOnError)
	var given settings
	var clusters, only string
	flags.StringVar(&given.root, "root", ".", "the repository")
	flags.StringVar(&given.work, "work", "", "folder for the servers' data; emptied first")
	flags.StringVar(&given.shared, "shared", "../shared/crds", "folder of definitions that no module carries, used when present")
	flags.StringVar(&given.binaries, "binaries", "", "folder of etcd and kube-apiserver")
	flags.StringVar(&clusters, "clusters", "", "only these clusters, separated by commas")
	flags.StringVar(&given.formwork, "formwork", "", "formwork's program, to compare its verdicts on mutants with the server's")
	flags.IntVar(&given.mutants, "mutants", 6000, "how many mutants")
	flags.Uint64Var(&given.seed, "seed", 1, "seed of the mutants")
	flags.StringVar(&given.version, "emulate", "", "Kubernetes minor versions of the servers that judge mutants, separated by commas; the clusters' oldest and newest when absent")
	flags.StringVar(&only, "only", "all", "only these steps, separated by commas")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if clusters != "" {
		given.clusters = strings.Split(clusters, ",")
	} else if err := given.findClusters(); err != nil {
		return err
	}
	return given.runSteps(done, strings.Split(only, ","))
}

// runSteps prints each step's report as soon as it is there and at the end what the whole found.
func (given *settings) runSteps(done context.Context, only []string) error {
	checks, findings := 0, 0
	for _, step := range steps {
		if !slices.Contains(only, "all") && !slices.Contains(only, step.name) {
			continue
		}
		started := time.Now()
		results, err := step.run(given, done)
		for _, result := range results {
			result.Print(os.Stdout)
			checks++
			findings += len(result.Findings())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Printf("%s took %.0f s\n", step.name, time.Since(started).Seconds())
	}
	fmt.Printf("conformance: %d reports, %d findings\n", checks, findings)
	if findings > 0 {
		return fmt.Errorf("%d findings", findings)
	}
	return nil
}

// peer makes a step of a check that needs no API server.
func peer(name string, run func(root, work string, result *report.Report) error) func(*settings, context.Context) ([]*report.Report, error) {
	return func(given *settings, _ context.Context) ([]*report.Report, error) {
		result := report.New(name)
		return []*report.Report{result}, run(given.root, given.work, result)
	}
}

func (given *settings) readYAML(context.Context) ([]*report.Report, error) {
	result := report.New("yaml")
	return []*report.Report{result}, yamls.Run(given.root, "generated", result)
}

func (given *settings) buildFluxFolders(context.Context) ([]*report.Report, error) {
	result := report.New("kustomize")
	for _, cluster := range given.clusters {
		if err := kustomize.Run(given.root, given.work, cluster, result); err != nil {
			return []*report.Report{result}, err
		}
	}
	return []*report.Report{result}, nil
}

func (given *settings) findClusters() error {
	clusters, err := delivery.Clusters(given.root)
	given.clusters = clusters
	return err
}
