package main

import (
	"context"
	"flag"
	"fmt"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/crds"
	"formwork.example/conformance/internal/server"
)

// serve starts one server for somebody's experiments, prints the path of its kubeconfig and waits for a signal.
func serve(done context.Context, arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	var options server.Options
	flags.StringVar(&options.Binaries, "binaries", "", "folder of etcd and kube-apiserver")
	flags.StringVar(&options.Directory, "directory", "", "empty folder for data, keys and logs")
	flags.StringVar(&options.Version, "emulate", "", "Kubernetes minor version to behave as, such as 1.35")
	flags.IntVar(&options.FirstPort, "port", 0, "first of three loopback ports; 0 takes free ones")
	definitions := flags.Bool("definitions", false, "install the operators' custom resource definitions")
	shared := flags.String("shared", "../shared/crds", "folder of definitions that no module carries, used when present")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	running, err := server.Start(options)
	if err != nil {
		return err
	}
	defer running.Stop()
	if *definitions {
		if err := installDefinitions(running.URL, *shared); err != nil {
			return err
		}
	}
	fmt.Println(running.Kubeconfig)
	running.Wait(done)
	return nil
}

func installDefinitions(url, shared string) error {
	found, _, err := crds.Load(shared)
	if err != nil {
		return err
	}
	connection := client.New(url)
	defer connection.Close()
	return crds.Install(connection, found)
}
