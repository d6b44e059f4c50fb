package peers

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/report"
)

var rulesFound = regexp.MustCompile(`(\d+) rules found`)

// Prometheus has promtool check the groups of every PrometheusRule.
func Prometheus(root, work string, result *report.Report) error {
	promtool := programs.Find("promtool", "check of alerts and recorded series", result)
	if promtool == "" {
		return nil
	}
	objects, err := environments(root)
	if err != nil {
		return err
	}
	folder := filepath.Join(work, "rules")
	if err := programs.EmptyFolder(folder); err != nil {
		return err
	}
	for _, object := range objects {
		if object.Address.Kind != "PrometheusRule" {
			continue
		}
		// JSON is YAML, and spec is what a rule file holds.
		text, err := json.Marshal(object.Value("spec"))
		if err != nil {
			return err
		}
		file := filepath.Join(folder, object.Address.Namespace+"-"+object.Address.Name+".yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return err
		}
		output, failure := exec.Command(promtool, "check", "rules", file).CombinedOutput()
		if failure != nil {
			result.Find("%s: promtool: %s", object.Path, strings.TrimSpace(string(output)))
			continue
		}
		result.Count("rule files", 1)
		if found := rulesFound.FindSubmatch(output); found != nil {
			number, err := strconv.Atoi(string(found[1]))
			if err != nil {
				return err
			}
			result.Count("rules", number)
		}
	}
	return nil
}
