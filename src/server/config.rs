//! ConfigMaps and Secrets: keys, sizes, and what a type of Secret promises.
//!
//! No value is ever repeated in a message. Base64 is judged with the structure.

use serde_json::Value;

use super::common::{self, at, entries, get, is_true, text};
use super::judge::Judge;
use super::{API_SERVER, Kind, Rules};
use crate::diagnostic::codes::Code;
use crate::schema::Place;
use crate::text::server;

pub(super) const RULES: Rules = Rules {
    by: API_SERVER,
    kinds: &[
        Kind {
            group: "",
            kind: "ConfigMap",
            create: config_map,
            update: update_config_map,
        },
        Kind {
            group: "",
            kind: "Secret",
            create: secret,
            update: update_secret,
        },
    ],
    codes: &[&DATA, &TYPE, &IMMUTABLE, &IMMUTABLE_TYPE],
};

const DATA: Code = Code {
    id: "config-data",
    title: "data of a ConfigMap or Secret that the API server refuses",
    why: "Keys become files: letters, digits, `-`, `_` and `.`, at most 253 characters, and once in `data` and `binaryData` \
          together. All values together have at most 1048576 bytes, so that the database of the cluster stays small.",
    fix: "rename the key (folders are made by the `items` of the volume), or put a large file into the image or onto a volume",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}\n\
          data: {etc/odoo.conf: \"\"}",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}\n\
           data: {odoo.conf: \"\"}",
};

const TYPE: Code = Code {
    id: "secret-type-keys",
    title: "a Secret without what its type promises",
    why: "Who reads a Secret of a type relies on its keys: `tls.crt` and `tls.key` for TLS, `.dockerconfigjson` with a JSON \
          object for registries, `username` or `password` for basic authentication, `ssh-privatekey` for SSH, and the \
          annotation with the account for tokens.",
    fix: "add the keys in the message, or write `type: Opaque`",
    bad: "apiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: hartmann-bau-production}\n\
          type: kubernetes.io/tls\ndata: {tls.crt: \"\"}",
    good: "apiVersion: v1\nkind: Secret\nmetadata: {name: web-tls, namespace: hartmann-bau-production}\n\
           type: kubernetes.io/tls\ndata: {tls.crt: \"\", tls.key: \"\"}",
};

const IMMUTABLE: Code = Code {
    id: "immutable-config",
    title: "an immutable ConfigMap or Secret that changes",
    why: "With `immutable: true` nodes stop watching it, so neither its data nor this field can ever change.",
    fix: "create one of another name, with a hash of its content for instance, and refer to that",
    bad: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}\n\
          immutable: true\ndata: {workers: \"4\"}\n---\n\
          apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}\n\
          immutable: true\ndata: {workers: \"8\"}",
    good: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production}\n\
           immutable: true\ndata: {workers: \"4\"}\n---\n\
           apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odoo, namespace: hartmann-bau-production, \
           labels: {tier: production}}\nimmutable: true\ndata: {workers: \"4\"}",
};

const IMMUTABLE_TYPE: Code = Code {
    id: "immutable-secret-type",
    title: "a Secret that changes its type",
    why: "Who reads the Secret relies on its type, so it stays.",
    fix: "create a Secret of another name, or delete this one first",
    bad: "apiVersion: v1\nkind: Secret\nmetadata: {name: smtp, namespace: hartmann-bau-production}\n\
          data: {username: \"\"}\n---\n\
          apiVersion: v1\nkind: Secret\nmetadata: {name: smtp, namespace: hartmann-bau-production}\n\
          type: kubernetes.io/basic-auth\ndata: {username: \"\"}",
    good: "apiVersion: v1\nkind: Secret\nmetadata: {name: smtp, namespace: hartmann-bau-production}\n\
           type: kubernetes.io/basic-auth\ndata: {username: \"\"}\n---\n\
           apiVersion: v1\nkind: Secret\nmetadata: {name: smtp, namespace: hartmann-bau-production}\n\
           type: kubernetes.io/basic-auth\ndata: {username: \"\", password: \"\"}",
};

/// Bytes that all values may have together.
const MOST: usize = 1_048_576;
const FROZEN: &str = "field is immutable when `immutable` is set";
const ACCOUNT: &str = "kubernetes.io/service-account.name";
/// What the server says instead of a value.
const REDACTED: &str = "<secret contents redacted>";

fn config_map(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let binary = object.get("binaryData");
    let of_data = place.field("data");
    let mut size = 0;
    for (key, value) in entries(object, "data") {
        let (place, name) = (of_data.key(key), Value::from(key));
        judge.all_invalid(&DATA, &place, &name, server::is_config_map_key(key));
        if binary.is_some_and(|binary| binary.get(key).is_some()) {
            judge.invalid(&DATA, &place, &name, "duplicate of key present in binaryData");
        }
        size += value.as_str().map_or(0, str::len);
    }
    size += data(object, "binaryData", judge);
    if size > MOST {
        // The server names no field.
        judge.too_long(&DATA, &place.key(""), MOST);
        judge.point_to(&of_data);
    }
}

