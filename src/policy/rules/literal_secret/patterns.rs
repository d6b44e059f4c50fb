//! What secrets look like: the forms of well-known tokens, assignments to telling names, and text that looks like chance.
//!
//! Linear in the text: one search for marks that secrets have, and only where one is found the exact forms.

use std::sync::LazyLock;

use regex::Regex;

/// Texts that are shorter hold no secret worth the name.
const SHORTEST: usize = 4;
/// Shorter texts are no token: only an assignment, an address or a hash, which all have one of the signs.
const SHORTEST_TOKEN: usize = "xapp-".len() + 10;
const SIGNS: [char; 3] = [':', '=', '$'];
/// Random text that people generate has at least so many letters.
const SHORTEST_RANDOM: usize = 20;
/// Bits a letter from which on a text of that length is none that people write.
const RANDOM_BITS: f64 = 3.9;

/// Literals that well-known forms of secrets begin with.
const FORM_MARKS: &str = concat!(
    "PRIVATE KEY|AKIA|ASIA|AIza|AccountKey|SharedAccess|sig=|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|gldt-|glrt-",
    "|glptt-|xoxa-|xoxb-|xoxp-|xoxs-|xoxr-|xapp-|hooks\\.slack\\.com|_live_|_test_|eyJ|\\$2|\\$6\\$|\\$argon2|\\$pbkdf2",
    "|hvs\\.|npm_|SG\\.|AGE-SECRET"
);
/// Literals in the names of secrets.
const NAME_MARKS: &str =
    "assw|ASSW|assp|ASSP|ecret|ECRET|oken|OKEN|pwd|PWD|pi_key|PI_KEY|pi-key|pikey|piKey|cess_key|CESS_KEY";

/// Only a text with one of the marks is looked at closely; literals alone are found fast.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!("{FORM_MARKS}|{NAME_MARKS}|://")).ok());
static FORMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(FORM_MARKS).ok());
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NAME_MARKS).ok());

/// The forms, each with what it is.
static FORMS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let forms = [
        ("a private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"),
        ("an access key of AWS", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        ("an API key of Google", r"\bAIza[0-9A-Za-z_-]{35}"),
        (
            "a key of Azure",
            r"(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[A-Za-z0-9+/=%&]{20,}",
        ),
        ("a signed address of Azure", r"[?&]sig=[A-Za-z0-9%+/]{30,}"),
        (
            "a token of GitHub",
            r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})",
        ),
        ("a token of GitLab", r"\bgl(?:pat|dt|rt|ptt)-[A-Za-z0-9_-]{20,}"),
        ("a token of Slack", r"\b(?:xox[abprs]|xapp)-[A-Za-z0-9-]{10,}"),
        (
            "a webhook of Slack",
            r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}",
        ),
        ("a key of Stripe", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
        ("a signed token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}"),
        (
            "a hashed password",
            r"\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|6\$|argon2i?d?\$|pbkdf2-sha\d+\$)",
        ),
        ("a token of Vault", r"\bhvs\.[A-Za-z0-9_-]{24,}"),
        ("a token of npm", r"\bnpm_[A-Za-z0-9]{36}"),
        ("a key of SendGrid", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
        ("a key of age", r"AGE-SECRET-KEY-1"),
    ];
    let compiled = forms
        .into_iter()
        .map(|(what, form)| Some((what, Regex::new(form).ok()?)));
    compiled.flatten().collect()
});

/// An address with a password, and that password.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[a-z][a-z0-9+.-]*://[^\s/:@'\x22]*:([^\s/@'\x22]+)@").ok());

/// A name, and what is assigned to it.
static ASSIGNMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([A-Za-z0-9_.-]+)["']?[ \t]*[=:][ \t]*["']?([^\s"',;&]+)"#).ok());

/// What secret a text holds, if it looks as if it did.
pub(super) fn secret_in(text: &str) -> Option<String> {
    if text.len() < SHORTEST || text.len() < SHORTEST_TOKEN && !text.contains(SIGNS) {
        return None;
    }
    let marked = has(&MARKS, text).then(|| {
        formed(text)
            .or_else(|| password_in_address(text))
            .or_else(|| assigned(text))
    });
    marked.flatten().or_else(|| random(text))
}

