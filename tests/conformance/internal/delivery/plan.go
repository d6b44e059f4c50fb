package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"formwork.example/conformance/internal/client"
	"github.com/gobwas/glob"
)

// Plan is everything that reaches one cluster, in order.
type Plan struct {
	Cluster, Engine string
	Objects         []Object
	// Undelivered are files of the cluster that no unit of delivery reaches.
	Undelivered []string
	// Charts are units that install a chart from elsewhere.
	Charts int
}

// unit is a Flux Kustomization or an Argo CD Application that delivers a folder.
type unit struct {
	name, folder, include string
	wave                  int
	after                 []string
	account               client.ServiceAccount
}

// Clusters returns the names of the clusters in a generated tree.
func Clusters(root string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, "generated/delivery"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// Follow reads the delivery objects of a cluster and follows them.
func Follow(root, cluster string) (Plan, error) {
	delivered, err := Read(root, "generated/delivery/"+cluster)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Cluster: cluster, Engine: "argocd", Objects: namespacesFirst(delivered)}
	units := unitsOf(&plan, delivered)
	ordered, err := inOrder(units)
	if err != nil {
		return Plan{}, fmt.Errorf("%s: %w", cluster, err)
	}
	reached := map[string]bool{}
	for _, unit := range ordered {
		objects, err := unit.objects(root)
		if err != nil {
			return Plan{}, err
		}
		for _, object := range objects {
			if !reached[object.Path] {
				plan.Objects = append(plan.Objects, object)
			}
			reached[object.Path] = true
		}
	}
	return plan, plan.findUndelivered(root, reached)
}

func unitsOf(plan *Plan, delivered []Object) []unit {
	var units []unit
	for _, object := range delivered {
		switch object.Address.Kind {
		case "Kustomization":
			plan.Engine = "flux"
			units = append(units, unit{
				name:   object.Address.Name,
				folder: filepath.Clean(object.Text("spec", "path")),
				after:  namesIn(object.Value("spec", "dependsOn")),
				account: client.ServiceAccount{
					Namespace: object.Address.Namespace,
					Name:      object.Text("spec", "serviceAccountName"),
				},
			})
		case "Application":
			if object.Text("spec", "source", "chart") != "" {
				plan.Charts++
				continue
			}
			units = append(units, unit{
				name:    object.Address.Name,
				folder:  filepath.Clean(object.Text("spec", "source", "path")),
				include: object.Text("spec", "source", "directory", "include"),
				wave:    object.Wave,
			})
		}
	}
	return units
}

func namesIn(list any) []string {
	var names []string
	items, _ := list.([]any)
	for _, item := range items {
		if fields, isMap := item.(map[string]any); isMap {
			names = append(names, fmt.Sprint(fields["name"]))
		}
	}
	return names
}

// inOrder sorts by wave and name, then moves each unit behind what it depends on.
func inOrder(units []unit) ([]unit, error) {
	sort.SliceStable(units, func(one, other int) bool {
		if units[one].wave != units[other].wave {
			return units[one].wave < units[other].wave
		}
		return units[one].name < units[other].name
	})
	var ordered []unit
	placed := map[string]bool{}
	for len(ordered) < len(units) {
		before := len(ordered)
		for _, unit := range units {
			if !placed[unit.name] && allPlaced(unit.after, placed) {
				ordered = append(ordered, unit)
				placed[unit.name] = true
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("a dependency of some unit of delivery is missing or part of a circle; placed: %v", placed)
		}
	}
	return ordered, nil
}

func allPlaced(names []string, placed map[string]bool) bool {
	for _, name := range names {
		if !placed[name] {
			return false
		}
	}
	return true
}

// objects returns what the unit delivers, namespaces first and then by wave.
func (unit unit) objects(root string) ([]Object, error) {
	objects, err := Read(root, unit.folder)
	for index := range objects {
		objects[index].Account = unit.account
	}
	if err != nil || unit.include == "" {
		return namespacesFirst(objects), err
	}
	include, err := glob.Compile(unit.include)
	if err != nil {
		return nil, fmt.Errorf("%s: include: %w", unit.name, err)
	}
	var matching []Object
	for _, object := range objects {
		if include.Match(strings.TrimPrefix(object.Path, unit.folder+"/")) {
			matching = append(matching, object)
		}
	}
	return namespacesFirst(matching), nil
}

// namespacesFirst orders one unit's objects: both engines put namespaces first, Argo CD follows its waves.
func namespacesFirst(objects []Object) []Object {
	rank := func(object Object) int {
		if object.Address.Kind == "Namespace" {
			return -1 << 30
		}
		return object.Wave
	}
	sort.SliceStable(objects, func(one, other int) bool { return rank(objects[one]) < rank(objects[other]) })
	return objects
}

func (plan *Plan) findUndelivered(root string, reached map[string]bool) error {
	folders := []string{"generated/clusters/" + plan.Cluster}
	environments, err := filepath.Glob(filepath.Join(root, "generated/delivery", plan.Cluster, "environments/*/*"))
	if err != nil {
		return err
	}
	for _, environment := range environments {
		tenant := filepath.Base(filepath.Dir(environment))
		folders = append(folders, filepath.Join("generated/environments", tenant, filepath.Base(environment)))
	}
	for _, folder := range folders {
		objects, err := Read(root, folder)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if !reached[object.Path] {
				plan.Undelivered = append(plan.Undelivered, object.Path)
			}
		}
	}
	return nil
}

// Version returns the Kubernetes minor version that a cluster's definition declares.
func Version(root, cluster string) (string, error) {
	objects, err := Read(root, "environments/clusters/"+cluster+".yaml")
	if err != nil {
		return "", err
	}
	for _, object := range objects {
		if version := object.Text("spec", "kubernetesVersion"); version != "" {
			return version, nil
		}
	}
	return "", fmt.Errorf("%s declares no kubernetesVersion", cluster)
}
