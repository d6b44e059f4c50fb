package flux

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"formwork.example/conformance/internal/client"
	"formwork.example/conformance/internal/delivery"
)

// operators stand in for the controllers of a cluster: they report as done what could be done, and only that. A volume is bound
// when somebody mounts it, as with classes that wait for their first consumer; Pods run when everything that they mount is there.
type operators struct {
	connection *client.Client
	// kinds are what is looked after.
	kinds []client.Object
	stop  chan struct{}
	ended sync.WaitGroup
	mutex sync.Mutex
	// err is what went wrong in the last round, waiting why somebody's Pods do not run.
	err     error
	waiting map[string]string
}

type object = map[string]any

func startOperators(connection *client.Client) *operators {
	started := &operators{connection: connection, stop: make(chan struct{}), waiting: map[string]string{}, kinds: []client.Object{
		{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		{APIVersion: "apps/v1", Kind: "Deployment"},
		{APIVersion: "apps/v1", Kind: "StatefulSet"},
		{APIVersion: "batch/v1", Kind: "Job"},
		{APIVersion: "postgresql.cnpg.io/v1", Kind: "Cluster"},
		{APIVersion: "helm.toolkit.fluxcd.io/v2", Kind: "HelmRelease"},
	}}
	started.ended.Go(func() {
		for {
			// A server that is busy with new definitions refuses for a while; only what the last round met counts.
			err := started.round()
			started.mutex.Lock()
			started.err = err
			started.mutex.Unlock()
			select {
			case <-started.stop:
				return
			case <-time.After(time.Second):
			}
		}
	})
	return started
}

func (operators *operators) close() error {
	close(operators.stop)
	operators.ended.Wait()
	return operators.err
}

// obstacles says why Pods do not run.
func (operators *operators) obstacles() []string {
	operators.mutex.Lock()
	defer operators.mutex.Unlock()
	var texts []string
	if operators.err != nil {
		texts = append(texts, "the operators: "+operators.err.Error())
	}
	for _, who := range slices.Sorted(maps.Keys(operators.waiting)) {
		texts = append(texts, who+" waits for "+operators.waiting[who])
	}
	return texts
}

// round looks at everything once.
func (operators *operators) round() error {
	found := map[string][]object{}
	for _, kind := range operators.kinds {
		items, err := list(operators.connection, kind)
		if err != nil {
			return err
		}
		found[kind.Kind] = items
	}
	present, err := operators.mountable(found)
	if err != nil {
		return err
	}
	mounted := map[string]bool{}
	for _, kind := range operators.kinds {
		for _, item := range found[kind.Kind] {
			for _, needed := range mounts(item) {
				mounted[needed] = true
			}
		}
	}
	for _, kind := range operators.kinds {
		for _, item := range found[kind.Kind] {
			if err := operators.attend(kind, item, present, mounted); err != nil {
				return err
			}
		}
	}
	return nil
}

// mountable returns all config maps, claims and service accounts, and the secrets that somebody's controller makes by now.
func (operators *operators) mountable(found map[string][]object) (map[string]bool, error) {
	present := map[string]bool{}
	for _, kind := range []client.Object{
		{APIVersion: "v1", Kind: "ConfigMap"}, {APIVersion: "v1", Kind: "ServiceAccount"},
		{APIVersion: "external-secrets.io/v1", Kind: "ExternalSecret"}, {APIVersion: "cert-manager.io/v1", Kind: "Certificate"},
	} {
		items, err := list(operators.connection, kind)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			made, name := kind.Kind, text(item, "metadata", "name")
			switch kind.Kind {
			case "ExternalSecret":
				made = "Secret"
				if target := text(item, "spec", "target", "name"); target != "" {
					name = target
				}
			case "Certificate":
				made, name = "Secret", text(item, "spec", "secretName")
			}
			present[key(made, text(item, "metadata", "namespace"), name)] = true
		}
	}
	for _, item := range found["PersistentVolumeClaim"] {
		present[key("PersistentVolumeClaim", text(item, "metadata", "namespace"), text(item, "metadata", "name"))] = true
	}
	for _, item := range found["Cluster"] {
		if conditionIs(item, "Ready") {
			for _, ending := range []string{"-app", "-ca", "-server", "-replication"} {
				present[key("Secret", text(item, "metadata", "namespace"), text(item, "metadata", "name")+ending)] = true
			}
		}
	}
	return present, nil
}

// attend writes the status of one object, once for each of its generations.
func (operators *operators) attend(kind client.Object, item object, present, mounted map[string]bool) error {
	kind.Namespace, kind.Name = text(item, "metadata", "namespace"), text(item, "metadata", "name")
	generation, _ := value(item, "metadata", "generation").(float64)
	if done, _ := value(item, "status", "observedGeneration").(float64); done == generation && kind.Kind != "PersistentVolumeClaim" && kind.Kind != "Job" && kind.Kind != "Cluster" {
		return nil
	}
	if conditionIs(item, "Ready") || conditionIs(item, "Complete") || text(item, "status", "phase") == "Bound" {
		return nil
	}
	operators.mutex.Lock()
	delete(operators.waiting, kind.String())
	for _, needed := range mounts(item) {
		if !present[needed] {
			operators.waiting[kind.String()] = needed
		}
	}
	_, waits := operators.waiting[kind.String()]
	operators.mutex.Unlock()
	if waits || (kind.Kind == "PersistentVolumeClaim" && !mounted[key(kind.Kind, kind.Namespace, kind.Name)]) {
		return nil
	}
	status, err := json.Marshal(object{"status": statusOf(kind.Kind, item, generation)})
	if err != nil {
		return err
	}
	answer, err := operators.connection.MergeStatus(kind, status)
	// The object may be gone or have been written to meanwhile; the next round sees it again.
	if err == nil && !answer.Accepted() && answer.Code != http.StatusConflict && answer.Code != http.StatusNotFound {
		err = fmt.Errorf("%s: status: %s", kind, answer.Message())
	}
	return err
}

