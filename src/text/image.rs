//! References to container images, pinned by digest.
//!
//! An accepted reference says where the image is, which version it is to people, and which bytes it is to machines.

use super::names::label;
use super::{TextError, quoted};

super::text! {
    /// An image with registry, repository, tag and digest.
    pub struct Image(String, Parts);
    read: Parts::read,
    name: "formwork-image",
    code: "bad-image",
    pattern: r"^[^/@\s]+/[^@\s]+:[^@\s]+@sha256:[0-9a-f]{64}$",
    example: "ghcr.io/acme/odoo:19.0@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    remedy: "write `registry/repository:tag@sha256:digest`",
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    registry: String,
    repository: String,
    tag: String,
    digest: String,
}

/// The code of references that do not say which image they mean once and for all.
const NOT_PINNED: &str = "image-not-pinned";

impl Image {
    /// Returns the host of the registry, with its port if it has one: `ghcr.io`.
    pub fn registry(&self) -> &str {
        &self.1.registry
    }

    /// Returns the path inside the registry: `acme/odoo`.
    pub fn repository(&self) -> &str {
        &self.1.repository
    }

    /// Returns the tag: `19.0`.
    pub fn tag(&self) -> &str {
        &self.1.tag
    }

    /// Returns the digest with its algorithm: `sha256:9f86…`.
    pub fn digest(&self) -> &str {
        &self.1.digest
    }
}

impl Parts {
    fn read(text: &str) -> Result<Self, TextError> {
        let shown = quoted(text);
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(TextError::new(format!("{shown} is not an image")));
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let Some((registry, path)) = name.split_once('/').filter(|(host, _)| is_host(host)) else {
            return Err(TextError::new(format!("{shown} names no registry")).help(format!(
                "put the host of the registry in front, such as {}",
                in_docker_hub(name)
            )));
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        check_registry(registry)?;
        check_repository(repository)?;
        let tag = tag.map(check_tag).transpose()?;
        let digest = digest.map(check_digest).transpose()?;
        let not_pinned = |what: &str| TextError::new(format!("{shown} {what}")).code(NOT_PINNED);
        let tag = tag.ok_or_else(|| not_pinned("has no tag").help("write the tag before the digest"))?;
        if tag == "latest" {
            return Err(not_pinned("has the tag `latest`, which says no version").help("write the tag of the version"));
        }
        let digest = digest.ok_or_else(|| not_pinned("has no digest").help("append `@sha256:` and the digest"))?;
        let [registry, repository, tag, digest] = [registry, repository, tag, digest].map(str::to_owned);
        Ok(Self {
            registry,
            repository,
            tag,
            digest,
        })
    }
}

/// Returns whether the first part of a name is a host, by the rule of every container engine.
fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost"
}

fn in_docker_hub(name: &str) -> String {
    match name.contains('/') {
        true => quoted(&format!("docker.io/{name}")),
        false => quoted(&format!("docker.io/library/{name}")),
    }
}

fn check_registry(text: &str) -> Result<(), TextError> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    host.split('.').try_for_each(|part| label(part, host))?;
    let is_port = |port: &str| {
        port.parse::<u16>()
            .is_ok_and(|number| number > 0 && number.to_string() == port)
    };
    match port.is_none_or(is_port) {
        true => Ok(()),
        false => Err(TextError::new(format!(
            "the registry {} has no valid port",
            quoted(text)
        ))),
    }
}

fn check_repository(text: &str) -> Result<(), TextError> {
    let refused = |what: &str| TextError::new(format!("the repository {} {what}", quoted(text)));
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(refused("has upper-case letters").help(format!("write {}", quoted(&text.to_ascii_lowercase()))));
    }
    if !text.split('/').all(is_component) {
        return Err(refused(
            "is not made of letters and digits with single `.`, `_`, `-` or `/` between them",
        ));
    }
    match text.len() > 255 {
        true => Err(refused("is longer than 255 characters")),
        false => Ok(()),
    }
}

