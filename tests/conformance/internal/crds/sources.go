// Package crds brings the operators' own custom resource definitions, out of their pinned Go modules.
package crds

// source is one module whose archive carries definitions. The modules are read, never compiled, so they stay out of go.mod
// and cannot pull its dependencies up or down; the checksum stands here instead of in go.sum.
type source struct {
	module, version, checksum string
	files                     []string
}

var sources = []source{
	{
		"github.com/cloudnative-pg/cloudnative-pg", "v1.30.0",
		"h1:fnhVq44xXx97MNiuvJsPrX1vSjYbgdyBK5MSGfdHdp0=",
		[]string{"config/crd/bases/*.yaml"},
	},
	{
		"github.com/cloudnative-pg/plugin-barman-cloud", "v0.14.0",
		"h1:kpTo7egntRIM15hvo0xtOj07wyjj23jcz/Co0KfzC7s=",
		[]string{"config/crd/bases/*.yaml"},
	},
	{
		"github.com/cert-manager/cert-manager", "v1.21.1",
		"h1:0LttV37Q5c2CBNoHkjuI8sLKTXWZDC2SwQkxrBMKV9w=",
		[]string{"deploy/crds/*.yaml"},
	},
	{
		"github.com/kedacore/keda/v2", "v2.20.2",
		"h1:SR60v8uIcelbveS8n/1jcl8tLdBBIbHMxmdOHw8tKqA=",
		[]string{"config/crd/bases/keda.sh_*.yaml"},
	},
	{
		"github.com/traefik/traefik/v3", "v3.7.11",
		"h1:AdGIts8MRFqWMjXhZFisrbLseB7vjikUL1q9H9DSvrM=",
		[]string{"docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"},
	},
	{
		"github.com/prometheus-operator/prometheus-operator", "v0.93.0",
		"h1:AohlYJT+En8TmNpAcEUJ3GsaJTAqfEBwHmGTVpRm/Io=",
		[]string{"example/prometheus-operator-crd/*.yaml"},
	},
	{
		// Later releases are not published as modules; see overlays.
		"github.com/external-secrets/external-secrets", "v1.3.2",
		"h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		[]string{"config/crds/bases/external-secrets.io_*.yaml"},
	},
	{
		"github.com/fluxcd/source-controller", "v1.9.0",
		"h1:5msg2yyjVYDULZos+2ve8MZzcSqTpusiXmrOeBhc9yY=",
		[]string{"config/crd/bases/*.yaml"},
	},
	{
		"github.com/fluxcd/kustomize-controller", "v1.9.4",
		"h1:VBnBMhnemqnE5Zca2AoG2gC4472MoiTmk9rdqvLoMcY=",
		[]string{"config/crd/bases/*.yaml"},
	},
	{
		"github.com/fluxcd/helm-controller", "v1.6.3",
		"h1:MSiDP/s8xRSkO3g11vBiDStxfmJ5ZVdwDEpW7BSE/UA=",
		[]string{"config/crd/bases/*.yaml"},
	},
	{
		"github.com/argoproj/argo-cd/v3", "v3.5.1",
		"h1:jtwPLEFX9mNj3jSq88ugFcScGnOZVs2DWaXFuZxrRT8=",
		[]string{"manifests/crds/*-crd.yaml"},
	},
	{
		"github.com/sigstore/policy-controller", "v0.15.1",
		"h1:DL1YJ7RXbhPLteaxn/HUZFEf32UNqqkPoHN6leekETc=",
		[]string{"config/300-*.yaml"},
	},
}

// overlays are definitions of the version in use that no module carries: taken from the folder beside the repository where
// that is present, while the module's older ones stand in elsewhere.
var overlays = map[string]string{
	"es.yaml":  "external-secrets 2.9.0",
	"css.yaml": "external-secrets 2.9.0",
	"ps.yaml":  "external-secrets 2.9.0",
}
