package flux

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// repository is a git repository of the test's own, with the generated tree in it, for whoever knows the password.
type repository struct {
	folder string
	// path is where the cluster expects it on its host.
	path    string
	backend *cgi.Handler
}

const gitUser, gitPassword = "reader", "conformance"

// newRepository commits the generated tree as it is.
func newRepository(git, folder, root, path string) (*repository, error) {
	made := &repository{folder: folder, path: path}
	tree := filepath.Join(folder, "tree")
	if err := os.CopyFS(filepath.Join(tree, "generated"), os.DirFS(filepath.Join(root, "generated"))); err != nil {
		return nil, err
	}
	if err := made.git("init", "--quiet", "--bare", "--initial-branch=main", made.bare()); err != nil {
		return nil, err
	}
	if err := made.commit("All of it"); err != nil {
		return nil, err
	}
	programs, err := exec.Command(git, "--exec-path").Output()
	made.backend = &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Join(folder, "served"), "GIT_HTTP_EXPORT_ALL=1"},
	}
	return made, err
}

func (repository *repository) bare() string {
	return filepath.Join(repository.folder, "served", repository.path)
}

// ServeHTTP speaks git to whoever may read.
func (repository *repository) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	name, password, given := request.BasicAuth()
	if !given || name != gitUser || password != gitPassword {
		response.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(response, "who are you", http.StatusUnauthorized)
		return
	}
	repository.backend.ServeHTTP(response, request)
}

// commit records the tree as it is now.
func (repository *repository) commit(message string) error {
	if err := repository.git("add", "--all"); err != nil {
		return err
	}
	return repository.git("-c", "user.name=conformance", "-c", "user.email=conformance@localhost", "commit", "--quiet", "--message", message)
}

// remove takes a file out of the tree.
func (repository *repository) remove(path string) error {
	return os.Remove(filepath.Join(repository.folder, "tree", path))
}

func (repository *repository) git(arguments ...string) error {
	command := exec.Command("git", arguments...)
	command.Dir = filepath.Join(repository.folder, "tree")
	// Nobody's own settings, such as signing.
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if arguments[0] != "init" {
		command.Env = append(command.Env, "GIT_DIR="+repository.bare(), "GIT_WORK_TREE="+command.Dir)
	}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("git %v: %w: %s", arguments, err, output)
	}
	return nil
}
