//! The server's checks of names, keys and values.
//!
//! The regular expressions of the messages are written out as plain scans, since that is all they are.

/// Longest DNS label, and longest label value and name part of a label key.
pub const LABEL_LENGTH: usize = 63;
/// Longest DNS subdomain, and longest name of most objects.
pub const SUBDOMAIN_LENGTH: usize = 253;

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const QUALIFIED: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const BAD_QUALIFIED: &str =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// Checks the name of a namespace, a container or a volume: a DNS-1123 label.
pub fn is_dns1123_label(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(LABEL_LENGTH, text);
    if !label(text) {
        errors.push(match subdomain(text) {
            true => "must not contain dots".to_owned(),
            false => expected(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
                 and end with an alphanumeric character",
                LABEL,
                &["my-name", "123-abc"],
            ),
        });
    }
    errors
}

/// Checks the name of most objects: a DNS-1123 subdomain.
pub fn is_dns1123_subdomain(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(SUBDOMAIN_LENGTH, text);
    if !subdomain(text) {
        errors.push(expected(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
             start and end with an alphanumeric character",
            SUBDOMAIN,
            &["example.com"],
        ));
    }
    errors
}

/// Checks the name of a Service: a DNS-1035 label, which starts with a letter.
pub fn is_dns1035_label(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(LABEL_LENGTH, text);
    if !label(text) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
        errors.push(expected(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
             character, and end with an alphanumeric character",
            "[a-z]([-a-z0-9]*[a-z0-9])?",
            &["my-name", "abc-123"],
        ));
    }
    errors
}

/// Checks the host of an Ingress that starts with `*.`.
pub fn is_wildcard_dns1123_subdomain(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(SUBDOMAIN_LENGTH, text);
    if !text.strip_prefix("*.").is_some_and(subdomain) {
        errors.push(expected(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist \
             of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            &format!(r"\*\.{SUBDOMAIN}"),
            &["*.example.com"],
        ));
    }
    errors
}

/// Checks a domain of at least two labels; one dot at the end is allowed.
pub fn is_fully_qualified_domain_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["Required value".to_owned()];
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let errors = is_dns1123_subdomain(name);
    if !errors.is_empty() {
        return vec![errors.join(",")];
    }
    if !name.contains('.') {
        return vec!["should be a domain with at least two segments separated by dots".to_owned()];
    }
    let bad = name.split('.').map(is_dns1123_label).find(|errors| !errors.is_empty());
    bad.map(|errors| errors.join(",")).into_iter().collect()
}

/// Checks a label key, an annotation key in lower case, a finalizer: a name with an optional DNS prefix.
pub fn is_qualified_name(text: &str) -> Vec<String> {
    let expected = || expected(BAD_QUALIFIED, QUALIFIED, &["MyName", "my.name", "123-abc"]);
    let mut errors = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((_, name)) if name.contains('/') => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                expected()
            )];
        }
        Some(("", name)) => {
            errors.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            errors.extend(
                is_dns1123_subdomain(prefix)
                    .iter()
                    .map(|error| format!("prefix part {error}")),
            );
            name
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL_LENGTH {
        errors.push(format!("name part must be no more than {LABEL_LENGTH} bytes"));
    }
    if !qualified(name) {
        errors.push(format!("name part {}", expected()));
    }
    errors
}

/// Checks the value of a label; it may be empty.
pub fn is_valid_label_value(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > LABEL_LENGTH {
        errors.push(format!("must be no more than {LABEL_LENGTH} bytes"));
    }
    if !text.is_empty() && !qualified(text) {
        errors.push(expected(
            &format!(
                "a valid label must be an empty string or {}",
                BAD_QUALIFIED.trim_start_matches("must ")
            ),
            &format!("({QUALIFIED})?"),
            &["MyValue", "my_value", "12345"],
        ));
    }
    errors
}

