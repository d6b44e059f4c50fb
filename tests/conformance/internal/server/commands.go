package server

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
)

// choosePorts returns the API server's port and etcd's client and peer ports.
func choosePorts(first int) ([3]int, error) {
	if first != 0 {
		return [3]int{first, first + 1, first + 2}, nil
	}
	var ports [3]int
	for index := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports, err
		}
		// Closed when all three are chosen, so that they differ.
		defer func() { _ = listener.Close() }()
		ports[index] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func etcdCommand(binaries, directory string, ports [3]int) *exec.Cmd {
	client := fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	peer := fmt.Sprintf("http://127.0.0.1:%d", ports[2])
	return exec.Command(filepath.Join(binaries, "etcd"),
		"--name=conformance",
		"--data-dir="+filepath.Join(directory, "etcd"),
		"--listen-client-urls="+client,
		"--advertise-client-urls="+client,
		"--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer,
		"--initial-cluster=conformance="+peer,
		"--log-level=warn",
		// The data lives for one run, so it need not survive a power cut.
		"--unsafe-no-fsync",
	)
}

// apiserverCommand keeps every default of the server that decides about objects: admission plugins (PodSecurity and
// ValidatingAdmissionPolicy among them), feature gates and RBAC. It sets only what a server cannot start without.
func apiserverCommand(options Options, directory string, ports [3]int) *exec.Cmd {
	key := filepath.Join(directory, "service-account.key")
	arguments := []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", ports[1]),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", ports[0]),
		"--cert-dir=" + filepath.Join(directory, "certificates"),
		"--token-auth-file=" + filepath.Join(directory, "tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://127.0.0.1",
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.96.0.0/16",
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		// One client sends everything as fast as it can; fairness between clients is not what is tested.
		"--enable-priority-and-fairness=false",
		"--profiling=false",
	}
	if options.Version != "" {
		arguments = append(arguments, "--emulated-version=kube="+strings.TrimPrefix(options.Version, "v"))
	}
	return exec.Command(filepath.Join(options.Binaries, "kube-apiserver"), arguments...)
}
