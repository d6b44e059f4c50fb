package mutants

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
)

// ForUpdates chooses the manifests that are stored and then changed: all seeds, and of each emitted kind a few, no two of one
// address.
func ForUpdates(emitted, seeds []delivery.Object, each int, seed uint64) []delivery.Object {
	random := rand.New(rand.NewPCG(seed, 1))
	order := random.Perm(len(emitted))
	chosen := slices.Clone(seeds)
	taken := map[client.Object]bool{}
	for _, object := range seeds {
		taken[object.Address] = true
	}
	counts := map[string]int{}
	for _, index := range order {
		object := emitted[index]
		if kind := kindOf(object); !taken[object.Address] && counts[kind] < each {
			taken[object.Address] = true
			counts[kind]++
			chosen = append(chosen, object)
		}
	}
	return chosen
}

// AskUpdates stores each original, asks what the server says about applying its mutants over it, and takes it away again. Delivery
// applies too, so what a mutant no longer says goes back to its default.
func AskUpdates(connection *client.Client, version string, mutants []Mutant, result *report.Report) ([]Verdict, error) {
	var verdicts []Verdict
	for _, group := range byOriginal(mutants) {
		original := group[0].original
		answer, err := connection.Apply(original.Address, original.Document)
		if err != nil {
			return nil, err
		}
		if !answer.Accepted() {
			result.Find("%s: %s cannot be stored: %s", original.Path, original.Address, answer.Message())
			continue
		}
		asked := make([]Verdict, len(group))
		err = inParallel(len(group), func(index int) error {
			verdict, err := askUpdate(connection, group[index])
			verdict.Version, verdict.Update = version, true
			asked[index] = verdict
			return err
		})
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, asked...)
		if err := remove(connection, original.Address); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// byOriginal groups the mutants that are still the same object as what they were made of.
func byOriginal(mutants []Mutant) [][]Mutant {
	places := map[*delivery.Object]int{}
	var groups [][]Mutant
	for _, mutant := range mutants {
		metadata, _ := mutant.Object["metadata"].(map[string]any)
		namespace, _ := metadata["namespace"].(string)
		if address := mutant.original.Address; metadata["name"] != address.Name || namespace != address.Namespace {
			continue
		}
		place, known := places[mutant.original]
		if !known {
			place = len(groups)
			places[mutant.original] = place
			groups = append(groups, nil)
		}
		groups[place] = append(groups[place], mutant)
	}
	return groups
}

func askUpdate(connection *client.Client, mutant Mutant) (Verdict, error) {
	document, err := json.Marshal(mutant.Object)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Mutant: mutant}
	answer, err := survive(connection.DryApply(mutant.original.Address, document))
	if err != nil {
		return verdict, err
	}
	verdict.Applied, verdict.ApplyMessage, verdict.Warnings = judge(answer)
	// Applying decodes some numbers that overflow and passes what was wrong before, on which nobody relies: formwork may refuse what
	// a create would refuse.
	answer, err = survive(connection.Create(mutant.original.Address, document, true))
	if err != nil {
		return verdict, err
	}
	verdict.Accepted, verdict.Message, _ = judge(answer)
	return verdict, nil
}

// remove takes an object away, so that it cannot meddle with the next. A namespace stays, because others live in it.
func remove(connection *client.Client, address client.Object) error {
	if address.Kind == "Namespace" {
		return nil
	}
	answer, err := connection.Delete(address)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s cannot be removed: %s", address, answer.Message())
	}
	return err
}
