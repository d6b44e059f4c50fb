//! The pull policy of an image, which depends on its tag.
//!
//! A reference is read as the server's parser does (`distribution/reference`): one that it refuses has no tag, so it is
//! not the latest.

use std::sync::LazyLock;

use regex::Regex;

/// A registry: a host of letters, digits and hyphens or an IPv6 address, and a port.
static REGISTRY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    Regex::new(&format!(r"^(?:{label}(?:\.{label})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$")).ok()
});

/// A repository, a tag and a digest.
static REST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    Regex::new(&format!(
        "^({part}(?:/{part})*)(?::([0-9A-Za-z_][0-9A-Za-z_.-]{{0,127}}))?(@{digest})?$"
    ))
    .ok()
});

/// Returns the pull policy of an image: `Always` for the tag `latest`, which is also that of an image without tag and digest.
pub(super) fn pull_policy(image: &str) -> &'static str {
    match is_latest(image) {
        Some(true) => "Always",
        _ => "IfNotPresent",
    }
}

fn is_latest(image: &str) -> Option<bool> {
    // What looks like the identifier of an image is none of its names.
    if image.len() == 64 && image.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let is_registry = |host: &str| {
        host.contains(['.', ':']) || host == "localhost" || host.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    let (registry, rest) = match image.split_once('/') {
        Some((host, rest)) if is_registry(host) => (Some(host), rest),
        _ => (None, image),
    };
    if registry.is_some_and(|host| !REGISTRY.as_ref().is_some_and(|pattern| pattern.is_match(host))) {
        return None;
    }
    let parts = REST.as_ref()?.captures(rest)?;
    // Without a registry it is that of Docker, which keeps its own images in `library/`.
    let prefix = match registry {
        Some("index.docker.io" | "docker.io") | None => "docker.io/library/".len(),
        Some(host) => host.len() + 1,
    };
    let is_short = parts.get(1).is_some_and(|path| prefix + path.len() <= 255);
    let latest = match parts.get(2) {
        Some(tag) => tag.as_str() == "latest",
        None => parts.get(3).is_none(),
    };
    is_short.then_some(latest)
}
