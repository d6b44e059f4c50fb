//! Names of things: objects, buckets, groups, people.
//!
//! Whatever is accepted here can be a name in Kubernetes without being changed or cut.

use super::server::{LABEL_LENGTH, SUBDOMAIN_LENGTH};
use super::{TextError, quoted};

super::text! {
    /// A name that fits wherever Kubernetes wants one: a DNS label of at most 63 characters.
    pub struct Name(String);
    read: name,
    name: "formwork-name",
    code: "bad-name",
    pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
    example: "acme-production",
    remedy: "use lower-case letters, digits and `-`, starting and ending with a letter or digit",
}

super::text! {
    /// A name of several DNS labels with dots between them, of at most 253 characters.
    pub struct Subdomain(String);
    read: subdomain,
    name: "formwork-subdomain",
    code: "bad-name",
    pattern: r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    example: "releases.acme.example",
    remedy: "use lower-case letters, digits, `-` and `.`, starting and ending with a letter or digit",
}

super::text! {
    /// The value of a Kubernetes label, of at most 63 characters.
    pub struct LabelValue(String);
    read: label_value,
    name: "formwork-label-value",
    code: "bad-name",
    pattern: "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
    example: "cost-center-42",
    remedy: "use letters, digits, `-`, `_` and `.`, starting and ending with a letter or digit",
}

super::text! {
    /// The name of a bucket of an object store, by the rules of Amazon S3.
    pub struct BucketName(String);
    read: bucket_name,
    name: "formwork-bucket-name",
    code: "bad-name",
    pattern: "^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$",
    example: "acme-production-backups",
    remedy: "use 3 to 63 lower-case letters, digits and `-`, starting and ending with a letter or digit",
}

super::text! {
    /// The e-mail address of a person or a team.
    pub struct Email(String);
    read: email,
    name: "formwork-email",
    code: "bad-format",
    pattern: r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    example: "platform@acme.example",
    remedy: "write one address, such as `platform@acme.example`",
}

super::text! {
    /// A group as the identity provider names it.
    pub struct Group(String);
    read: group,
    name: "formwork-group",
    code: "bad-format",
    pattern: r"^\S(.{0,251}\S)?$",
    example: "acme:odoo-operators",
    remedy: "copy the name of the group from the identity provider, 1 to 253 characters",
}

fn name(text: &str) -> Result<(), TextError> {
    label(text, text)
}

fn subdomain(text: &str) -> Result<(), TextError> {
    no_longer_than(SUBDOMAIN_LENGTH, text)?;
    text.split('.').try_for_each(|part| label_letters(part, text))
}

/// Checks one DNS label; `whole` is the text that it is a part of.
pub(super) fn label(text: &str, whole: &str) -> Result<(), TextError> {
    label_letters(text, whole)?;
    no_longer_than(LABEL_LENGTH, text)
}

/// Checks a label but for its length, which the server limits in labels that stand alone only.
fn label_letters(text: &str, whole: &str) -> Result<(), TextError> {
    let shown = quoted(whole);
    if text.is_empty() {
        return Err(TextError::new(match whole.is_empty() {
            true => "the name is empty".to_owned(),
            false => format!("{shown} has nothing before, after or between its dots"),
        }));
    }
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    if let Some(letter) = text.chars().find(|letter| !allowed(letter)) {
        let letter = quoted(&letter.to_string());
        return Err(TextError::new(format!("{shown} contains {letter}")));
    }
    if text.bytes().any(|letter| letter.is_ascii_uppercase()) {
        let lower = quoted(&whole.to_ascii_lowercase());
        return Err(TextError::new(format!("{shown} has upper-case letters")).help(format!("write {lower}")));
    }
    if text.starts_with('-') || text.ends_with('-') {
        let of = if text == whole { "" } else { "a part of " };
        return Err(TextError::new(format!("{of}{shown} starts or ends with `-`")));
    }
    Ok(())
}

fn label_value(text: &str) -> Result<(), TextError> {
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if let Some(letter) = text.chars().find(|letter| !allowed(letter)) {
        return Err(TextError::new(format!(
            "{} contains {}",
            quoted(text),
            quoted(&letter.to_string())
        )));
    }
    let punctuation = ['-', '_', '.'];
    if text.starts_with(punctuation) || text.ends_with(punctuation) {
        return Err(TextError::new(format!(
            "{} starts or ends with `-`, `_` or `.`",
            quoted(text)
        )));
    }
    no_longer_than(LABEL_LENGTH, text)
}

fn bucket_name(text: &str) -> Result<(), TextError> {
    text.split('.').try_for_each(|part| label(part, text))?;
    if text.len() < 3 {
        return Err(TextError::new(format!("{} is shorter than 3 characters", quoted(text))));
    }
    if text.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(TextError::new(format!(
            "{} is an IP address, which no bucket can be called",
            quoted(text)
        )));
    }
    no_longer_than(LABEL_LENGTH, text)
}

