package flux

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
	"formwork.example/conformance/internal/programs"
	"formwork.example/conformance/internal/stored"
)

// compareInventories holds what the controllers say they have applied against the files, and the stored objects too.
func (given *Delivery) compareInventories() error {
	items, err := list(given.Connection, kustomizations)
	if err != nil {
		return err
	}
	applied := map[string]string{}
	for _, item := range items {
		given.Result.Count("kustomizations ready", 1)
		for _, entry := range objectsIn(value(item, "status", "inventory", "entries")) {
			id, _ := entry["id"].(string)
			if owner, twice := applied[id]; twice {
				given.Result.Find("flux: %s is in the inventories of %s and of %s", id, owner, text(item, "metadata", "name"))
			}
			applied[id] = text(item, "metadata", "name")
		}
	}
	given.Result.Count("objects in inventories", len(applied))
	for _, object := range given.Plan.Objects {
		if _, present := applied[identity(object)]; !present {
			given.Result.Find("%s: no inventory has %s", object.Path, identity(object))
		}
		delete(applied, identity(object))
		answer, err := given.Connection.Get(object.Address)
		if err != nil {
			return err
		}
		if !answer.Accepted() {
			given.Result.Find("%s: %s is not in the cluster", object.Path, object.Address)
			continue
		}
		var kept map[string]any
		if err := json.Unmarshal(answer.Body, &kept); err != nil {
			return err
		}
		for _, difference := range stored.Compare(object.Content, kept) {
			if difference.What != stored.Normalised && difference.What != stored.Emptied {
				given.Result.Find("%s: %s: %s", object.Path, object.Address, difference)
			}
		}
		given.Result.Count("objects as their files", 1)
	}
	for id, owner := range applied {
		given.Result.Find("flux: the inventory of %s has %s, of which there is no file", owner, id)
	}
	return nil
}

// identity is how an inventory calls an object.
func identity(object delivery.Object) string {
	group, _, grouped := strings.Cut(object.Address.APIVersion, "/")
	if !grouped {
		group = ""
	}
	name := strings.ReplaceAll(object.Address.Name, ":", "__")
	return strings.Join([]string{object.Address.Namespace, name, group, object.Address.Kind}, "_")
}

// repeat reconciles everything once more: nothing may be written. What an autoscaler has set in between stays, and what somebody
// has taken away comes back.
func (given *Delivery) repeat() error {
	scaled, err := given.scale()
	if err != nil {
		return err
	}
	before, err := given.settled()
	if err != nil {
		return err
	}
	if err := given.reconcile("second"); err != nil {
		given.Result.Find("flux: a second time: %v", err)
		return nil
	}
	after, err := given.versions()
	if err != nil {
		return err
	}
	for _, object := range given.Plan.Objects {
		if before[object.Address] != after[object.Address] {
			given.Result.Find("%s: %s: a second reconciliation writes it", object.Path, object.Address)
			continue
		}
		given.Result.Count("unchanged by a second reconciliation", 1)
	}
	given.Result.Count("workloads that keep what their autoscaler sets", scaled)
	return nil
}

// scale sets the replicas of every autoscaled workload as its autoscaler would.
func (given *Delivery) scale() (int, error) {
	scaled := 0
	for _, object := range given.Plan.Objects {
		if object.Address.Kind != "ScaledObject" && object.Address.Kind != "HorizontalPodAutoscaler" {
			continue
		}
		target := client.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: object.Address.Namespace, Name: object.Text("spec", "scaleTargetRef", "name")}
		path, err := given.Connection.Path(target)
		if err != nil {
			return 0, err
		}
		answer, err := given.Connection.Do(http.MethodPatch, path+"/scale?fieldManager=autoscaler", "application/merge-patch+json", []byte(`{"spec":{"replicas":7}}`))
		if err != nil {
			return 0, err
		}
		if !answer.Accepted() {
			return 0, fmt.Errorf("%s: %s", target, answer.Message())
		}
		scaled++
	}
	return scaled, nil
}

// settled returns the versions when nobody writes any more: the operators report what has been scaled first.
func (given *Delivery) settled() (map[client.Object]string, error) {
	before, err := given.versions()
	for range 10 {
		if err != nil {
			return nil, err
		}
		time.Sleep(3 * time.Second)
		var after map[client.Object]string
		if after, err = given.versions(); maps.Equal(before, after) {
			break
		}
		before = after
	}
	return before, err
}