/// Judges the keys of encoded data and returns its size.
fn data(object: &Value, field: &str, judge: &mut Judge) -> usize {
    let place = Place::OBJECT;
    let place = place.field(field);
    let mut size = 0;
    for (key, value) in entries(object, field) {
        let reasons = server::is_config_map_key(key);
        judge.all_invalid(&DATA, &place.key(key), &key.into(), reasons);
        size += value.as_str().map_or(0, decoded_size);
    }
    size
}

fn secret(object: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    let of_data = place.field("data");
    if data(object, "data", judge) > MOST {
        judge.too_long(&DATA, &of_data, MOST);
    }
    let value = |key: &str| at(object, &["data", key]);
    let mut require = |keys: &[&str]| {
        for key in keys.iter().filter(|key| value(key).is_none()) {
            judge.required(&TYPE, &of_data.key(key), "");
        }
    };
    match text(object, "type") {
        "kubernetes.io/tls" => require(&["tls.crt", "tls.key"]),
        "kubernetes.io/basic-auth" if value("username").is_none() && value("password").is_none() => {
            require(&["username", "password"]);
        }
        "kubernetes.io/ssh-auth" if value("ssh-privatekey").is_none_or(|key| key == "") => {
            judge.required(&TYPE, &of_data.key("ssh-privatekey"), "");
        }
        "kubernetes.io/dockercfg" => registries(value(".dockercfg"), &of_data.key(".dockercfg"), judge),
        "kubernetes.io/dockerconfigjson" => {
            registries(value(".dockerconfigjson"), &of_data.key(".dockerconfigjson"), judge);
        }
        "kubernetes.io/service-account-token" => {
            let account = at(object, &["metadata", "annotations", ACCOUNT]);
            if account.is_none_or(|account| account == "") {
                let metadata = place.field("metadata");
                let annotations = metadata.field("annotations");
                judge.required(&TYPE, &annotations.key(ACCOUNT), "");
            }
        }
        _ => {}
    }
}

/// Refuses access to registries that is not a JSON object.
fn registries(value: Option<&Value>, place: &Place<'_>, judge: &mut Judge) {
    let Some(value) = value else {
        return judge.required(&TYPE, place, "");
    };
    let Some(bytes) = value.as_str().and_then(decode) else {
        return;
    };
    let kind = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_) | Value::Null) => return,
        Ok(Value::Array(_)) => "array",
        Ok(Value::String(_)) => "string",
        Ok(Value::Number(_)) => "number",
        Ok(Value::Bool(_)) => "bool",
        Err(error) if error.is_eof() => {
            return judge.invalid(&TYPE, place, &REDACTED.into(), "unexpected end of JSON input");
        }
        Err(_) => return judge.invalid(&TYPE, place, &REDACTED.into(), "invalid character"),
    };
    let reason = format_args!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}");
    judge.invalid(&TYPE, place, &REDACTED.into(), reason);
}

fn update_config_map(old: &Value, new: &Value, judge: &mut Judge) {
    frozen(old, new, &["data", "binaryData"], judge);
}

fn update_secret(old: &Value, new: &Value, judge: &mut Judge) {
    let place = Place::OBJECT;
    common::immutable(&IMMUTABLE_TYPE, old, new, "type", &place, judge);
    frozen(old, new, &["data"], judge);
}

fn frozen(old: &Value, new: &Value, fields: &[&str], judge: &mut Judge) {
    if !is_true(old, "immutable") {
        return;
    }
    let place = Place::OBJECT;
    if !is_true(new, "immutable") {
        judge.forbidden(&IMMUTABLE, &place.field("immutable"), FROZEN);
    }
    for field in fields.iter().filter(|field| get(old, field) != get(new, field)) {
        judge.forbidden(&IMMUTABLE, &place.field(field), FROZEN);
    }
}

/// Returns how many bytes a text in base64 stands for.
fn decoded_size(text: &str) -> usize {
    let letters = text
        .bytes()
        .filter(|byte| !matches!(byte, b'=' | b'\n' | b'\r'))
        .count();
    letters * 3 / 4
}

/// Reads base64; none if it is not.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes().filter(|byte| !matches!(byte, b'=' | b'\n' | b'\r')) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 0xff) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("eyJhIjoxfQ==").unwrap(), b"{\"a\":1}");
        assert_eq!((decode("e-3"), decoded_size("eyJhIjoxfQ==")), (None, 7));
    }
}
