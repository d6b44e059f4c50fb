package crds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// Definition is one custom resource definition.
type Definition struct {
	// Name is the object's own, such as `clusters.postgresql.cnpg.io`.
	Name string
	// Origin says where it comes from.
	Origin string
	// Content is the definition as it is installed.
	Content map[string]any
}

// Load downloads the modules and returns their definitions by name, with remarks about whatever differs from upstream.
func Load(shared string) ([]Definition, []string, error) {
	folders, err := download()
	if err != nil {
		return nil, nil, err
	}
	found := map[string]Definition{}
	for _, source := range sources {
		origin := source.module + " " + source.version
		for _, pattern := range source.files {
			paths, err := filepath.Glob(filepath.Join(folders[source.module], pattern))
			if err != nil || len(paths) == 0 {
				return nil, nil, fmt.Errorf("%s has no file %s", origin, pattern)
			}
			for _, path := range paths {
				if err := read(path, origin, found); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	remarks, err := overlay(shared, found)
	if err != nil {
		return nil, nil, err
	}
	definitions := make([]Definition, 0, len(found))
	for _, definition := range found {
		if withoutWebhook(definition.Content) {
			remarks = append(remarks, definition.Name+": its conversion webhook is left out, versions convert by name alone")
		}
		definitions = append(definitions, definition)
	}
	sort.Slice(definitions, func(one, other int) bool { return definitions[one].Name < definitions[other].Name })
	sort.Strings(remarks)
	return definitions, remarks, nil
}

// download returns the folder of each module and refuses one whose checksum is not the pinned one.
func download() (map[string]string, error) {
	arguments := []string{"mod", "download", "-json"}
	for _, source := range sources {
		arguments = append(arguments, source.module+"@"+source.version)
	}
	// A folder without go.mod: the modules must not be looked for among the suite's own requirements.
	empty, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(empty) }()
	command := exec.Command("go", arguments...)
	command.Dir, command.Stderr = empty, os.Stderr
	output, failure := command.Output()
	folders := map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for decoder.More() {
		var module struct{ Path, Version, Dir, Sum, Error string }
		if err := decoder.Decode(&module); err != nil {
			return nil, err
		}
		if module.Error != "" {
			return nil, fmt.Errorf("%s %s: %s", module.Path, module.Version, module.Error)
		}
		folders[module.Path] = module.Dir
		for _, source := range sources {
			if source.module == module.Path && source.checksum != module.Sum {
				return nil, fmt.Errorf("%s %s: checksum %s instead of the pinned %s", module.Path, module.Version, module.Sum, source.checksum)
			}
		}
	}
	return folders, failure
}

// read adds the definitions of one file.
func read(path, origin string, found map[string]Definition) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, document := range strings.Split("\n"+string(text), "\n---") {
		var content map[string]any
		if err := yaml.Unmarshal([]byte(document), &content); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if content["kind"] != "CustomResourceDefinition" {
			continue
		}
		metadata, _ := content["metadata"].(map[string]any)
		name, _ := metadata["name"].(string)
		delete(content, "status")
		found[name] = Definition{Name: name, Origin: origin, Content: content}
	}
	return nil
}

func overlay(shared string, found map[string]Definition) ([]string, error) {
	var remarks []string
	for file, origin := range overlays {
		path := filepath.Join(shared, file)
		if _, err := os.Stat(path); err != nil {
			remarks = append(remarks, origin+": no module carries it and "+path+" is absent, the definitions of 1.3.2 stand in")
			continue
		}
		if err := read(path, origin+" ("+path+")", found); err != nil {
			return nil, err
		}
	}
	return remarks, nil
}

// withoutWebhook takes out a conversion webhook, which nobody here would answer.
func withoutWebhook(content map[string]any) bool {
	spec, _ := content["spec"].(map[string]any)
	conversion, _ := spec["conversion"].(map[string]any)
	if conversion["strategy"] != "Webhook" {
		return false
	}
	spec["conversion"] = map[string]any{"strategy": "None"}
	return true
}
