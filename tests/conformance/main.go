// Command conformance holds what formwork writes against the real thing: a kube-apiserver with the operators' own CRDs, and
// the readers that Flux and Argo CD use. README.md says how it is run and what it checks.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	done, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	commands := map[string]func(context.Context, []string) error{
		"check":       check,
		"definitions": definitions,
		"serve":       serve,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: conformance check|definitions|serve [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](done, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}
