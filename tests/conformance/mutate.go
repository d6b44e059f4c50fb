package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"formwork.example/conformance/internal/admission"
	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/crds"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/mutants"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/server"
)

// askAboutMutants has a server judge broken manifests and, where formwork's program is given, compares its verdicts.
func (given *settings) askAboutMutants(context.Context) ([]*report.Report, error) {
	result := report.New("mutants")
	objects, err := delivery.Read(given.root, "generated")
	if err != nil {
		return nil, err
	}
	made := mutants.Generate(objects, given.mutants, given.seed)
	result.Count("mutants", len(made))
	verdicts, err := given.verdicts(objects, made)
	if err != nil {
		return nil, err
	}
	for _, verdict := range verdicts {
		switch {
		case verdict.Accepted && verdict.Applied:
			result.Count("accepted", 1)
		case verdict.Accepted:
			result.Count("refused only by server-side apply", 1)
		default:
			result.Count("refused", 1)
		}
	}
	if given.formwork != "" {
		if err := mutants.Compare(given.formwork, given.work, verdicts, result); err != nil {
			return nil, err
		}
	} else {
		result.Note("formwork itself was not asked, because no program was given")
	}
	path := filepath.Join(given.work, "mutants.jsonl")
	result.Note("verdicts are in %s", path)
	return []*report.Report{result}, mutants.Write(path, verdicts)
}

// verdicts asks a server that has the definitions and the namespaces, and no object that could be in the way.
func (given *settings) verdicts(objects []delivery.Object, made []mutants.Mutant) ([]mutants.Verdict, error) {
	var verdicts []mutants.Verdict
	err := given.withServer("mutants", func(connection *client.Client) error {
		if err := makeNamespaces(connection, objects); err != nil {
			return err
		}
		var err error
		verdicts, err = mutants.Ask(connection, made)
		return err
	})
	return verdicts, err
}

// askAboutPolicies has a server judge the cases of the house's policies, which are the same in all clusters.
func (given *settings) askAboutPolicies(context.Context) ([]*report.Report, error) {
	result := report.New("admission")
	return []*report.Report{result}, given.withServer("admission", func(connection *client.Client) error {
		return admission.Run(connection, given.root, given.clusters[0], result)
	})
}

// withServer works with a fresh server that knows the operators' kinds.
func (given *settings) withServer(name string, work func(*client.Client) error) error {
	definitions, _, err := crds.Load(given.shared)
	if err != nil {
		return err
	}
	directory := filepath.Join(given.work, name+"-server")
	if err := os.RemoveAll(directory); err != nil {
		return err
	}
	running, err := server.Start(server.Options{Binaries: given.binaries, Directory: directory, Version: given.version})
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

func makeNamespaces(connection *client.Client, objects []delivery.Object) error {
	made := map[string]bool{"": true}
	for _, object := range objects {
		name := object.Address.Namespace
		if made[name] {
			continue
		}
		made[name] = true
		document := fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name)
		address := client.Object{APIVersion: "v1", Kind: "Namespace", Name: name}
		answer, err := connection.Create(address, []byte(document), false)
		if err != nil {
			return err
		}
		if !answer.Accepted() {
			return fmt.Errorf("namespace %s: %s", name, answer.Message())
		}
	}
	return nil
}
