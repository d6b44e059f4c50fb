package mutants

import "regexp"

// stricter are the codes of formwork that refuse on purpose what a server accepts, with the reason for each.
var stricter = map[string]string{
	"missing-namespace": "a request's path says the namespace too, a file alone does not",
	"ambiguous-scalar":  "readers of YAML 1.1 and 1.2 understand the text differently, so it depends on the reader what a server gets",
}

// crossObject are the codes that say something about several objects, of formwork's rooms of references and of identities. A server
// looks at one object alone, so they do not count.
var crossObject = []string{
	"applied-twice", "autoscaler-without-requests", "autoscaler-without-target", "backup-store-missing",
	"binding-without-policy", "claim-missing", "claim-on-one-node", "class-missing", "config-map-missing", "database-missing",
	"delivery-in-circles", "delivery-part-missing", "derived-name-too-long", "disruption-budget-blocks",
	"disruption-budget-without-pods", "duplicate-object", "issuer-missing", "key-missing", "late-foundation",
	"monitor-without-targets", "network-policy-without-pods", "probe-port-missing", "role-missing", "route-part-missing",
	"route-without-service", "secret-made-twice", "secret-missing", "secret-store-missing", "service-account-missing",
	"service-without-pods", "stateful-set-without-service", "trigger-authentication-missing", "two-autoscalers",
	"two-disruption-budgets", "two-routes-of-one-address", "unknown-target-port",
}

// otherObjects are refusals that depend on what else a server holds, which no manifest alone can say.
var otherObjects = []*regexp.Regexp{
	regexp.MustCompile(`^namespaces "[^"]*" not found$`),
	regexp.MustCompile(`no PriorityClass with name .* was found`),
	regexp.MustCompile(`priority admission controller computed`),
	regexp.MustCompile(`error looking up service account`),
	regexp.MustCompile(`pod rejected: RuntimeClass "[^"]*" not found`),
}

// isStricter says whether everything that formwork found is stricter on purpose.
func (judgement Judgement) isStricter() bool {
	for _, finding := range judgement.Findings {
		if stricter[finding.Code] == "" {
			return false
		}
	}
	return true
}

// isAboutOthers says whether the server's refusal depends on other objects.
func isAboutOthers(message string) bool {
	for _, pattern := range otherObjects {
		if pattern.MatchString(message) {
			return true
		}
	}
	return false
}