func statusOf(kind string, item object, generation float64) object {
	replicas := 1.0
	if number, given := value(item, "spec", "replicas").(float64); given {
		replicas = number
	}
	now := time.Now().UTC().Format(time.RFC3339)
	condition := func(name, reason string) object {
		return object{"type": name, "status": "True", "reason": reason, "message": reason, "lastTransitionTime": now}
	}
	switch kind {
	case "PersistentVolumeClaim":
		return object{"phase": "Bound", "accessModes": value(item, "spec", "accessModes"), "capacity": value(item, "spec", "resources", "requests")}
	case "Deployment":
		return object{
			"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
			"availableReplicas": replicas,
			"conditions":        []object{condition("Available", "MinimumReplicasAvailable"), condition("Progressing", "NewReplicaSetAvailable")},
		}
	case "StatefulSet":
		return object{
			"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
			"currentReplicas": replicas, "availableReplicas": replicas, "currentRevision": "one", "updateRevision": "one",
		}
	case "Job":
		return object{
			"succeeded": 1, "startTime": now, "completionTime": now, "uncountedTerminatedPods": object{},
			"conditions": []object{condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached")},
		}
	case "Cluster":
		return object{"conditions": []object{condition("Ready", "ClusterIsReady")}}
	default:
		return object{"observedGeneration": generation, "conditions": []object{condition("Ready", "InstallSucceeded")}}
	}
}

// mounts returns what the Pods of a workload cannot start without.
func mounts(item object) []string {
	namespace := text(item, "metadata", "namespace")
	spec, _ := value(item, "spec", "template", "spec").(object)
	var needed []string
	add := func(kind string, name any, optional any) {
		if text, isText := name.(string); isText && text != "" && optional != true {
			needed = append(needed, key(kind, namespace, text))
		}
	}
	add("ServiceAccount", spec["serviceAccountName"], nil)
	for _, volume := range objectsIn(spec["volumes"]) {
		secret, _ := volume["secret"].(object)
		add("Secret", secret["secretName"], secret["optional"])
		configuration, _ := volume["configMap"].(object)
		add("ConfigMap", configuration["name"], configuration["optional"])
		claim, _ := volume["persistentVolumeClaim"].(object)
		add("PersistentVolumeClaim", claim["claimName"], nil)
		projected, _ := volume["projected"].(object)
		for _, source := range objectsIn(projected["sources"]) {
			secret, _ := source["secret"].(object)
			add("Secret", secret["name"], secret["optional"])
			configuration, _ := source["configMap"].(object)
			add("ConfigMap", configuration["name"], configuration["optional"])
		}
	}
	for _, container := range append(objectsIn(spec["containers"]), objectsIn(spec["initContainers"])...) {
		for _, source := range objectsIn(container["envFrom"]) {
			secret, _ := source["secretRef"].(object)
			add("Secret", secret["name"], secret["optional"])
			configuration, _ := source["configMapRef"].(object)
			add("ConfigMap", configuration["name"], configuration["optional"])
		}
		for _, variable := range objectsIn(container["env"]) {
			secret, _ := value(variable, "valueFrom", "secretKeyRef").(object)
			add("Secret", secret["name"], secret["optional"])
			configuration, _ := value(variable, "valueFrom", "configMapKeyRef").(object)
			add("ConfigMap", configuration["name"], configuration["optional"])
		}
	}
	return needed
}

func key(kind, namespace, name string) string { return kind + " " + namespace + "/" + name }

func conditionIs(item object, name string) bool {
	for _, condition := range objectsIn(value(item, "status", "conditions")) {
		if condition["type"] == name && condition["status"] == "True" {
			return true
		}
	}
	return false
}

// list returns all objects of a kind.
func list(connection *client.Client, kind client.Object) ([]object, error) {
	answer, err := connection.List(kind)
	if err != nil {
		return nil, err
	}
	if !answer.Accepted() {
		return nil, fmt.Errorf("list of %s: %s", kind.Kind, answer.Message())
	}
	var items struct{ Items []object }
	err = json.Unmarshal(answer.Body, &items)
	return items.Items, err
}

func value(item object, keys ...string) any { return delivery.Object{Content: item}.Value(keys...) }

func text(item object, keys ...string) string { return delivery.Object{Content: item}.Text(keys...) }

func objectsIn(list any) []object {
	items, _ := list.([]any)
	var found []object
	for _, item := range items {
		if fields, isMap := item.(object); isMap {
			found = append(found, fields)
		}
	}
	return found
}
