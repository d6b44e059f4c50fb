// Package kustomize builds the folders of a Flux cluster with the code that Flux' own controllers use.
package kustomize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/report"
	"formwork.example/conformance/internal/stored"
	flux "github.com/fluxcd/pkg/kustomize"
	"github.com/fluxcd/pkg/sourceignore"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Run makes the artifact of every GitRepository of a cluster and builds each Kustomization out of it; the build must give the
// files back, no object more, no object less, no field changed.
func Run(root, work, cluster string, result *report.Report) error {
	delivered, err := delivery.Read(root, "generated/delivery/"+cluster)
	if err != nil {
		return err
	}
	for _, object := range delivered {
		if object.Address.Kind != "GitRepository" {
			continue
		}
		artifact := filepath.Join(work, cluster+"-"+object.Address.Name)
		if err := pack(root, artifact, object.Text("spec", "ignore"), result); err != nil {
			return err
		}
		for _, other := range delivered {
			if other.Address.Kind == "Kustomization" && other.Text("spec", "sourceRef", "name") == object.Address.Name {
				if err := build(root, artifact, other, result); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pack copies what source-controller puts into an artifact under this `spec.ignore`.
func pack(root, artifact, ignore string, result *report.Report) error {
	if err := os.RemoveAll(artifact); err != nil {
		return err
	}
	matcher := sourceignore.NewDefaultMatcher(sourceignore.ReadPatterns(strings.NewReader(ignore), nil), nil)
	return filepath.WalkDir(filepath.Join(root, "generated"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if matcher.Match(strings.Split(relative, string(filepath.Separator)), false) {
			result.Count("files left out of the artifact", 1)
			return nil
		}
		result.Count("files in the artifact", 1)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(artifact, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o600)
	})
}

func build(root, artifact string, kustomization delivery.Object, result *report.Report) error {
	folder := kustomization.Text("spec", "path")
	expected, err := delivery.Read(root, folder)
	if err != nil {
		result.Find("%s: %v", kustomization.Path, err)
		return nil
	}
	objects, err := built(artifact, filepath.Join(artifact, folder), kustomization)
	if err != nil {
		result.Find("%s: kustomize build: %v", kustomization.Path, err)
		return nil
	}
	result.Count("folders built", 1)
	result.Count("objects built", len(objects))
	for _, object := range expected {
		found, present := objects[object.Address]
		if !present {
			result.Find("%s: kustomize build %s loses it", object.Path, folder)
			continue
		}
		delete(objects, object.Address)
		differences := append(stored.Compare(object.Content, found), stored.Compare(found, object.Content)...)
		for _, difference := range differences {
			result.Find("%s: kustomize build %s: %s", object.Path, folder, difference)
		}
	}
	for address := range objects {
		result.Find("%s: kustomize build %s invents %s", kustomization.Path, folder, address)
	}
	return nil
}

// built returns the objects of a folder as kustomize-controller gets them.
func built(artifact, folder string, kustomization delivery.Object) (map[client.Object]map[string]any, error) {
	generator := flux.NewGenerator(artifact, unstructured.Unstructured{Object: kustomization.Content})
	action, err := generator.WriteFile(folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = flux.CleanDirectory(folder, action) }()
	resources, err := flux.SecureBuild(artifact, folder, false)
	if err != nil {
		return nil, err
	}
	objects := map[client.Object]map[string]any{}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			return nil, err
		}
		object, err := delivery.Parse(folder, text)
		if err != nil {
			return nil, err
		}
		if _, twice := objects[object.Address]; twice {
			return nil, fmt.Errorf("%s stands twice", object.Address)
		}
		objects[object.Address] = object.Content
	}
	return objects, nil
}
