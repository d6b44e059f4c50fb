//! Webhooks that an API server calls: what they are called for, and where they are.
//!
//! Whether anybody answers there is the business of other rooms.

use serde_json::Value;

use super::common::{self, get, label_selector, list, text, whole};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules, admission, unchanged};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "admissionregistration.k8s.io",
            kind: "MutatingWebhookConfiguration",
            create,
            update: unchanged,
        },
        Kind {
            group: "admissionregistration.k8s.io",
            kind: "ValidatingWebhookConfiguration",
            create,
            update: unchanged,
        },
    ],
    codes: &[&WEBHOOK, &CLIENT],
};

const WEBHOOK: Code = Code {
    id: "invalid-webhook",
    title: "an admission webhook that the API server refuses",
    why: "A webhook has a name of three parts or more, once in its configuration, answers within 30 seconds, and understands \
          the reviews of version `v1`.",
    fix: "name it after its service, `check.odoo.example.com`, and list `admissionReviewVersions: [v1]`",
    bad: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
          - name: odoo\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
          clientConfig: {service: {name: checks, namespace: odoo-system}}",
    good: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
           - name: check.odoo.example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
           clientConfig: {service: {name: checks, namespace: odoo-system}}",
};

const CLIENT: Code = Code {
    id: "webhook-address",
    title: "a webhook without one good address",
    why: "A webhook is either a Service of the cluster or a URL with `https`, without user, query or fragment.",
    fix: "write `clientConfig.service` with name and namespace, or an `https` URL",
    bad: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
          - name: check.odoo.example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
          clientConfig: {url: \"https://checks.example.com\", service: {name: checks, namespace: odoo-system}}",
    good: "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: odoo}\nwebhooks:\n\
           - name: check.odoo.example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  \
           clientConfig: {url: \"https://checks.example.com\"}",
};

/// Versions of reviews that servers send.
const REVIEWS: &[&str] = &["v1", "v1beta1"];
/// The longest time that a server waits, in seconds.
const LONGEST_WAIT: i64 = 30;
const FORM: &str = "; desired format: https://host[/path]";

/// Where the server says that something is, and where it is.
type Places<'p> = (&'p Place<'p>, &'p Place<'p>);

fn create(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let place = place.field("webhooks");
    let hooks = list(object, "webhooks");
    for (index, hook) in hooks.iter().enumerate() {
        let place = place.index(index);
        let earlier = hooks.get(..index).unwrap_or_default();
        name(text(hook, "name"), earlier, &place.field("name"), judge);
        let rules = place.field("rules");
        for (index, rule) in list(hook, "rules").iter().enumerate() {
            admission::rule(rule, &rules.index(index), judge);
        }
        if let Some(seconds) = get(hook, "timeoutSeconds")
            && whole(seconds).is_some_and(|seconds| !(1..=LONGEST_WAIT).contains(&seconds))
        {
            let reason = "the timeout value must be between 1 and 30 seconds";
            judge.invalid(&WEBHOOK, &place.field("timeoutSeconds"), seconds, reason);
        }
        for field in ["namespaceSelector", "objectSelector"] {
            if let Some(selector) = get(hook, field) {
                label_selector(selector, &place.field(field), judge);
            }
        }
        if let Some(config) = get(hook, "clientConfig") {
            let place = place.field("clientConfig");
            client(&CLIENT, config, (&place, &place), judge);
        }
        let of_reviews = place.field("admissionReviewVersions");
        reviews(
            &WEBHOOK,
            hook,
            "admissionReviewVersions",
            (&of_reviews, &of_reviews),
            judge,
        );
        admission::conditions(hook, &place, judge);
    }
}

fn name(name: &str, earlier: &[Value], place: &Place<'_>, judge: &mut Judge) {
    if name.is_empty() {
        return;
    }
    let reasons = server::is_dns1123_subdomain(name);
    if !reasons.is_empty() {
        judge.invalid(&WEBHOOK, place, &name.into(), reasons.join(","));
    } else if name.split('.').count() < 3 {
        let reason = "should be a domain with at least three segments separated by dots";
        judge.invalid(&WEBHOOK, place, &name.into(), reason);
    }
    if earlier.iter().any(|other| text(other, "name") == name) {
        judge.duplicate(&WEBHOOK, place, &name.into());
    }
}

/// Judges the versions of reviews that a webhook understands.
pub(super) fn reviews(code: &Code, hook: &Value, field: &str, places: Places<'_>, judge: &mut Judge) {
    let versions = list(hook, field);
    let (shown, real) = places;
    for (index, version) in versions.iter().enumerate() {
        let name = version.as_str().unwrap_or_default();
        let reasons = match versions.iter().take(index).any(|earlier| earlier == version) {
            true => vec!["duplicate version".to_owned()],
            false => server::is_dns1035_label(name),
        };
        for reason in reasons {
            judge.invalid(code, &shown.index(index), version, reason);
            judge.point_to(&real.index(index));
        }
    }
    let is_known = |version: &Value| version.as_str().is_some_and(|version| REVIEWS.contains(&version));
    if !versions.is_empty() && !versions.iter().any(is_known) {
        judge.invalid(
            code,
            shown,
            &versions.into(),
            "must include at least one of v1, v1beta1",
        );
        judge.point_to(real);
    }
}

/// Judges where a webhook is.
pub(super) fn client(code: &Code, config: &Value, places: Places<'_>, judge: &mut Judge) {
    let (shown, real) = places;
    match (get(config, "url"), get(config, "service")) {
        (Some(url), None) => {
            for (value, reason) in url_problems(url.as_str().unwrap_or_default()) {
                judge.invalid(code, &shown.field("url"), &value.into(), reason);
                judge.point_to(&real.field("url"));
            }
        }
        (None, Some(service)) => {
            let (shown, real) = (shown.field("service"), real.field("service"));
            if let Some(port) = get(service, "port")
                && whole(port).is_some_and(|port| !(1..=65_535).contains(&port))
            {
                let reason = format_args!("port is not valid: {}", common::PORT);
                judge.invalid(code, &shown.field("port"), port, reason);
                judge.point_to(&real.field("port"));
            }
            let path = text(service, "path");
            for reason in path_problems(path) {
                judge.invalid(code, &shown.field("path"), &path.into(), reason);
                judge.point_to(&real.field("path"));
            }
        }
        _ => {
            judge.required(code, shown, "exactly one of url or service is required");
            judge.point_to(real);
        }
    }
}

/// Returns the parts of a URL that cannot be there, and why.
fn url_problems(url: &str) -> Vec<(&str, String)> {
    let mut problems = Vec::new();
    let (scheme, rest) = match url.split_once("://") {
        Some(parts) => parts,
        // Whether it can be read as a URL at all is not judged.
        None if url.contains(':') => return problems,
        None => ("", ""),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = rest.split('/').next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("https") {
        problems.push((scheme, format!("'https' is the only allowed URL scheme{FORM}")));
    }
    if authority.is_empty() {
        problems.push((authority, format!("host must be specified{FORM}")));
    }
    if let Some((user, _)) = authority.rsplit_once('@') {
        problems.push((user, "user information is not permitted in the URL".to_owned()));
    }
    if !fragment.is_empty() {
        problems.push((fragment, "fragments are not permitted in the URL".to_owned()));
    }
    if !query.is_empty() {
        problems.push((query, "query parameters are not permitted in the URL".to_owned()));
    }
    problems
}

/// Returns why a path of a Service cannot be called.
fn path_problems(path: &str) -> Vec<String> {
    if path.is_empty() || path == "/" {
        return Vec::new();
    }
    let Some(rest) = path.strip_prefix('/') else {
        return vec!["must start with a '/'".to_owned()];
    };
    let steps = rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate();
    let problems = |(index, step): (usize, &str)| match step {
        "" => vec![format!("segment[{index}] may not be empty")],
        step => {
            let reasons = server::is_dns1123_subdomain(step).into_iter();
            reasons.map(|reason| format!("segment[{index}]: {reason}")).collect()
        }
    };
    steps.flat_map(problems).collect()
}
