// Package programs finds, starts and ends the programs that the suite holds our output against.
package programs

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"formwork.example/conformance/internal/report"
)

// Find returns a program's path; where it is missing the report says what is skipped.
func Find(program, what string, result *report.Report) string {
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	// Debian keeps PostgreSQL's programs out of the search path.
	matches, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	if err == nil && len(matches) > 0 {
		return matches[len(matches)-1]
	}
	result.Note("%s skipped, because there is no %s here", what, program)
	return ""
}

// Built returns the path of a program that `run` has built; where it could not, the report says what is skipped.
func Built(binaries, program, what string, result *report.Report) string {
	path := filepath.Join(binaries, program)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	result.Note("%s skipped, because %s could not be built here", what, program)
	return ""
}

// Background starts a program that ends with this one and returns how to stop it.
func Background(command *exec.Cmd, log string) (func(), error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = file, file
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := command.Start(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() {
		// An interrupt is the fast and orderly end of all of them; a server that waits for its clients is not waited for.
		_ = command.Process.Signal(syscall.SIGINT)
		patience := time.AfterFunc(10*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		patience.Stop()
		_ = file.Close()
	}, nil
}

// Eventually tries until it works or the time is over.
func Eventually(limit time.Duration, try func() error) error {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// LastLines returns the end of a log.
func LastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], " | ")
}

// EmptyFolder makes a folder anew.
func EmptyFolder(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Addresses returns free addresses on loopback.
func Addresses(number int) ([]string, error) {
	addresses := make([]string, number)
	for index := range addresses {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		// Closed when all are chosen, so that they differ.
		defer func() { _ = listener.Close() }()
		addresses[index] = listener.Addr().String()
	}
	return addresses, nil
}
