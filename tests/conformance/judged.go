package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"formwork.example/conformance/internal/admission"
	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/crds"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/rules"
	"formwork.example/conformance/internal/server"
)

// askAboutPolicies has a server judge the cases of the house's policies, which are the same in all clusters.
func (given *settings) askAboutPolicies(context.Context) ([]*report.Report, error) {
	result := report.New("admission")
	versions, err := given.versions()
	if err != nil {
		return nil, err
	}
	newest := versions[len(versions)-1]
	return []*report.Report{result}, given.withServer("admission", newest, func(connection *client.Client) error {
		return admission.Run(connection, given.root, given.clusters[0], result)
	})
}

// askAboutRules has a server judge the examples on the pages of formwork's own rules.
func (given *settings) askAboutRules(context.Context) ([]*report.Report, error) {
	result := report.New("rules")
	if given.formwork == "" {
		result.Note("not asked, because formwork's program was not given")
		return []*report.Report{result}, nil
	}
	records, known, err := rules.Load(given.formwork)
	if err != nil {
		return nil, err
	}
	if !known {
		result.Note("not asked, because this formwork has no `explain --all --format json`")
		return []*report.Report{result}, nil
	}
	versions, err := given.versions()
	if err != nil {
		return nil, err
	}
	newest := versions[len(versions)-1]
	return []*report.Report{result}, given.withServer("rules", newest, func(connection *client.Client) error {
		return rules.Run(connection, records, given.work, result)
	})
}

// withServer works with a fresh server that knows the operators' kinds.
func (given *settings) withServer(name, version string, work func(*client.Client) error) error {
	definitions, _, err := crds.Load(given.shared)
	if err != nil {
		return err
	}
	directory := filepath.Join(given.work, name+"-server")
	if err := os.RemoveAll(directory); err != nil {
		return err
	}
	running, err := server.Start(server.Options{Binaries: given.binaries, Directory: directory, Version: version})
	if err != nil {
		return err
	}
	defer running.Stop()
	connection := client.New(running.URL)
	defer connection.Close()
	if err := crds.Install(connection, definitions); err != nil {
		return err
	}
	return work(connection)
}

// versions are the oldest and the newest of the clusters, unless others were asked for.
func (given *settings) versions() ([]string, error) {
	if given.version != "" {
		return strings.Split(given.version, ","), nil
	}
	oldest, newest := 0, 0
	for _, cluster := range given.clusters {
		version, err := delivery.Version(given.root, cluster)
		if err != nil {
			return nil, err
		}
		minor, err := strconv.Atoi(strings.TrimPrefix(version, "1."))
		if err != nil {
			return nil, fmt.Errorf("cluster %s: version %s: %w", cluster, version, err)
		}
		if oldest == 0 || minor < oldest {
			oldest = minor
		}
		newest = max(newest, minor)
	}
	if oldest == newest {
		return []string{fmt.Sprintf("1.%d", newest)}, nil
	}
	return []string{fmt.Sprintf("1.%d", oldest), fmt.Sprintf("1.%d", newest)}, nil
}
