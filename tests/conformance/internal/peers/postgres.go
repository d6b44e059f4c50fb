package peers

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
)

// Postgres starts a server with the parameters and access rules of every database cluster.
func Postgres(root, work string, result *report.Report) error {
	program := programs.Find("postgres", "start of the databases", result)
	if program == "" {
		return nil
	}
	// Its siblings are where the program really is, not where a link to it is.
	program, err := filepath.EvalSymlinks(program)
	if err != nil {
		return err
	}
	objects, err := environments(root)
	if err != nil {
		return err
	}
	queries := map[string]string{}
	for _, object := range objects {
		if text := object.Text("data", "queries.yaml"); text != "" {
			queries[object.Address.Namespace] = text
		}
	}
	folder := filepath.Join(work, "postgres")
	if err := programs.EmptyFolder(folder); err != nil {
		return err
	}
	for _, object := range objects {
		if object.Address.Kind != "Cluster" {
			continue
		}
		database := database{
			binaries: filepath.Dir(program),
			folder:   folder,
			object:   object,
			queries:  queries[object.Address.Namespace],
			result:   result,
		}
		if err := database.try(); err != nil {
			result.Find("%s: PostgreSQL: %v", object.Path, err)
		}
	}
	return nil
}

// database is one server of the test.
type database struct {
	binaries, folder string
	object           delivery.Object
	queries          string
	result           *report.Report
}

// try starts the server on a data folder and asks it what it made of its files.
func (database database) try() error {
	data, err := database.data()
	if err != nil {
		return err
	}
	if err := database.writeFiles(data); err != nil {
		return err
	}
	log := filepath.Join(database.folder, "log")
	stop, err := programs.Background(database.command("postgres", "-D", data, "-k", database.folder, "-c", "listen_addresses=", "-c", "fsync=off"), log)
	if err != nil {
		return err
	}
	defer stop()
	if err := programs.Eventually(20*time.Second, func() error { _, err := database.ask("SELECT 1"); return err }); err != nil {
		return fmt.Errorf("%w; %s", err, programs.LastLines(log))
	}
	database.result.Count("databases started", 1)
	return database.inspect()
}

// data returns a data folder made with the cluster's own options; clusters of equal options share one, because making it takes
// longer than all the rest.
func (database database) data() (string, error) {
	options := database.initOptions()
	data := filepath.Join(database.folder, fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(options, " "))))[:8])
	if _, err := os.Stat(data); err == nil {
		return data, nil
	}
	if err := database.give(database.folder); err != nil {
		return "", err
	}
	options = append(options, "--pgdata="+data, "--username=postgres", "--auth=trust", "--no-sync")
	if output, err := database.command("initdb", options...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, output)
	}
	return data, nil
}

// inspect fails on a line of the files that the server does not take and runs the statements that come with the cluster.
func (database database) inspect() error {
	for what, query := range map[string]string{
		"postgresql.conf": `SELECT name || ': ' || coalesce(error, 'not applied') FROM pg_file_settings WHERE error IS NOT NULL OR NOT applied`,
		"pg_hba.conf":     `SELECT line_number || ': ' || error FROM pg_hba_file_rules WHERE error IS NOT NULL`,
	} {
		wrong, err := database.ask(query)
		if err != nil {
			return err
		}
		if wrong != "" {
			database.result.Find("%s: %s: %s", database.object.Path, what, wrong)
		}
	}
	statements := texts(database.object.Value("spec", "bootstrap", "initdb", "postInitApplicationSQL"))
	for _, statement := range append(statements, predicates(database.queries)...) {
		if _, err := database.ask(statement); err != nil {
			database.result.Find("%s: %q: %v", database.object.Path, statement, err)
		}
		database.result.Count("statements run", 1)
	}
	return nil
}

// initOptions follows spec.bootstrap.initdb as the operator does; absent settings are its defaults.
func (database database) initOptions() []string {
	var options []string
	for field, option := range map[string]string{
		"encoding":       "--encoding=",
		"localeProvider": "--locale-provider=",
		"localeCollate":  "--lc-collate=",
		"localeCType":    "--lc-ctype=",
	} {
		if value := database.object.Text("spec", "bootstrap", "initdb", field); value != "" {
			options = append(options, option+value)
		}
	}
	slices.Sort(options)
	return options
}

// writeFiles adds the parameters, and the access rules between those that the operator always writes.
func (database database) writeFiles(data string) error {
	parameters, _ := database.object.Value("spec", "postgresql", "parameters").(map[string]any)
	lines := []string{"ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'", "shared_preload_libraries = 'pg_stat_statements'"}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		value := strings.ReplaceAll(fmt.Sprint(parameters[name]), "'", "''")
		lines = append(lines, name+" = '"+value+"'")
		database.result.Count("parameters", 1)
	}
	rules := append([]string{"local all all trust"}, texts(database.object.Value("spec", "postgresql", "pg_hba"))...)
	rules = append(rules, "host all all all scram-sha-256")
	certificate, key, err := selfSigned()
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"postgresql.conf": strings.Join(lines, "\n") + "\n",
		"pg_hba.conf":     strings.Join(rules, "\n") + "\n",
		"server.crt":      certificate,
		"server.key":      key,
	} {
		path := filepath.Join(data, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		if err := database.give(path); err != nil {
			return err
		}
	}
	return nil
}

// ask runs one statement and returns its rows.
func (database database) ask(statement string) (string, error) {
	command := database.command("psql", "-h", database.folder, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-Atqc", statement)
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(string(output)))
	}
	return strings.TrimSpace(string(output)), nil
}

// command makes one that runs as the user `postgres` where we are root, because the server refuses root.
func (database database) command(name string, arguments ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(database.binaries, name), arguments...)
	command.Dir = database.folder
	if account := serverAccount(); account != nil {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: account}
	}
	return command
}

func serverAccount() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil
	}
	number, err := strconv.Atoi(account.Uid)
	group, groupErr := strconv.Atoi(account.Gid)
	if err != nil || groupErr != nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(number), Gid: uint32(group)}
}

func (database database) give(path string) error {
	if account := serverAccount(); account != nil {
		return os.Chown(path, int(account.Uid), int(account.Gid))
	}
	return nil
}

func texts(list any) []string {
	items, _ := list.([]any)
	var found []string
	for _, item := range items {
		if text, isText := item.(string); isText {
			found = append(found, text)
		}
	}
	return found
}
