// Package peers gives emitted configuration to the programs it is for: promtool, PostgreSQL and Redis.
package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
)

// find returns a program's path; where it is missing the report says what is skipped.
func find(program, what string, result *report.Report) string {
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

// environments returns the objects of every environment.
func environments(root string) ([]delivery.Object, error) {
	return delivery.Read(root, "generated/environments")
}

// background starts a program that ends with this one and returns how to stop it.
func background(command *exec.Cmd, log string) (func(), error) {
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
		// An interrupt is the fast and orderly end of both servers.
		_ = command.Process.Signal(syscall.SIGINT)
		_ = command.Wait()
		_ = file.Close()
	}, nil
}

// eventually tries until it works or the time is over.
func eventually(limit time.Duration, try func() error) error {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func lastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-6):], " | ")
}

// emptyFolder makes a folder anew.
func emptyFolder(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
