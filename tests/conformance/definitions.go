package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"

	"formwork.example/conformance/internal/crds"
)

// definitions prints the operators' definitions as one JSON list, for xtask, which writes down what formwork knows of them.
func definitions(_ context.Context, arguments []string) error {
	flags := flag.NewFlagSet("definitions", flag.ContinueOnError)
	shared := flags.String("shared", "", "a folder with definitions that no module carries")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	loaded, _, err := crds.Load(*shared)
	if err != nil {
		return err
	}
	type printed struct {
		Origin  string         `json:"origin"`
		Content map[string]any `json:"content"`
	}
	all := make([]printed, 0, len(loaded))
	for _, definition := range loaded {
		all = append(all, printed{definition.Origin, definition.Content})
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}