fn has(marks: &Option<Regex>, text: &str) -> bool {
    marks.as_ref().is_some_and(|marks| marks.is_match(text))
}

fn formed(text: &str) -> Option<String> {
    if !has(&FORMED, text) {
        return None;
    }
    let (what, _) = FORMS.iter().find(|(_, form)| form.is_match(text))?;
    Some(format!("it holds {what}"))
}

fn password_in_address(text: &str) -> Option<String> {
    if !text.contains("://") || !text.contains('@') {
        return None;
    }
    let mut addresses = ADDRESS.as_ref()?.captures_iter(text);
    let is_there = addresses.any(|found| found.get(1).is_some_and(|password| is_literal(password.as_str())));
    is_there.then(|| "it holds an address with a password".to_owned())
}

fn assigned(text: &str) -> Option<String> {
    if !text.contains(['=', ':']) || !has(&NAMED, text) {
        return None;
    }
    let assignments = ASSIGNMENT.as_ref()?.captures_iter(text);
    assignments.into_iter().find_map(|found| {
        let (name, value) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        let is_secret = is_secret_name(name) && is_literal(value);
        is_secret.then(|| format!("`{}` is written out", name.trim_start_matches('-')))
    })
}

/// Whether a name is that of a secret: `PGPASSWORD`, `admin_passwd`, `--api-key`.
pub(super) fn is_secret_name(name: &str) -> bool {
    const ENDINGS: [&str; 11] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "token",
        "secret",
        "apikey",
        "accesskey",
        "secretkey",
        "privatekey",
        "secretaccesskey",
    ];
    // Separators do not count, as in `api-key`.
    let letters = || name.bytes().rev().filter(u8::is_ascii_alphanumeric);
    let lower = || letters().map(|letter| letter.to_ascii_lowercase());
    // Most names end in a letter with which none of them ends.
    let may_be = lower().next().is_some_and(|last| b"denty".contains(&last));
    may_be
        && ENDINGS
            .iter()
            .any(|ending| ending.bytes().rev().eq(lower().take(ending.len())))
}

/// Whether a text stands for itself: neither a place for a value to come, nor a word of configuration.
pub(super) fn is_literal(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "true", "false", "none", "null", "required", "optional", "disabled", "enabled", "yes", "no",
    ];
    let text = text.trim().trim_matches(['"', '\'', '`']);
    let is_reference = text.contains("{{") || text.contains("$(") || text.contains("${");
    text.len() >= SHORTEST
        && !is_reference
        && !text.starts_with(['$', '<', '*', '%', '/', '(', '[', '{', '=', '~', '!'])
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A word that looks like chance: long, of all kinds of letters, hardly any of them twice.
fn random(text: &str) -> Option<String> {
    if text.len() < SHORTEST_RANDOM {
        return None;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'=' | b'_' | b'-');
    let mut words = text.as_bytes().split(|byte| !is_part(*byte));
    let found = words.any(|word| word.len() >= SHORTEST_RANDOM && looks_random(word));
    // Blocks of a certificate or a public key are public, whatever they look like.
    (found && !is_public(text)).then(|| "it holds a word that looks like a key or a password".to_owned())
}

fn looks_random(word: &[u8]) -> bool {
    const DIGESTS: [&[u8]; 3] = [b"sha256-", b"sha384-", b"sha512-"];
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let mixed = kinds.iter().all(|kind| word.iter().any(kind));
    // Public SSH keys and certificates in base64 begin so.
    let public = [
        &b"AAAAB3NzaC1"[..],
        b"AAAAC3NzaC1",
        b"AAAAE2VjZHNh",
        b"LS0tLS1CRUdJTiBDRVJU",
        b"LS0tLS1CRUdJTiBQVUJM",
    ];
    let is_public = public
        .iter()
        .chain(&DIGESTS)
        .any(|beginning| word.starts_with(beginning));
    mixed && !is_public && bits(word) >= RANDOM_BITS && changes(word) * 4 >= word.len()
}

