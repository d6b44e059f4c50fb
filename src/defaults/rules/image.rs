//! The pull policy of an image, which depends on its tag.
//!
//! A reference is read as the server's parser does (`distribution/reference`): one that it refuses has no tag, so it is
//! not the latest.

use std::sync::LazyLock;

use regex::Regex;

/// An optional registry (a name or an IPv6 address, and a port), a repository, a tag and a digest.
static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
    let registry = format!(r"(?:{label}(?:\.{label})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?");
    let part = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*";
    let tag = "[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    Regex::new(&format!(
        "^(?:{registry}/)?{part}(?:/{part})*(?::({tag}))?(@{digest})?$"
    ))
    .ok()
});

/// Returns the pull policy of an image: `Always` for the tag `latest`, which an image without tag and digest has, too.
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
    let parts = REFERENCE.as_ref()?.captures(image)?;
    Some(match parts.get(1) {
        Some(tag) => tag.as_str() == "latest",
        None => parts.get(2).is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_moves_is_pulled_always() {
        let always = [
            "nginx",
            "nginx:latest",
            "ghcr.io/acme/odoo",
            "localhost:5000/a",
            "[::1]:80/a",
            "Host/a",
            "host_x.y/a",
            // A digest pins the image, yet the tag decides.
            "nginx:latest@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ];
        let once = [
            "nginx:1",
            "nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "localhost:5000/a:2",
            // No reference: the server finds no tag in it.
            "",
            "Nginx",
            "a/B",
            "a//b",
            " nginx",
            "nginx:latest:1",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ];
        for image in always {
            assert_eq!(pull_policy(image), "Always", "{image}");
        }
        for image in once {
            assert_eq!(pull_policy(image), "IfNotPresent", "{image}");
        }
    }
}