/// Checks a path whose first part is a domain, such as a Job's `managedBy`.
pub fn is_domain_prefixed_path(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["Required value".to_owned()];
    }
    let Some((host, path)) = text
        .split_once('/')
        .filter(|(host, path)| !host.is_empty() && !path.is_empty())
    else {
        return vec![r#"must be a domain-prefixed path (such as "acme.io/foo")"#.to_owned()];
    };
    let mut errors = is_dns1123_subdomain(host);
    if !consists_of(path, |byte| {
        byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte)
    }) {
        errors.push(expected("Invalid path", r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+", &[]));
    }
    errors
}

/// Checks a key of a ConfigMap or a Secret.
pub fn is_config_map_key(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(SUBDOMAIN_LENGTH, text);
    if !consists_of(text, |byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        errors.push(expected(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    }
    errors.extend(leaves_its_folder(text));
    errors
}

/// Checks the name of an environment variable as servers before 1.34 do.
pub fn is_env_var_name(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let digit = text.starts_with(|first: char| first.is_ascii_digit());
    if digit || !consists_of(text, |byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) {
        errors.push(expected(
            "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and \
             must not start with a digit",
            "[-._a-zA-Z][-._a-zA-Z0-9]*",
            &["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
        ));
    }
    errors.extend(leaves_its_folder(text));
    errors
}

/// Checks the name of an environment variable as servers from 1.34 on do.
pub fn is_relaxed_env_var_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["environment variable name must be non-empty".to_owned()];
    }
    if consists_of(text, |byte| matches!(byte, b' '..=b'~') && byte != b'=') {
        return Vec::new();
    }
    vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()]
}

/// Checks the name of a container port.
pub fn is_valid_port_name(text: &str) -> Vec<String> {
    let mut errors = no_longer_than(15, text);
    let mut refuse = |refused: bool, message: &str| errors.extend(refused.then(|| message.to_owned()));
    refuse(
        !consists_of(text, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
        }),
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    );
    refuse(
        !text.contains(|letter: char| letter.is_ascii_lowercase()),
        "must contain at least one letter (a-z)",
    );
    refuse(text.contains("--"), "must not contain consecutive hyphens");
    refuse(
        text.starts_with('-') || text.ends_with('-'),
        "must not begin or end with a hyphen",
    );
    errors
}

/// Checks a percentage, such as `25%` in `maxSurge`.
pub fn is_valid_percent(text: &str) -> Vec<String> {
    if text
        .strip_suffix('%')
        .is_some_and(|digits| consists_of(digits, |byte| byte.is_ascii_digit()))
    {
        return Vec::new();
    }
    vec![expected(
        "a valid percent string must be a numeric string followed by an ending '%'",
        "[0-9]+%",
        &["1%", "93%"],
    )]
}

/// Checks the name of an HTTP header of a probe.
pub fn is_http_header_name(text: &str) -> Vec<String> {
    if consists_of(text, |byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Vec::new();
    }
    vec![expected(
        "a valid HTTP header must consist of alphanumeric characters or '-'",
        "[-A-Za-z0-9]+",
        &["X-Header-Name"],
    )]
}

fn label(text: &str) -> bool {
    consists_of(text, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
    }) && !text.starts_with('-')
        && !text.ends_with('-')
}

fn subdomain(text: &str) -> bool {
    text.split('.').all(label)
}

fn qualified(text: &str) -> bool {
    consists_of(text, |byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.ends_with(|last: char| last.is_ascii_alphanumeric())
}

fn consists_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

fn no_longer_than(length: usize, text: &str) -> Vec<String> {
    let error = (text.len() > length).then(|| format!("must be no more than {length} characters"));
    error.into_iter().collect()
}

fn leaves_its_folder(text: &str) -> Option<String> {
    match text {
        "." | ".." => Some(format!("must not be '{text}'")),
        _ if text.starts_with("..") => Some("must not start with '..'".to_owned()),
        _ => None,
    }
}

/// Returns the message about a regular expression; the two spaces before `or` are the server's.
fn expected(message: &str, pattern: &str, examples: &[&str]) -> String {
    if examples.is_empty() {
        return format!("{message} (regex used for validation is '{pattern}')");
    }
    let examples = examples
        .iter()
        .map(|example| format!("'{example}', "))
        .collect::<Vec<_>>()
        .join(" or ");
    format!("{message} (e.g. {examples}regex used for validation is '{pattern}')")
}
