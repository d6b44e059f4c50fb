//! What a server refuses about the rules and selectors of policies, and resources that do not exist.

use super::*;
use crate::admission::builtin::BUILT_IN;
use crate::admission::spec::{LabelSelector, MatchResources, Rule};
use crate::diagnostic::nearest;
use crate::text::server::is_valid_label_value;

/// Checks constraints at a pointer.
pub(super) fn check(constraints: &MatchResources, pointer: &str, resources: &Resources, review: &mut Review<'_>) {
    if let Some(policy) = &constraints.match_policy
        && policy != "Exact"
        && policy != "Equivalent"
    {
        let message = format!("`{policy}` is not known");
        review.refuse(
            "policy-invalid",
            &format!("{pointer}/matchPolicy"),
            message,
            "write `Exact` or `Equivalent`",
        );
    }
    selector(
        &constraints.namespace_selector,
        &format!("{pointer}/namespaceSelector"),
        review,
    );
    selector(
        &constraints.object_selector,
        &format!("{pointer}/objectSelector"),
        review,
    );
    for (list, rules) in [
        ("resourceRules", &constraints.resource_rules),
        ("excludeResourceRules", &constraints.exclude_resource_rules),
    ] {
        for (index, rule) in rules.iter().enumerate() {
            check_rule(rule, &format!("{pointer}/{list}/{index}"), resources, review);
        }
    }
}

/// Checks a selector at a pointer.
pub(super) fn selector(selector: &LabelSelector, pointer: &str, review: &mut Review<'_>) {
    let mut invalid = |place: String, message: String, help: &str| {
        review.refuse("policy-invalid", &format!("{pointer}/{place}"), message, help);
    };
    let names = "use letters, digits, `-`, `_` and `.`, at most 63";
    for (key, value) in &selector.match_labels {
        for problem in is_qualified_name(key).into_iter().chain(is_valid_label_value(value)) {
            let place = format!("matchLabels/{}", key.replace('~', "~0").replace('/', "~1"));
            invalid(place, format!("the label cannot exist: {problem}"), names);
        }
    }
    for (index, wanted) in selector.match_expressions.iter().enumerate() {
        let place = |field: &str| format!("matchExpressions/{index}/{field}");
        for problem in is_qualified_name(&wanted.key) {
            invalid(place("key"), format!("`{}` is no label: {problem}", wanted.key), names);
        }
        match (wanted.operator.as_str(), wanted.values.is_empty()) {
            ("In" | "NotIn", false) | ("Exists" | "DoesNotExist", true) => {}
            ("In" | "NotIn", true) => invalid(place("operator"), "there are no values".to_owned(), "add `values`"),
            ("Exists" | "DoesNotExist", false) => {
                invalid(
                    place("values"),
                    "this operator takes no values".to_owned(),
                    "remove `values`",
                );
            }
            (operator, _) => invalid(
                place("operator"),
                format!("`{operator}` is not known"),
                "write `In`, `NotIn`, `Exists` or `DoesNotExist`",
            ),
        }
    }
}

