// Package delivery reads `generated/` as the delivery engine of a cluster does: which folders, in which order.
package delivery

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"formwork.example/conformance/internal/client"
	"sigs.k8s.io/yaml"
)

// Object is one manifest as it stands in a file.
type Object struct {
	// Path is the file, from the repository's root.
	Path string
	// Document is the text exactly as emitted.
	Document []byte
	// Content is the text as Kubernetes' reader understands it.
	Content map[string]any
	Address client.Object
	// Wave is Argo CD's order inside one application.
	Wave int
	// Account is who applies it; nobody's name means the delivery engine itself, which may do everything.
	Account client.ServiceAccount
}

// Text returns the string at this path of keys, empty where there is none.
func (object Object) Text(keys ...string) string {
	text, _ := object.Value(keys...).(string)
	return text
}

// Value returns what stands at this path of keys, nil where there is nothing.
func (object Object) Value(keys ...string) any {
	var value any = object.Content
	for _, key := range keys {
		inner, _ := value.(map[string]any)
		value = inner[key]
	}
	return value
}

// Read returns every manifest below a folder, in the order of their paths.
func Read(root, folder string) ([]Object, error) {
	var objects []Object
	start := filepath.Join(root, folder)
	err := filepath.WalkDir(start, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		read, err := readFile(root, path)
		objects = append(objects, read...)
		return err
	})
	return objects, err
}

func readFile(root, path string) ([]Object, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	return ParseAll(relative, text)
}

// ParseAll reads every document of a text.
func ParseAll(path string, text []byte) ([]Object, error) {
	var objects []Object
	for _, document := range bytes.Split(append([]byte("\n"), text...), []byte("\n---\n")) {
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		object, err := Parse(path, document)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// Parse reads one document; a duplicate key is an error.
func Parse(path string, document []byte) (Object, error) {
	object := Object{Path: path, Document: document}
	if err := yaml.UnmarshalStrict(document, &object.Content); err != nil {
		return Object{}, fmt.Errorf("%s: %w", path, err)
	}
	object.Address = client.Object{
		APIVersion: object.Text("apiVersion"),
		Kind:       object.Text("kind"),
		Namespace:  object.Text("metadata", "namespace"),
		Name:       object.Text("metadata", "name"),
	}
	// An annotation that is no number counts as 0, as it does in Argo CD.
	object.Wave, _ = strconv.Atoi(strings.TrimSpace(object.Text("metadata", "annotations", "argocd.argoproj.io/sync-wave")))
	return object, nil
}