/// How often the kind of letter changes: in words that people make up, seldom.
fn changes(word: &[u8]) -> usize {
    let kind = |letter: &u8| {
        (
            letter.is_ascii_lowercase(),
            letter.is_ascii_uppercase(),
            letter.is_ascii_digit(),
        )
    };
    word.iter()
        .zip(word.iter().skip(1))
        .filter(|(one, next)| kind(one) != kind(next))
        .count()
}

/// The entropy of a word, in bits a letter.
fn bits(word: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for letter in word {
        if let Some(count) = counts.get_mut(usize::from(*letter)) {
            *count += 1;
        }
    }
    let length = word.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(share)
        .map(|share| -share * share.log2())
        .sum()
}

/// Whether a text is a certificate or a public key.
fn is_public(text: &str) -> bool {
    text.contains("-----BEGIN CERTIFICATE")
        || text.contains("-----BEGIN PUBLIC KEY")
        || text.contains("BEGIN SSH2 PUBLIC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_tokens_are_known() {
        // Put together here, so that no scanner takes this file for a leak.
        let long = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3aB4cD5eF6gH7iJ8kL9mN";
        let part = |length: usize| long.get(..length).unwrap();
        let cases = [
            ("a private key", "-----BEGIN RSA ".to_owned() + "PRIVATE KEY-----\nMII"),
            ("an access key of AWS", "key AKIA".to_owned() + "IOSFODNN7EXAMPLE."),
            ("an API key of Google", "AIza".to_owned() + part(35)),
            ("a key of Azure", "AccountName=x;AccountKey=".to_owned() + part(44)),
            ("a token of GitHub", "ghp_".to_owned() + part(36)),
            ("a token of GitLab", "glpat-".to_owned() + part(20)),
            ("a token of Slack", "xoxb-".to_owned() + "123456789012-abcdefghij"),
            ("a key of Stripe", "sk_live_".to_owned() + part(24)),
            ("a signed token", format!("eyJ{}.eyJ{}.x", part(20), part(20))),
            ("a hashed password", "$2b$12$".to_owned() + part(53)),
            ("a token of Vault", "hvs.".to_owned() + part(24)),
        ];
        for (what, text) in cases {
            assert_eq!(secret_in(&text), Some(format!("it holds {what}")), "{text}");
        }
    }

    #[test]
    fn assignments_addresses_and_chance_are_known() {
        let secrets = [
            "psql --password=hunter2",
            "[options]\nadmin_passwd = hunter2\n",
            "{\"api_key\": \"abcdef\"}",
            "export PGPASSWORD='hunter2'",
            "redis://:hunter2@cache:6379",
            "https://user:hunter2@git.example/x.git",
            "kZ8vQ2mX9pL4wT7rB3nY",
            "run --key dGhpcyBpcyBub3QgYSBzZWNyZXQ0Mg==",
        ];
        for text in secrets {
            assert!(secret_in(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_public_passes() {
        let harmless = [
            "registry.example/erp/odoo:19.0@sha256:9bf832744e8d8c7459658b56320ab31b1f80bfb19f2640081292751614b3f142",
            "6f1c1e9c-9a2b-4f57-8f0e-3d5a1c2b4e6f",
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0aB1cD2eF3gH4iJ5kL6mN7oP8q==\n-----END PUBLIC KEY-----",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJlVENDQVIrZ0F3SUJBZ0lCQURBS0JnZ3Foa2pPUFFRREFq",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBw8nHq0v4bYk2",
            "sha512-0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3",
            "password = {{ .password }}",
            "PGPASSWORD=$(PASSWORD)",
            "redis://odoo:{{ .odoo | urlquery }}@valkey:6379/0",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "tokens are refreshed: hourly",
            "password_encryption: scram-sha-256",
            "secret",
        ];
        for text in harmless {
            assert_eq!(secret_in(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "PGPASSWORD",
            "admin_passwd",
            "--api-key",
            "SMTP.Token",
            "AWS_SECRET_ACCESS_KEY",
            "pwd",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["password_file", "secretName", "key", "tokens", "AWS_ACCESS_KEY_ID", ""] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