fn check_rule(rule: &Rule, pointer: &str, resources: &Resources, review: &mut Review<'_>) {
    let mut invalid = |field: &str, message: String, help: &str| {
        review.refuse("policy-invalid", &format!("{pointer}/{field}"), message, help);
    };
    for (field, items) in [
        ("apiGroups", &rule.api_groups),
        ("apiVersions", &rule.api_versions),
        ("operations", &rule.operations),
        ("resources", &rule.resources),
    ] {
        let is_star = |item: &String| item == "*";
        if items.is_empty() {
            invalid(
                field,
                format!("`{field}` is missing"),
                "list what the rule is about, or `\"*\"`",
            );
        } else if items.len() > 1 && items.iter().any(is_star) && field != "resources" {
            invalid(field, "`*` stands alone".to_owned(), "remove the others, or `*`");
        }
        if field != "apiGroups" && items.iter().any(String::is_empty) {
            invalid(field, "an item is empty".to_owned(), "remove it");
        }
    }
    for operation in &rule.operations {
        if !["*", "CREATE", "UPDATE", "DELETE", "CONNECT"].contains(&operation.as_str()) {
            let message = format!("`{operation}` is not known");
            invalid(
                "operations",
                message,
                "write `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `\"*\"`",
            );
        }
    }
    if let Some(scope) = &rule.scope
        && !["*", "Cluster", "Namespaced"].contains(&scope.as_str())
    {
        invalid(
            "scope",
            format!("`{scope}` is not known"),
            "write `Cluster`, `Namespaced` or `\"*\"`",
        );
    }
    if let Some(problem) = overlap(&rule.resources) {
        invalid("resources", problem, "name each resource once");
    }
    for (index, name) in rule.resource_names.iter().enumerate() {
        let is_segment = !name.contains(['/', '%']) && name != "." && name != "..";
        if !is_segment || rule.resource_names.iter().take(index).any(|earlier| earlier == name) {
            let message = format!("`{name}` cannot stand here, or stands here twice");
            invalid("resourceNames", message, "list each name once");
        }
    }
    unknown_resources(rule, pointer, resources, review);
}

/// What the server says of wildcards that cover other items of the list.
fn overlap(items: &[String]) -> Option<String> {
    let has = |wanted: &str| items.iter().any(|item| item == wanted);
    if items.len() > 1 && has("*/*") {
        return Some("if '*/*' is present, must not specify other resources".to_owned());
    }
    if has("*") && items.iter().any(|item| item != "*" && !item.contains('/')) {
        return Some("if '*' is present, must not specify other resources without subresources".to_owned());
    }
    items.iter().enumerate().find_map(|(index, item)| {
        let (resource, sub) = item.split_once('/')?;
        let mut earlier = items.iter().take(index);
        let mut covers = |wanted: String| earlier.any(|item| *item == wanted).then_some(wanted);
        let cover = covers(format!("{resource}/*")).or_else(|| covers(format!("*/{sub}")))?;
        Some(format!("if '{cover}' is present, must not specify {item}"))
    })
}

/// A resource that no kind has is a slip, where all kinds of the group are known.
fn unknown_resources(rule: &Rule, pointer: &str, resources: &Resources, review: &mut Review<'_>) {
    let in_groups = |group: &str| rule.api_groups.iter().any(|given| given == group);
    let all_known = rule.api_groups.iter().all(|group| is_built_in(group));
    let of_groups = resources.all().iter().filter(|resource| in_groups(&resource.group));
    let plurals: Vec<&str> = of_groups.clone().map(|resource| resource.plural.as_str()).collect();
    for (index, named) in rule.resources.iter().enumerate() {
        let (name, _) = named.split_once('/').unwrap_or((named, ""));
        let by_kind = of_groups
            .clone()
            .find(|resource| resource.kind.eq_ignore_ascii_case(name));
        if name == "*" || name.is_empty() || plurals.contains(&name) || !(all_known || by_kind.is_some()) {
            continue;
        }
        let meant = by_kind.map(|resource| resource.plural.as_str());
        let elsewhere = resources.all().iter().find(|resource| resource.plural == name);
        let help = match (meant.or_else(|| nearest(name, plurals.iter().copied())), elsewhere) {
            (_, Some(other)) => format!("`{name}` is in the group \"{}\"", other.group),
            (Some(meant), None) => format!("did you mean `{meant}`?"),
            (None, None) => "write the plural by which the API server calls it, `deployments`".to_owned(),
        };
        let message = format!("there is no resource `{name}` in the group, so the rule matches nothing");
        review.refuse(
            "unknown-resource",
            &format!("{pointer}/resources/{index}"),
            message,
            help,
        );
    }
}

/// Whether only Kubernetes defines kinds in a group.
fn is_built_in(group: &str) -> bool {
    BUILT_IN.iter().any(|(known, ..)| *known == group)
}
