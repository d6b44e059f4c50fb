//! Locators: `url("https://example.com/path")` and its functions.
//!
//! Only absolute addresses and absolute paths are read, as Go's `ParseRequestURI` does.

use std::sync::Arc;

use super::{Call, Outcome, failed, overload};
use crate::cel::value::{Key, Map, Opaque, Value};

/// A locator in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    text: String,
    scheme: String,
    host: String,
    path: String,
    query: String,
}

impl Url {
    /// Reads a locator; the error is the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refuse = |reason: &str| Err(format!("parse {text:?}: {reason}"));
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return refuse("net/url: invalid control character in URL");
        }
        if text.is_empty() {
            return refuse("empty url");
        }
        let Some((scheme, rest)) = scheme(text) else {
            return refuse("missing protocol scheme");
        };
        if scheme.is_empty() && text != "*" && !rest.starts_with('/') {
            return refuse("invalid URI for request");
        }
        // The fragment is cut off only after the whole was accepted.
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if let Some(bad) = bad_escape(fragment) {
            return refuse(&format!("invalid URL escape {bad:?}"));
        }
        let (host, path) = match rest.strip_prefix("//") {
            _ if !scheme.is_empty() && !rest.starts_with('/') => (String::new(), String::new()),
            Some(after) if !scheme.is_empty() || !after.starts_with('/') => {
                let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
                match host(authority) {
                    Ok(host) => (host, path.to_owned()),
                    Err(reason) => return refuse(&reason),
                }
            }
            _ => (String::new(), rest.to_owned()),
        };
        if let Some(bad) = bad_escape(&path) {
            return refuse(&format!("invalid URL escape {bad:?}"));
        }
        Ok(Self {
            text: text.to_owned(),
            scheme,
            host,
            path: escaped(&path),
            query: query.to_owned(),
        })
    }

    fn hostname(&self) -> &str {
        if let Some(rest) = self.host.strip_prefix('[') {
            return rest.split_once(']').map_or(rest, |(name, _)| name);
        }
        self.host.rsplit_once(':').map_or(&self.host, |(name, _)| name)
    }

    fn port(&self) -> &str {
        let after = self.host.rsplit_once(']').map_or(&*self.host, |(_, after)| after);
        after.rsplit_once(':').map_or("", |(_, port)| port)
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text)
    }
}

fn scheme(text: &str) -> Option<(String, &str)> {
    for (at, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return None,
            ':' => return Some((text.get(..at)?.to_ascii_lowercase(), text.get(at + 1..)?)),
            _ => break,
        }
    }
    Some((String::new(), text))
}

fn host(authority: &str) -> Result<String, String> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.rsplit_once(']') else {
                return Err("missing ']' in host".to_owned());
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() && !address.contains('%') {
                return Err("invalid host: ParseAddr".to_owned());
            }
            port
        }
        None => host.find(':').map_or("", |at| host.get(at..).unwrap_or_default()),
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let colon = port.is_empty() || port.starts_with(':');
    // Go looks at the last colon of a host without brackets.
    let last = if host.starts_with('[') {
        digits
    } else {
        host.rsplit_once(':').map_or("", |(_, last)| last)
    };
    if !colon || !last.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(format!("invalid port {port:?} after host"));
    }
    if let Some(bad) = bad_escape(host) {
        return Err(format!("invalid URL escape {bad:?}"));
    }
    match host.chars().find(|letter| " \"<>\\^`{}|".contains(*letter)) {
        Some(letter) => Err(format!("invalid character {:?} in host name", letter.to_string())),
        None => Ok(host.to_owned()),
    }
}

fn bad_escape(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let hexadecimal = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut marks = text.match_indices('%');
    let (at, _) = marks.find(|(at, _)| !hexadecimal(at + 1) || !hexadecimal(at + 2))?;
    text.get(at..(at + 3).min(text.len())).or(Some("%"))
}

/// Escapes what a path may not hold; what is escaped already stays.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            _ if b"-_.~$&+,/:;=@%!'()*[]".contains(&byte) => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unescaped(text: &str) -> Option<String> {
    if bad_escape(text).is_some() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(rest.get(..at)?.replace('+', " ").as_bytes());
        bytes.push(u8::from_str_radix(rest.get(at + 1..at + 3)?, 16).ok()?);
        rest = rest.get(at + 3..)?;
    }
    bytes.extend_from_slice(rest.replace('+', " ").as_bytes());
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn query(text: &str) -> Value {
    let mut found: Vec<(String, Vec<Value>)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value)) = (unescaped(key), unescaped(value)) else {
            continue;
        };
        match found.iter_mut().find(|(name, _)| *name == key) {
            Some((_, values)) => values.push(Value::text(value)),
            None => found.push((key, vec![Value::text(value)])),
        }
    }
    let mut map = Map::default();
    for (key, values) in found {
        map.insert(Key::String(key.into()), Value::list(values));
    }
    Value::Map(Arc::new(map))
}

pub(super) fn parse(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::String(text)] = arguments else {
        return overload("url", arguments);
    };
    match Url::parse(text) {
        Ok(url) => Ok(Value::Opaque(Opaque::Url(Arc::new(url)))),
        Err(reason) => failed(format!("URL parse error during conversion from string: {reason}")),
    }
}

pub(super) fn is(_: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    match arguments {
        [Value::String(text)] => Ok(Value::Bool(Url::parse(text).is_ok())),
        _ => overload("isURL", arguments),
    }
}

pub(super) fn part(call: &mut Call<'_>, arguments: &[Value]) -> Outcome {
    let [Value::Opaque(Opaque::Url(url))] = arguments else {
        return overload(call.name, arguments);
    };
    Ok(match call.name {
        "getScheme" => Value::text(&url.scheme),
        "getHost" => Value::text(&url.host),
        "getHostname" => Value::text(url.hostname()),
        "getPort" => Value::text(url.port()),
        "getEscapedPath" => Value::text(&url.path),
        _ => query(&url.query),
    })
}
