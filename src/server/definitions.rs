//! Definitions of custom resources: names, versions, conversion. Their schemas are judged in `structural`.
//!
//! What CEL rules in them say is judged where they are compiled.

use serde_json::Value;

use super::common::{self, at, get, is_true, list, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, structural, webhooks};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[Kind {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        create,
        update,
    }],
    codes: &[&NAMES, &VERSIONS, &CONVERSION, &IMMUTABLE],
};

const NAMES: Code = Code {
    id: "definition-names",
    title: "a definition of a resource whose names do not fit",
    why: "The definition is named `PLURAL.GROUP`. A group is a domain with a dot; groups below `k8s.io` and `kubernetes.io` \
          need an annotation with their approval. Plural, singular and short names are lowercase, the kind is a word.",
    fix: "name the definition after `spec.names.plural` and `spec.group`",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettle.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
           - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
};

const VERSIONS: Code = Code {
    id: "definition-versions",
    title: "a definition of a resource that is not stored in exactly one version",
    why: "Objects are stored in one version and converted to the others. Each version has a name of its own and a schema.",
    fix: "set `storage: true` for one version",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
          - {name: v1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
           - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
};

const CONVERSION: Code = Code {
    id: "definition-conversion",
    title: "a conversion between versions that nobody does",
    why: "`strategy: Webhook` needs the webhook and the versions of the review that it understands; `None` has neither.",
    fix: "fill in `webhook.clientConfig` and `webhook.conversionReviewVersions`, or write `strategy: None`",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  \
          conversion: {strategy: Webhook}\n  versions:\n  \
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  \
           conversion: {strategy: None}\n  versions:\n  \
           - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
};

const IMMUTABLE: Code = Code {
    id: "immutable-definition",
    title: "a definition of a resource that moves its objects",
    why: "Objects are stored by group, plural and scope, so these stay as they are, and so does the kind.",
    fix: "define a resource of another name and copy the objects",
    bad: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n---\n\
          apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
          group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Cluster\n  versions:\n  \
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
    good: "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles}\n  scope: Namespaced\n  versions:\n  \
           - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n---\n\
           apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: kettles.example.com}\nspec:\n  \
           group: example.com\n  names: {kind: Kettle, plural: kettles, shortNames: [ket]}\n  scope: Namespaced\n  versions:\n  \
           - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}",
};

const APPROVED: &str = "api-approved.kubernetes.io";
/// What `kubectl get` can show.
const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
const MIXED_CASE: &str = "may have mixed case, but should otherwise match: ";

fn create(object: &Value, judge: &mut Judge) {
    let Some(spec) = get(object, "spec") else { return };
    let place = Place::OBJECT;
    let metadata = place.field("metadata");
    let place = place.field("spec");
    group(object, spec, &metadata, &place, judge);
    if let Some(names) = get(spec, "names") {
        check_names(names, &place.field("names"), judge);
    }
    versions(spec, &place.field("versions"), judge);
    conversion(spec, &place.field("conversion"), judge);
    structural::check(spec, &place, judge);
}

fn group(object: &Value, spec: &Value, metadata: &Place<'_>, place: &Place<'_>, judge: &mut Judge) {
    let (group, plural) = (
        text(spec, "group"),
        at(spec, &["names", "plural"]).and_then(Value::as_str),
    );
    if let Some(name @ Value::String(given)) = at(object, &["metadata", "name"])
        && let Some(plural) = plural
        && given.strip_prefix(plural).and_then(|rest| rest.strip_prefix('.')) != Some(group)
    {
        let reason = "must be spec.names.plural+\".\"+spec.group";
        judge.invalid(&NAMES, &metadata.field("name"), name, reason);
    }
    if group.is_empty() {
        return;
    }
    let reasons = server::is_dns1123_subdomain(group);
    let of_group = place.field("group");
    if !reasons.is_empty() {
        judge.invalid(&NAMES, &of_group, &group.into(), reasons.join(","));
    } else if !group.contains('.') {
        let reason = "should be a domain with at least one dot";
        judge.invalid(&NAMES, &of_group, &group.into(), reason);
    }
    let is_protected = ["k8s.io", "kubernetes.io"].iter().any(|domain| {
        group
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if is_protected && at(object, &["metadata", "annotations", APPROVED]).is_none() {
        let annotations = metadata.field("annotations");
        let reason = "protected groups must have approval annotation \"api-approved.kubernetes.io\", see \
                      https://github.com/kubernetes/enhancements/pull/1111";
        judge.required(&NAMES, &annotations.key(APPROVED), reason);
    }
}

fn check_names(names: &Value, place: &Place<'_>, judge: &mut Judge) {
    let mut say = |given: &str, name: &str, prefix: &str, place: &Place<'_>| {
        let reasons = server::is_dns1035_label(name);
        if !name.is_empty() && !reasons.is_empty() {
            judge.invalid(
                &NAMES,
                place,
                &given.into(),
                format_args!("{prefix}{}", reasons.join(",")),
            );
        }
    };
    for field in ["plural", "singular"] {
        let name = text(names, field);
        say(name, name, "", &place.field(field));
    }
    for field in ["kind", "listKind"] {
        let name = text(names, field);
        say(name, &name.to_lowercase(), MIXED_CASE, &place.field(field));
    }
    for field in ["shortNames", "categories"] {
        let place = place.field(field);
        for (index, name) in list(names, field).iter().enumerate() {
            let name = name.as_str().unwrap_or_default();
            say(name, name, "", &place.index(index));
        }
    }
    let (kind, of_list) = (text(names, "kind"), text(names, "listKind"));
    if !kind.is_empty() && kind == of_list {
        let reason = "kind and listKind may not be the same";
        judge.invalid(&NAMES, &place.field("listKind"), &of_list.into(), reason);
    }
}

fn versions(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let versions = list(spec, "versions");
    let names: Vec<&str> = versions.iter().map(|version| text(version, "name")).collect();
    for (index, version) in versions.iter().enumerate() {
        let place = place.index(index);
        let name = text(version, "name");
        let reasons = server::is_dns1035_label(name);
        if !name.is_empty() && !reasons.is_empty() {
            judge.invalid(&VERSIONS, &place.field("name"), &name.into(), reasons.join(","));
        }
        if at(version, &["schema", "openAPIV3Schema"]).is_none() {
            let schema = place.field("schema");
            judge.required(&VERSIONS, &schema.field("openAPIV3Schema"), "");
        }
        let columns = place.field("additionalPrinterColumns");
        for (index, column) in list(version, "additionalPrinterColumns").iter().enumerate() {
            let kind = text(column, "type");
            if !kind.is_empty() && !COLUMN_TYPES.contains(&kind) {
                let column = columns.index(index);
                let reason = format!("must be one of {}", COLUMN_TYPES.join(","));
                judge.invalid(&VERSIONS, &column.field("type"), &kind.into(), reason);
            }
        }
    }
    // The server prints the versions with all their schemas; the names will do.
    let shown = Value::from(names.clone());
    if names
        .iter()
        .enumerate()
        .any(|(index, name)| names.iter().take(index).any(|earlier| earlier == name))
    {
        judge.invalid(&VERSIONS, place, &shown, "must contain unique version names");
    }
    let stored = versions.iter().filter(|version| is_true(version, "storage")).count();
    if stored != 1 && !versions.is_empty() {
        let reason = "must have exactly one version marked as storage version";
        judge.invalid(&VERSIONS, place, &shown, reason);
    }
}

fn conversion(spec: &Value, place: &Place<'_>, judge: &mut Judge) {
    let Some(conversion) = get(spec, "conversion") else {
        return;
    };
    // The server's paths are those of its older version.
    let (of_client, of_reviews) = (
        place.field("webhookClientConfig"),
        place.field("conversionReviewVersions"),
    );
    let real = place.field("webhook");
    let client = at(conversion, &["webhook", "clientConfig"]);
    let reviews = at(conversion, &["webhook", "conversionReviewVersions"]);
    if text(conversion, "strategy") != "Webhook" {
        let reason = "should not be set when strategy is not set to Webhook";
        for (value, shown) in [(client, &of_client), (reviews, &of_reviews)] {
            if value.is_some() {
                judge.forbidden(&CONVERSION, shown, reason);
                judge.point_to(&real);
            }
        }
        return;
    }
    match client {
        None => {
            judge.required(&CONVERSION, &of_client, "required when strategy is set to Webhook");
            judge.point_to(place);
        }
        Some(client) => webhooks::client(&CONVERSION, client, (&of_client, &real.field("clientConfig")), judge),
    }
    match reviews {
        None => {
            judge.required(&CONVERSION, &of_reviews, "");
            judge.point_to(place);
        }
        Some(_) => {
            let webhook = get(conversion, "webhook").unwrap_or(&Value::Null);
            let at = (&of_reviews, &real.field("conversionReviewVersions"));
            webhooks::reviews(&CONVERSION, webhook, "conversionReviewVersions", at, judge);
        }
    }
}

fn update(old: &Value, new: &Value, judge: &mut Judge) {
    let (Some(old), Some(new)) = (get(old, "spec"), get(new, "spec")) else {
        return;
    };
    let place = Place::OBJECT;
    let place = place.field("spec");
    for field in ["scope", "group"] {
        common::immutable(&IMMUTABLE, old, new, field, &place, judge);
    }
    if let (Some(old), Some(new)) = (get(old, "names"), get(new, "names")) {
        let place = place.field("names");
        for field in ["kind", "plural"] {
            common::immutable(&IMMUTABLE, old, new, field, &place, judge);
        }
    }
}
