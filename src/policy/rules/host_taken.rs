//! The routes of an environment answer to its own hosts and to no others.
//!
//! That hosts are unique is demanded of the model; with this rule it holds for routes that came as text, too.

use serde_json::Value;

use crate::diagnostic::Level;
use crate::manifest::Object;
use crate::policy::{Bundle, Check, Findings, Rule};
use crate::text::Host;

pub(super) const RULE: Rule = Rule {
    id: "host-taken",
    title: "a route answers to a host that is not its environment's",
    why: "The ingress is shared: a route in one namespace can draw the visitors, the passwords and the cookies of \
          another tenant's host to itself, or fight with it over who answers.",
    fix: "add the host to the environment's `hosts`, or take it out of the route",
    references: &["Kubernetes documentation, Multi-tenancy"],
    bad: "kind: IngressRoute\nspec:\n  routes: [{match: Host(`erp.other-tenant.example`)}]",
    good: "kind: IngressRoute\nspec:\n  routes: [{match: Host(`erp.hartmann-bau.example`)}]",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let own = &bundle.environment.hosts;
    let is_own = |host: &str| own.iter().map(Host::as_str).any(|own| own.eq_ignore_ascii_case(host));
    for object in bundle.objects {
        for (pointer, claim) in claims(object) {
            let message = match claim {
                Claim::Host(host) if !is_own(&host) => format!("`{host}` is none of the environment's hosts"),
                Claim::Any => "it answers to hosts that it does not name".to_owned(),
                Claim::Host(_) => continue,
            };
            findings.push(object, &pointer, message);
        }
    }
}

/// What a route answers to.
enum Claim {
    Host(String),
    /// A pattern, or every host.
    Any,
}

fn claims(object: &Object) -> Vec<(String, Claim)> {
    match (object.group(), object.kind.as_str()) {
        ("traefik.io", "IngressRoute" | "IngressRouteTCP") => of_matches(object),
        ("networking.k8s.io", "Ingress") => of_list(object, "/spec/rules", Some("host")),
        ("gateway.networking.k8s.io", "HTTPRoute" | "TLSRoute" | "GRPCRoute") => {
            of_list(object, "/spec/hostnames", None)
        }
        _ => Vec::new(),
    }
}

/// The hosts in the expressions of Traefik's routes.
fn of_matches(object: &Object) -> Vec<(String, Claim)> {
    let mut found = Vec::new();
    let routes = object.value.pointer("/spec/routes").and_then(Value::as_array);
    for (index, route) in routes.into_iter().flatten().enumerate() {
        let pointer = format!("/spec/routes/{index}/match");
        let expression = route.get("match").and_then(Value::as_str).unwrap_or_default();
        let hosts = hosts_in(expression);
        if hosts.is_empty() || expression.contains("HostRegexp(") || expression.contains("HostSNIRegexp(") {
            found.push((pointer.clone(), Claim::Any));
        }
        found.extend(hosts.into_iter().map(|host| (pointer.clone(), Claim::Host(host))));
    }
    found
}

/// The texts in the parentheses of every `Host` and `HostSNI` of an expression.
fn hosts_in(expression: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    for matcher in ["Host(", "HostSNI("] {
        for (at, _) in expression.match_indices(matcher) {
            let arguments = expression
                .get(at + matcher.len()..)
                .and_then(|rest| rest.split(')').next());
            let quoted = arguments.unwrap_or_default().split(',');
            hosts.extend(quoted.map(|text| text.trim().trim_matches(['`', '"', '\'']).to_owned()));
        }
    }
    hosts
}

/// The hosts of a list: each item, or a field of it. An item without a host answers to all.
fn of_list(object: &Object, list: &str, field: Option<&str>) -> Vec<(String, Claim)> {
    let items = object.value.pointer(list).and_then(Value::as_array);
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return vec![(list.to_owned(), Claim::Any)];
    };
    let claim = |(index, item): (usize, &Value)| {
        let (host, end) = match field {
            Some(field) => (item.get(field), format!("/{field}")),
            None => (Some(item), String::new()),
        };
        let host = host
            .and_then(Value::as_str)
            .filter(|host| !host.is_empty() && !host.contains('*'));
        let claim = host.map_or(Claim::Any, |host| Claim::Host(host.to_owned()));
        (format!("{list}/{index}{end}"), claim)
    };
    items.iter().enumerate().map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{environment, judged};

    #[test]
    fn the_routes_of_the_blueprint_keep_to_their_hosts() {
        for settings in ["", "  hosts: [erp.hartmann.example, portal.hartmann.example]\n"] {
            assert!(judged(&RULE, &environment(settings, &[])).is_empty());
        }
    }

    #[test]
    fn routes_that_came_as_text_are_held_to_them_too() {
        let settings = "
  hosts: [erp.hartmann.example]
  overrides:
    - kind: IngressRoute
      name: web
      reason: the old address as well
      patch:
        spec:
          routes:
            - {kind: Rule, match: \"Host(`erp.hartmann.example`, `erp.holt.example`) && Path(`/`)\"}
            - {kind: Rule, match: \"PathPrefix(`/`)\"}
  extra:
    - apiVersion: networking.k8s.io/v1
      kind: Ingress
      metadata: {name: more}
      spec: {rules: [{host: ERP.hartmann.example}, {host: shop.holt.example}, {}]}
";
        insta::assert_snapshot!(judged(&RULE, &environment(settings, &[])).join("\n"), @r#"
        - {kind: Rule, match: "Host(`erp.hartmann.example`, `erp.holt.example`) && Path(`/`)"} | `erp.holt.example` is none of the environment's hosts
        - {kind: Rule, match: "PathPrefix(`/`)"} | it answers to hosts that it does not name
        spec: {rules: [{host: ERP.hartmann.example}, {host: shop.holt.example}, {}]} | `shop.holt.example` is none of the environment's hosts
        spec: {rules: [{host: ERP.hartmann.example}, {host: shop.holt.example}, {}]} | it answers to hosts that it does not name
        "#);
    }

    #[test]
    fn hosts_of_an_expression() {
        assert_eq!(
            hosts_in("(Host(`a.example`) || Host(`b.example`,`c.example`)) && Path(`/`)"),
            ["a.example", "b.example", "c.example"]
        );
        assert!(hosts_in("HostRegexp(`.+`)").is_empty());
    }
}
