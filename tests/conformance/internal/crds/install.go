package crds

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"formwork.example/conformance/internal/client"
)

// Install creates the definitions and returns when the server serves all of them.
func Install(connection *client.Client, definitions []Definition) error {
	for _, definition := range definitions {
		body, err := json.Marshal(definition.Content)
		if err != nil {
			return err
		}
		answer, err := connection.Create(address(definition), body, false)
		if err != nil {
			return err
		}
		if !answer.Accepted() {
			return fmt.Errorf("%s of %s: %s", definition.Name, definition.Origin, answer.Message())
		}
	}
	for _, definition := range definitions {
		if err := waitUntilServed(connection, definition); err != nil {
			return err
		}
	}
	return nil
}

func address(definition Definition) client.Object {
	return client.Object{APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: definition.Name}
}

// waitUntilServed asks for the kind in the server's own lists, the last place where a new definition shows.
func waitUntilServed(connection *client.Client, definition Definition) error {
	kinds := served(definition)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if len(kinds) == 0 {
			return nil
		}
		if _, err := connection.Resource(kinds[0]); err == nil {
			kinds = kinds[1:]
		}
	}
	answer, err := connection.Get(address(definition))
	if err != nil {
		return err
	}
	return fmt.Errorf("%s of %s is not served: %s", definition.Name, definition.Origin, answer.Body)
}

// served returns the kind in each version that the definition serves.
func served(definition Definition) []client.Object {
	spec, _ := definition.Content["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	kind, _ := names["kind"].(string)
	group, _ := spec["group"].(string)
	versions, _ := spec["versions"].([]any)
	var objects []client.Object
	for _, item := range versions {
		version, _ := item.(map[string]any)
		if name, _ := version["name"].(string); version["served"] == true {
			objects = append(objects, client.Object{APIVersion: group + "/" + name, Kind: kind})
		}
	}
	return objects
}

// Write writes each definition into a file of its own, for programs that read a folder.
func Write(folder string, definitions []Definition) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, definition := range definitions {
		text, err := json.Marshal(definition.Content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, definition.Name+".yaml"), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
