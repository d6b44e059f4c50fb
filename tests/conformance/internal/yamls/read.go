// Package yamls reads every emitted file as a YAML 1.1 reader does (Kubernetes, Flux and Argo CD) and by the core schema of
// YAML 1.2, and demands that both understand the same.
package yamls

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"formwork.example/conformance/internal/report"
	older "go.yaml.in/yaml/v2"
	newer "go.yaml.in/yaml/v3"
	kubernetes "sigs.k8s.io/yaml"
)

// Run reads every YAML file below the folder.
func Run(root, folder string, result *report.Report) error {
	return filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		result.Count("files read three ways", 1)
		if difference := Disagreement(text); difference != "" {
			result.Find("%s: %s", name, difference)
		}
		return nil
	})
}

// Disagreement says in what the readers differ on a text of one document, empty when they agree.
func Disagreement(text []byte) string {
	var node newer.Node
	if err := newer.Unmarshal(text, &node); err != nil {
		return "YAML 1.2: " + err.Error()
	}
	core, err := coreValue(&node)
	if err != nil {
		return "YAML 1.2: " + err.Error()
	}
	var plain any
	if err := older.UnmarshalStrict(text, &plain); err != nil {
		return "YAML 1.1: " + err.Error()
	}
	var served any
	if err := kubernetes.UnmarshalStrict(text, &served); err != nil {
		return "the reader of Kubernetes: " + err.Error()
	}
	if difference := firstDifference("", core, textKeys(plain)); difference != "" {
		return "YAML 1.2 and YAML 1.1 differ: " + difference
	}
	if difference := firstDifference("", core, served); difference != "" {
		return "YAML 1.2 and the reader of Kubernetes differ: " + difference
	}
	return ""
}

// textKeys turns the older reader's maps and numbers into those of JSON; a key that is no text stays visible as its type.
func textKeys(value any) any {
	switch value := value.(type) {
	case map[any]any:
		fields := make(map[string]any, len(value))
		for key, inner := range value {
			name, isText := key.(string)
			if !isText {
				name = fmt.Sprintf("%v (a key of type %T)", key, key)
			}
			fields[name] = textKeys(inner)
		}
		return fields
	case []any:
		items := make([]any, len(value))
		for index, inner := range value {
			items[index] = textKeys(inner)
		}
		return items
	case int:
		return float64(value)
	case int64:
		return float64(value)
	case uint64:
		return float64(value)
	}
	return value
}

func firstDifference(path string, one, other any) string {
	switch one := one.(type) {
	case map[string]any:
		other, isMap := other.(map[string]any)
		if !isMap || len(one) != len(other) {
			break
		}
		for key, inner := range one {
			if difference := firstDifference(path+"."+key, inner, other[key]); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		other, isList := other.([]any)
		if !isList || len(one) != len(other) {
			break
		}
		for index, inner := range one {
			if difference := firstDifference(fmt.Sprintf("%s[%d]", path, index), inner, other[index]); difference != "" {
				return difference
			}
		}
		return ""
	}
	if reflect.DeepEqual(one, other) {
		return ""
	}
	return fmt.Sprintf("%s is %T %v or %T %v", path, one, one, other, other)
}
