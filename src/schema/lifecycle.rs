//! Versions of the Kubernetes API that are gone, on their way out, or not there yet.
//!
//! Our kinds know from when to when they were served since 1.33; the facts hold what was gone before, and what is
//! deprecated but still served.

use super::facts::FACTS;
use super::problem::{Code, code};
use super::{Kind, Problem, Schemas};

/// Says that a cluster does not serve a version of the API, or not for long; nothing when all is well or when the kind
/// is unknown.
pub(super) fn problem(schemas: &Schemas, api_version: &str, kind: &str) -> Option<Problem> {
    let minor = schemas.minor;
    let place = schemas.place(api_version, kind).ok();
    let known = place.and_then(|index| schemas.kinds.get(index));
    let fact = FACTS.removal(api_version, kind);
    let say = |code: Code, message: String, replacement: Option<&str>| Problem {
        pointer: "/apiVersion".to_owned(),
        code: code.0,
        message: format!("`{api_version}` {kind} {message}"),
        help: replacement.map(|replacement| format!("use `{replacement}`")),
    };
    if let Some(known) = known.filter(|known| known.since > minor) {
        let message = format!("is new in Kubernetes 1.{}, the cluster runs 1.{minor}", known.since);
        return Some(say(code::API_TOO_NEW, message, served(schemas, known)));
    }
    let until = known.filter(|known| known.until < minor).map(|known| known.until + 1);
    let removed = fact
        .and_then(|fact| fact.removed)
        .filter(|removed| *removed <= minor)
        .or(until);
    if let Some(removed) = removed {
        let replacement = fact.map_or_else(|| served(schemas, known?), |fact| fact.replacement);
        let message = format!("was removed in Kubernetes 1.{removed}");
        return Some(say(code::REMOVED_API, message, replacement));
    }
    let fact = fact.filter(|fact| fact.deprecated <= minor)?;
    let message = format!("is deprecated since Kubernetes 1.{}", fact.deprecated);
    Some(say(code::DEPRECATED_API, message, fact.replacement))
}

/// The most stable version of the same kind that the cluster serves.
fn served<'s>(schemas: &'s Schemas, of: &Kind) -> Option<&'s str> {
    let kinds = schemas
        .kinds()
        .filter(|kind| kind.kind == of.kind && kind.group() == of.group());
    let stability = |kind: &&Kind| match &*kind.api_version {
        version if version.contains("alpha") => 0,
        version if version.contains("beta") => 1,
        _ => 2,
    };
    kinds.max_by_key(stability).map(|kind| &*kind.api_version)
}
