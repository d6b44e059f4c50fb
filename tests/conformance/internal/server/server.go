// Package server starts a real etcd and a real kube-apiserver on loopback and ends them again.
package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Token is the bearer token of a cluster administrator. It protects nothing: the server listens on loopback for one test.
const Token = "conformance"

// Options say which server to start.
type Options struct {
	// Binaries is the folder that holds `etcd` and `kube-apiserver`.
	Binaries string
	// Directory receives data, keys and logs; it must be empty or absent.
	Directory string
	// Version is the minor version whose behaviour the server shows, as "1.35"; empty for the binary's own.
	Version string
	// FirstPort is the API server's port, followed by etcd's two; 0 takes free ones.
	FirstPort int
}

// Server is one running pair of etcd and kube-apiserver.
type Server struct {
	URL        string
	Kubeconfig string
	directory  string
	processes  []*process
}

// Start starts both programs and returns when the API server is ready.
func Start(options Options) (*Server, error) {
	directory, err := filepath.Abs(options.Directory)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	ports, err := choosePorts(options.FirstPort)
	if err != nil {
		return nil, err
	}
	if err := writeCredentials(directory); err != nil {
		return nil, err
	}
	server := &Server{
		URL:        fmt.Sprintf("https://127.0.0.1:%d", ports[0]),
		Kubeconfig: filepath.Join(directory, "kubeconfig"),
		directory:  directory,
	}
	if err := server.launch(options, ports); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

func (server *Server) launch(options Options, ports [3]int) error {
	commands := []*exec.Cmd{
		etcdCommand(options.Binaries, server.directory, ports),
		apiserverCommand(options, server.directory, ports),
	}
	for _, command := range commands {
		process, err := launch(command, server.directory)
		if err != nil {
			return err
		}
		server.processes = append(server.processes, process)
	}
	if err := server.waitUntilReady(2 * time.Minute); err != nil {
		return err
	}
	return writeKubeconfig(server.Kubeconfig, server.URL)
}

func (server *Server) waitUntilReady(limit time.Duration) error {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Timeout: 2 * time.Second, Transport: transport}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/readyz", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+Token)
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, process := range server.processes {
			if process.ended() {
				return fmt.Errorf("%s ended before it was ready; the last lines of its log:\n%s", process.name, process.tail())
			}
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("the API server was not ready after %s; see %s", limit, server.directory)
}

// Stop ends both programs, the API server first, and waits for them.
func (server *Server) Stop() {
	for index := len(server.processes) - 1; index >= 0; index-- {
		server.processes[index].stop(10 * time.Second)
	}
	server.processes = nil
}

// Wait returns when one of the programs has ended by itself or the context is done.
func (server *Server) Wait(done context.Context) {
	for {
		for _, process := range server.processes {
			if process.ended() {
				return
			}
		}
		select {
		case <-done.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// process is one child with its log file; it dies with this program even when that is killed.
type process struct {
	name    string
	log     string
	command *exec.Cmd
	exited  chan struct{}
}

func launch(command *exec.Cmd, directory string) (*process, error) {
	name := filepath.Base(command.Path)
	path := filepath.Join(directory, name+".log")
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr, command.Dir = file, file, directory
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := &process{name: name, log: path, command: command, exited: make(chan struct{})}
	if err := command.Start(); err != nil {
		_ = file.Close()
		return nil, err
	}
	go func() {
		_ = command.Wait()
		_ = file.Close()
		close(started.exited)
	}()
	return started, nil
}

func (started *process) ended() bool {
	select {
	case <-started.exited:
		return true
	default:
		return false
	}
}

func (started *process) stop(patience time.Duration) {
	_ = started.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-started.exited:
	case <-time.After(patience):
		_ = started.command.Process.Kill()
		<-started.exited
	}
}

func (started *process) tail() string {
	text, err := os.ReadFile(started.log)
	if err != nil {
		return err.Error()
	}
	if len(text) > 4000 {
		text = text[len(text)-4000:]
	}
	return string(text)
}
