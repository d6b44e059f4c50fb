//! Namespaces and what they hold besides workloads: limits, secrets, service accounts, subjects of roles.
//!
//! Secrets are seen as the server keeps them: texts are data.

use serde_json::{Value, json};

use super::{Object, fill, inner_or_new, is_empty, text};

/// The finalizer that lets a namespace go only when it is empty.
const FINALIZER: &str = "kubernetes";

/// Labels a namespace with its name, and holds it until it is empty.
pub(super) fn namespace(namespace: &mut Object) {
    if let Some(metadata) = inner_or_new(namespace, "metadata")
        && let Some(name @ Value::String(_)) = metadata.get("name").cloned()
        && let Some(labels) = inner_or_new(metadata, "labels")
    {
        labels.insert("kubernetes.io/metadata.name".to_owned(), name);
    }
    let Some(spec) = inner_or_new(namespace, "spec") else {
        return;
    };
    super::default(spec, "finalizers", json!([]));
    if let Some(Value::Array(finalizers)) = spec.get_mut("finalizers")
        && !finalizers.contains(&FINALIZER.into())
    {
        finalizers.push(FINALIZER.into());
    }
}

/// Users and groups belong to an API group, service accounts to none.
pub(super) fn subject(subject: &mut Object) {
    if is_empty(subject, "apiGroup") && ["User", "Group"].contains(&text(subject, "kind")) {
        subject.insert("apiGroup".to_owned(), "rbac.authorization.k8s.io".into());
    }
}

/// What is not said about containers follows from the rest: the default from the maximum, the default request from the
/// default, or else from the minimum.
pub(super) fn limit_range_item(item: &mut Object) {
    if text(item, "type") != "Container" {
        return;
    }
    for (target, source) in [
        ("default", "max"),
        ("defaultRequest", "default"),
        ("defaultRequest", "min"),
    ] {
        if let Some(Value::Object(source)) = item.get(source).cloned()
            && let Some(target) = inner_or_new(item, target)
        {
            fill(target, &source);
        }
    }
}

/// Moves the texts of a secret to its data.
pub(super) fn secret(secret: &mut Object) {
    let Some(Value::Object(texts)) = secret.remove("stringData") else {
        return;
    };
    let Some(data) = inner_or_new(secret, "data") else {
        return;
    };
    for (name, text) in texts {
        let text = text.as_str().unwrap_or_default();
        data.insert(name, base64(text.as_bytes()).into());
    }
}

/// A service account names its secrets and says nothing else about them.
pub(super) fn service_account(account: &mut Object) {
    for secret in super::items(account, "secrets") {
        secret.retain(|field, _| field == "name");
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}