fn email(text: &str) -> Result<(), TextError> {
    let Some((person, domain)) = text.split_once('@') else {
        return Err(TextError::new(format!("{} has no `@`", quoted(text))));
    };
    if domain.contains('@') {
        return Err(TextError::new(format!("{} has more than one `@`", quoted(text))));
    }
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "\"(),:;<>[]\\".contains(letter);
    if person.is_empty() || text.contains(odd) {
        return Err(TextError::new(format!("{} is not an e-mail address", quoted(text))));
    }
    if !domain.contains('.') {
        return Err(TextError::new(format!(
            "{} is not on a domain of at least two parts",
            quoted(text)
        )));
    }
    subdomain(&domain.to_ascii_lowercase()).map_err(|error| TextError { help: None, ..error })
}

fn group(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::new("the group has no name"));
    }
    if text.trim() != text {
        return Err(TextError::new(format!("{} has spaces at an end", quoted(text)))
            .help(format!("write {}", quoted(text.trim()))));
    }
    if text.starts_with("system:") {
        return Err(TextError::new(format!("{} is a group of Kubernetes itself", quoted(text)))
            .help("name a group of your identity provider; `system:` groups would open the environment to everyone or to all administrators"));
    }
    if text.contains(char::is_control) {
        return Err(TextError::new(format!(
            "{} contains a character that cannot be printed",
            quoted(text)
        )));
    }
    no_longer_than(SUBDOMAIN_LENGTH, text)
}

fn no_longer_than(most: usize, text: &str) -> Result<(), TextError> {
    let length = text.chars().count();
    match length > most {
        true => Err(TextError::new(format!(
            "{} has {length} characters, {most} are allowed",
            quoted(text)
        ))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn names_are_dns_labels() {
        accepts::<Name>(&["a", "0", "acme-production", "1-2", &"x".repeat(63)]);
        assert_eq!(refusal::<Name>(""), "the name is empty");
        assert_eq!(refusal::<Name>("Acme"), "`Acme` has upper-case letters; write `acme`");
        assert_eq!(refusal::<Name>("acme_x"), "`acme_x` contains `_`");
        assert_eq!(refusal::<Name>("a.b"), "`a.b` contains `.`");
        assert_eq!(refusal::<Name>("bücher"), "`bücher` contains `ü`");
        assert_eq!(refusal::<Name>("a\n"), r"`a\n` contains `\n`");
        assert_eq!(refusal::<Name>("-a"), "`-a` starts or ends with `-`");
        assert!(refusal::<Name>(&"x".repeat(64)).ends_with("x` has 64 characters, 63 are allowed"));
    }

    #[test]
    fn subdomains_are_labels_with_dots() {
        accepts::<Subdomain>(&["a", "a.b", "10.0.0.1", "1.2-3", &"x".repeat(253)]);
        assert_eq!(
            refusal::<Subdomain>("a..b"),
            "`a..b` has nothing before, after or between its dots"
        );
        assert_eq!(
            refusal::<Subdomain>("a."),
            "`a.` has nothing before, after or between its dots"
        );
        assert_eq!(refusal::<Subdomain>("a.-b"), "a part of `a.-b` starts or ends with `-`");
        assert_eq!(refusal::<Subdomain>("a.B"), "`a.B` has upper-case letters; write `a.b`");
        assert!(refusal::<Subdomain>(&"x.".repeat(127)).contains("254 characters"));
    }

    #[test]
    fn label_values_may_be_empty() {
        accepts::<LabelValue>(&["", "A_b.c-1", "1.10"]);
        assert_eq!(refusal::<LabelValue>("a/b"), "`a/b` contains `/`");
        assert_eq!(refusal::<LabelValue>("a."), "`a.` starts or ends with `-`, `_` or `.`");
        assert!(refusal::<LabelValue>(&"x".repeat(64)).contains("64 characters, 63 are allowed"));
    }

    #[test]
    fn buckets_follow_s3() {
        accepts::<BucketName>(&["abc", "acme-backups", "logs.acme.example", "1.2.3"]);
        assert_eq!(refusal::<BucketName>("ab"), "`ab` is shorter than 3 characters");
        assert_eq!(
            refusal::<BucketName>("10.0.0.1"),
            "`10.0.0.1` is an IP address, which no bucket can be called"
        );
        assert_eq!(
            refusal::<BucketName>("a..b"),
            "`a..b` has nothing before, after or between its dots"
        );
        assert_eq!(
            refusal::<BucketName>("Acme"),
            "`Acme` has upper-case letters; write `acme`"
        );
        assert!(refusal::<BucketName>(&"x.".repeat(40)).contains("nothing before"));
        assert!(refusal::<BucketName>(&"x".repeat(64)).contains("64 characters"));
    }

    #[test]
    fn people_and_groups() {
        accepts::<Email>(&["a@b.example", "First.Last+odoo@ACME.example"]);
        for text in [
            "",
            "a",
            "@b.c",
            "a@b",
            "a@@b.c",
            "a b@c.d",
            "a@b..c",
            "A <a@b.c>",
            "a@b_c.d",
        ] {
            refusal::<Email>(text);
        }
        accepts::<Group>(&["acme:odoo", "Odoo Operators", "Bücher", "5d2b…"]);
        assert_eq!(refusal::<Group>(" a"), "` a` has spaces at an end; write `a`");
        assert_eq!(refusal::<Group>(""), "the group has no name");
        assert!(refusal::<Group>("a\tb").contains("cannot be printed"));
    }
}
