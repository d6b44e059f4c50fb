package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/crds"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/mutants"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/rules"
)

// askAboutMutants has servers of the oldest and the newest version judge broken manifests and, where formwork's program is
// given, compares its verdicts.
func (given *settings) askAboutMutants(context.Context) ([]*report.Report, error) {
	emitted, err := delivery.Read(given.root, "generated")
	if err != nil {
		return nil, err
	}
	seeds, err := delivery.Read(given.root, "tests/conformance/seeds")
	if err != nil {
		return nil, err
	}
	versions, err := given.versions()
	if err != nil {
		return nil, err
	}
	formwork, err := given.preparedFormwork()
	if err != nil {
		return nil, err
	}
	created := mutants.Generate(slices.Concat(emitted, seeds), given.mutants, given.seed)
	var updated []mutants.Mutant
	if formwork != nil && formwork.HasUpdates() {
		updated = mutants.GenerateUpdates(mutants.ForUpdates(emitted, seeds, 2, given.seed), given.mutants/2, given.seed+1)
	}
	comparison := mutants.Comparison{Formwork: formwork}
	var results []*report.Report
	for index, version := range versions {
		result := report.New("mutants " + version)
		results = append(results, result)
		asked := func(made []mutants.Mutant) []mutants.Mutant {
			if index == len(versions)-1 {
				return made
			}
			// What custom resources may hold does not depend on the server's version.
			return slices.DeleteFunc(slices.Clone(made), isCustom)
		}
		err := given.compareAt(version, slices.Concat(emitted, seeds), asked(created), asked(updated), &comparison, result)
		if err != nil {
			return results, err
		}
	}
	summary := report.New("mutants")
	return append(results, summary), comparison.Finish(given.work, summary)
}

// isCustom says whether a definition makes the mutant's kind known.
func isCustom(mutant mutants.Mutant) bool {
	group, _, hasGroup := strings.Cut(mutant.Kind, "/")
	return hasGroup && strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
}

// compareAt asks one server, which has the definitions and the namespaces. Creates come first, while it holds no object that could
// be in the way.
func (given *settings) compareAt(
	version string, objects []delivery.Object, created, updated []mutants.Mutant, comparison *mutants.Comparison, result *report.Report,
) error {
	var creates, updates []mutants.Verdict
	err := given.withServer("mutants", version, func(connection *client.Client) error {
		if err := given.prepare(connection, objects); err != nil {
			return err
		}
		var err error
		if creates, err = mutants.Ask(connection, version, created); err != nil {
			return err
		}
		updates, err = mutants.AskUpdates(connection, version, updated, result)
		return err
	})
	if err != nil {
		return err
	}
	if err := comparison.Add(version, creates, result); err != nil {
		return err
	}
	return comparison.Add(version, updates, result)
}

// preparedFormwork is the program with what it needs; nothing where none was given.
func (given *settings) preparedFormwork() (*mutants.Formwork, error) {
	if given.formwork == "" {
		return nil, nil
	}
	definitions, _, err := crds.Load(given.shared)
	if err != nil {
		return nil, err
	}
	records, _, err := rules.Load(given.formwork)
	if err != nil {
		return nil, err
	}
	formwork := mutants.Formwork{
		Program:     given.formwork,
		Others:      rules.OfOthers(records),
		Definitions: filepath.Join(given.work, "definitions"),
		Work:        filepath.Join(given.work, "mutants"),
	}
	return &formwork, crds.Write(formwork.Definitions, definitions)
}

// prepare makes the namespaces of the objects and what else must be there before anything can be judged.
func (given *settings) prepare(connection *client.Client, objects []delivery.Object) error {
	present, err := delivery.Read(given.root, "tests/conformance/present")
	if err != nil {
		return err
	}
	made := map[string]bool{"": true}
	for _, object := range append(present, objects...) {
		name := object.Address.Namespace
		if made[name] {
			continue
		}
		made[name] = true
		document := fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name)
		if err := create(connection, client.Object{APIVersion: "v1", Kind: "Namespace", Name: name}, []byte(document)); err != nil {
			return err
		}
	}
	for _, object := range present {
		if err := create(connection, object.Address, object.Document); err != nil {
			return err
		}
	}
	return nil
}

// create makes an object unless it is there, as the server's own namespaces are.
func create(connection *client.Client, address client.Object, document []byte) error {
	answer, err := connection.Create(address, document, false)
	if err == nil && !answer.Accepted() && answer.Code != http.StatusConflict {
		err = fmt.Errorf("%s: %s", address, answer.Message())
	}
	return err
}
