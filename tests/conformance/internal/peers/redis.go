package peers

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
)

// Redis starts a server with the configuration and the users of every cache and tries what each user may and may not do.
func Redis(root, work string, result *report.Report) error {
	program := programs.Find("valkey-server", "", report.New(""))
	if program == "" {
		program = programs.Find("redis-server", "start of the caches", result)
	}
	if program == "" {
		return nil
	}
	objects, err := environments(root)
	if err != nil {
		return err
	}
	configurations, users := map[string]string{}, map[string]string{}
	for _, object := range objects {
		if text := object.Text("data", "valkey.conf"); text != "" {
			configurations[object.Address.Namespace] = text
		}
		if text := object.Text("spec", "target", "template", "data", "users.acl"); text != "" {
			users[object.Address.Namespace] = text
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(configurations)) {
		folder := filepath.Join(work, "redis-"+namespace)
		if err := programs.EmptyFolder(folder); err != nil {
			return err
		}
		if err := tryCache(program, folder, namespace, configurations[namespace], users[namespace], result); err != nil {
			result.Find("%s: redis: %v", namespace, err)
		}
	}
	return nil
}

// tryCache starts one server; only the folders differ from those in the container, and it listens on a socket.
func tryCache(program, folder, namespace, configuration, users string, result *report.Report) error {
	rendered, err := render(users)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "users.acl"), []byte(rendered), 0o600); err != nil {
		return err
	}
	here := strings.NewReplacer("/etc/valkey-acl", folder, "/data", folder).Replace(configuration)
	if err := os.WriteFile(filepath.Join(folder, "server.conf"), []byte(here), 0o600); err != nil {
		return err
	}
	socket := filepath.Join(folder, "socket")
	command := exec.Command(program, filepath.Join(folder, "server.conf"), "--port", "0", "--unixsocket", socket)
	log := filepath.Join(folder, "log")
	stop, err := programs.Background(command, log)
	if err != nil {
		return err
	}
	defer stop()
	var connection *resp
	if err := programs.Eventually(5*time.Second, func() error {
		connection, err = dial(socket)
		return err
	}); err != nil {
		return fmt.Errorf("%w; %s", err, programs.LastLines(log))
	}
	defer connection.close()
	result.Count("caches started", 1)
	return tryUsers(connection, namespace, result)
}

// attempt is a command and how the answer must begin.
type attempt struct{ command, answer string }

func tryUsers(connection *resp, namespace string, result *report.Report) error {
	attempts := []attempt{
		{"PING", "-NOAUTH"},
		{"AUTH odoo wrong", "-WRONGPASS"},
		{"AUTH odoo secret-of-odoo", "+OK"},
		{"SET session:" + namespace + ":one text EX 60", "+OK"},
		{"GET session:" + namespace + ":one", "$4"},
		{"SET session:somebody-else:one text", "-NOPERM"},
		{"FLUSHALL", "-NOPERM"},
		{"CONFIG SET maxmemory 0", "-NOPERM"},
		{"AUTH exporter secret-of-exporter", "+OK"},
		{"INFO", "$"},
		{"CONFIG GET maxmemory", "*2"},
		{"SLOWLOG GET 1", "*"},
		{"LATENCY LATEST", "*"},
		{"GET session:" + namespace + ":one", "-NOPERM"},
		{"CONFIG SET maxmemory 0", "-NOPERM"},
	}
	for _, attempt := range attempts {
		answer, err := connection.do(attempt.command)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(answer, attempt.answer) {
			result.Find("%s: redis answers %q to %q instead of %s", namespace, answer, attempt.command, attempt.answer)
		}
		result.Count("commands tried", 1)
	}
	return nil
}

// render fills the template of the secret as External Secrets does, with passwords of the test's own.
func render(text string) (string, error) {
	functions := template.FuncMap{"sha256sum": func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }}
	parsed, err := template.New("users").Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var output strings.Builder
	err = parsed.Execute(&output, map[string]string{"odoo": "secret-of-odoo", "exporter": "secret-of-exporter"})
	return output.String(), err
}

// resp is a connection that speaks inline commands and returns the raw answer's beginning.
type resp struct{ socket net.Conn }

func dial(path string) (*resp, error) {
	socket, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return &resp{socket}, nil
}

func (connection *resp) close() { _ = connection.socket.Close() }

func (connection *resp) do(command string) (string, error) {
	if _, err := connection.socket.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	if err := connection.socket.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	// Every answer here is small enough to arrive at once over a socket of this machine.
	buffer := make([]byte, 1<<20)
	read, err := connection.socket.Read(buffer)
	return strings.TrimSpace(string(buffer[:read])), err
}