fn is_component(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let separates = |text: &str| matches!(text, "" | "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    text.starts_with(plain) && text.ends_with(plain) && text.split(plain).all(separates)
}

fn check_tag(text: &str) -> Result<&str, TextError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let first = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match text.len() <= 128 && text.starts_with(first) && text.chars().all(allowed) {
        true => Ok(text),
        false => Err(TextError::new(format!("the tag {} is not valid", quoted(text)))
            .help("use at most 128 letters, digits, `_`, `.` and `-`")),
    }
}

fn check_digest(text: &str) -> Result<&str, TextError> {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    match digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        true => Ok(text),
        false => Err(TextError::new(format!(
            "the digest {} is not `sha256:` and 64 digits of 0-9 and a-f",
            quoted(text)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    fn pinned(name: &str) -> String {
        format!("{name}@sha256:{}", "0a".repeat(32))
    }

    #[test]
    fn references_come_apart() {
        let image: Image = pinned("registry.acme.example:5000/team/odoo__x--y:19.0-1")
            .parse()
            .unwrap();
        assert_eq!(image.registry(), "registry.acme.example:5000");
        assert_eq!(image.repository(), "team/odoo__x--y");
        assert_eq!(image.tag(), "19.0-1");
        assert_eq!(image.digest(), format!("sha256:{}", "0a".repeat(32)));
        accepts::<Image>(&[
            &pinned("localhost/odoo:1"),
            &pinned("ghcr.io/a.b/c_d:_X.y-Z"),
            Image::FORMAT.example,
        ]);
    }

    #[test]
    fn unpinned_images_have_a_code_of_their_own() {
        let unpinned = |text: &str| {
            let error = text.parse::<Image>().unwrap_err();
            assert_eq!(error.code, Some("image-not-pinned"), "{text}");
            error.message
        };
        assert_eq!(
            unpinned("ghcr.io/acme/odoo:19.0"),
            "`ghcr.io/acme/odoo:19.0` has no digest"
        );
        assert_eq!(unpinned("ghcr.io/acme/odoo"), "`ghcr.io/acme/odoo` has no tag");
        assert!(unpinned(&pinned("ghcr.io/acme/odoo")).ends_with("has no tag"));
        assert!(unpinned(&pinned("ghcr.io:443/odoo:latest")).ends_with("has the tag `latest`, which says no version"));
        assert_eq!("odoo:19.0".parse::<Image>().unwrap_err().code, None);
    }

    #[test]
    fn refusals_say_which_part() {
        assert_eq!(
            refusal::<Image>("odoo:19.0"),
            "`odoo:19.0` names no registry; put the host of the registry in front, such as `docker.io/library/odoo:19.0`"
        );
        assert!(refusal::<Image>("acme/odoo:19.0").ends_with("such as `docker.io/acme/odoo:19.0`"));
        assert_eq!(
            refusal::<Image>(&pinned("ghcr.io/Acme/odoo:1")),
            "the repository `Acme/odoo` has upper-case letters; write `acme/odoo`"
        );
        assert_eq!(
            refusal::<Image>("ghcr.io:0/odoo:1"),
            "the registry `ghcr.io:0` has no valid port"
        );
        assert_eq!(
            refusal::<Image>("GHCR.io/odoo:1"),
            "`GHCR.io` has upper-case letters; write `ghcr.io`"
        );
        assert!(refusal::<Image>("ghcr.io/odoo:1@sha256:abc").starts_with("the digest `sha256:abc` is not"));
        assert!(refusal::<Image>(&format!("ghcr.io/odoo:{}", "x".repeat(129))).contains("at most 128"));
        for name in [
            "ghcr.io/",
            "ghcr.io//odoo:1",
            "ghcr.io/a..b:1",
            "ghcr.io/-a:1",
            "ghcr.io/a___b:1",
            "https://ghcr.io/a:1",
        ] {
            refusal::<Image>(&pinned(name));
        }
        for text in ["", " ", "ghcr.io/odoo:1 ", "@", "ghcr.io/odoo:@"] {
            refusal::<Image>(text);
        }
    }
}