// versions returns what changes when an object is written; of Flux' own kinds it is the generation, as their status goes on.
func (given *Delivery) versions() (map[client.Object]string, error) {
	versions := map[client.Object]string{}
	for _, object := range given.Plan.Objects {
		answer, err := given.Connection.Get(object.Address)
		if err != nil {
			return nil, err
		}
		var kept map[string]any
		if err := json.Unmarshal(answer.Body, &kept); err != nil {
			return nil, err
		}
		versions[object.Address] = text(kept, "metadata", "resourceVersion")
		if strings.Contains(object.Address.APIVersion, "toolkit.fluxcd.io") {
			versions[object.Address] = fmt.Sprint(value(kept, "metadata", "generation"))
		}
	}
	return versions, nil
}

// reconcile asks for a reconciliation of every Kustomization and waits for it.
func (given *Delivery) reconcile(token string) error {
	for _, kind := range []client.Object{sources, kustomizations} {
		for _, object := range given.Plan.Objects {
			if object.Address.Kind != kind.Kind {
				continue
			}
			if err := given.annotate(object.Address, token); err != nil {
				return err
			}
		}
		if err := programs.Eventually(given.limit, func() error { return given.handled(kind, token) }); err != nil {
			return err
		}
	}
	return nil
}

func (given *Delivery) annotate(address client.Object, token string) error {
	path, err := given.Connection.Path(address)
	if err != nil {
		return err
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, token)
	answer, err := given.Connection.Do(http.MethodPatch, path+"?fieldManager=flux", "application/merge-patch+json", []byte(patch))
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("%s: %s", address, answer.Message())
	}
	return err
}

func (given *Delivery) handled(kind client.Object, token string) error {
	items, err := list(given.Connection, kind)
	if err != nil {
		return err
	}
	for _, item := range items {
		if text(item, "status", "lastHandledReconcileAt") != token || !conditionIs(item, "Ready") {
			time.Sleep(300 * time.Millisecond)
			return fmt.Errorf("%s %s: %s", kind.Kind, text(item, "metadata", "name"), reason(item))
		}
	}
	return nil
}

// needed are kinds that others need to be applied.
var needed = []string{"Namespace", "ServiceAccount", "RoleBinding", "ClusterRole"}

// remove takes one file of each unit of delivery out of the repository: what may be pruned must go, what must not stays.
func (given *Delivery) remove() error {
	prunes := map[string]bool{}
	for _, object := range given.Plan.Objects {
		if object.Address.Kind == "Kustomization" {
			prunes[filepath.Clean(object.Text("spec", "path"))] = object.Value("spec", "prune") == true
		}
	}
	files, gone := map[string]int{}, map[string]delivery.Object{}
	for _, object := range given.Plan.Objects {
		files[filepath.Dir(object.Path)]++
	}
	for _, object := range given.Plan.Objects {
		folder := filepath.Dir(object.Path)
		_, known := prunes[folder]
		_, taken := gone[folder]
		// Nothing else may hang on what is taken away here, and a folder must not become empty.
		if !known || taken || files[folder] < 2 || slices.Contains(needed, object.Address.Kind) {
			continue
		}
		gone[folder] = object
	}
	for _, object := range gone {
		if err := given.repository.remove(object.Path); err != nil {
			return err
		}
	}
	if err := given.repository.commit("Take one file of each unit away"); err != nil {
		return err
	}
	if err := given.reconcile("third"); err != nil {
		given.Result.Find("flux: after files were taken away: %v", err)
		return nil
	}
	for folder, object := range gone {
		answer, err := given.Connection.Get(object.Address)
		if err != nil {
			return err
		}
		kept := answer.Accepted()
		annotated := object.Text("metadata", "annotations", "kustomize.toolkit.fluxcd.io/prune") == "disabled"
		wanted := !prunes[folder] || annotated
		given.Result.Count("files taken away", 1)
		if kept != wanted {
			given.Result.Find("%s: %s: after its file was taken away it is there: %v, wanted: %v", object.Path, object.Address, kept, wanted)
		}
		if kept {
			given.Result.Count("objects that outlive their file", 1)
		}
	}
	return nil
}
