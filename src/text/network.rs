//! Places on a network: public hosts, address ranges, web addresses.
//!
//! A host or an address is accepted in its one canonical form only, so that equal places are equal texts.

use std::net::{IpAddr, Ipv6Addr};

use super::names::label;
use super::server::{SUBDOMAIN_LENGTH, is_valid_cidr, network, parse_cidr_sloppy};
use super::{TextError, quoted};

super::text! {
    /// A public host name, as users type it into a browser.
    pub struct Host(String);
    read: host,
    name: "formwork-host",
    code: "bad-host",
    pattern: r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$",
    example: "erp.acme.example",
    remedy: "write a lower-case name of at least two labels, such as `erp.acme.example`",
}

super::text! {
    /// A range of IP addresses, with the bits beyond the prefix at zero.
    pub struct Cidr(String);
    read: cidr,
    name: "formwork-cidr",
    code: "bad-cidr",
    pattern: "^[0-9a-f.:]+/[0-9]{1,3}$",
    example: "10.20.0.0/16",
    remedy: "write the first address of the range and the length of the prefix, such as `10.20.0.0/16`",
}

super::text! {
    /// A web address, `http` or `https`, without user name and password.
    pub struct Url(String, Authority);
    read: Authority::read,
    name: "formwork-url",
    code: "bad-url",
    pattern: r"^https?://[^\s/@]+(/\S*)?$",
    example: "https://s3.eu-central-1.example.com",
    remedy: "write a whole address, such as `https://s3.eu-central-1.example.com`",
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Authority {
    secure: bool,
    host: String,
    port: Option<u16>,
}

impl Cidr {
    /// Returns whether a range holds all addresses of another one; a text that is no range holds none and is in none.
    pub fn covers(range: &str, other: &str) -> bool {
        let (Some((one, length)), Some((another, other_length))) = (parse_cidr_sloppy(range), parse_cidr_sloppy(other))
        else {
            return false;
        };
        let same = one.is_ipv4() == another.is_ipv4();
        same && length <= other_length && network(one, length) == network(another, length)
    }

    /// Returns whether two ranges share an address; a text that is no range shares none.
    pub fn overlaps(&self, other: &str) -> bool {
        let (Some((one, length)), Some((another, other_length))) =
            (parse_cidr_sloppy(&self.0), parse_cidr_sloppy(other))
        else {
            return false;
        };
        let common = length.min(other_length);
        one.is_ipv4() == another.is_ipv4() && network(one, common) == network(another, common)
    }
}

impl Url {
    /// Returns whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.1.secure
    }

    /// Returns the host: a name, an IPv4 address, or an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.1.host
    }

    /// Returns the port that is connected to, whether it was written or is the usual one.
    pub fn port(&self) -> u16 {
        self.1.port.unwrap_or(if self.1.secure { 443 } else { 80 })
    }
}

fn host(text: &str) -> Result<(), TextError> {
    let shown = quoted(text);
    if let Some((scheme, rest)) = text.split_once("://") {
        let name = rest.split(['/', ':']).next().unwrap_or_default();
        return Err(
            TextError::new(format!("{shown} starts with the scheme {}", quoted(scheme)))
                .help(format!("write only the host, {}", quoted(name))),
        );
    }
    if text.contains('*') {
        return Err(TextError::new(format!("{shown} is a wildcard")).help("list every host by its whole name"));
    }
    if text.parse::<IpAddr>().is_ok() {
        return Err(TextError::new(format!("{shown} is an IP address")).help("give the address a DNS name"));
    }
    if let Some((name, _)) = text.split_once(['/', ':']) {
        return Err(TextError::new(format!("{shown} has a port or a path"))
            .help(format!("write only the host, {}", quoted(name))));
    }
    if let Some(name) = text.strip_suffix('.').filter(|name| !name.is_empty()) {
        return Err(TextError::new(format!("{shown} ends with a dot")).help(format!("write {}", quoted(name))));
    }
    if !text.is_ascii() {
        return Err(TextError::new(format!("{shown} has letters outside ASCII"))
            .help("write the name in its `xn--` form, as the DNS has it"));
    }
    text.split('.').try_for_each(|part| label(part, text))?;
    if !text.contains('.') {
        return Err(TextError::new(format!("{shown} has only one label")));
    }
    if text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(TextError::new(format!("the last label of {shown} is a number")));
    }
    match text.len() > SUBDOMAIN_LENGTH {
        true => Err(TextError::new(format!(
            "{shown} has {} characters, 253 are allowed",
            text.len()
        ))),
        false => Ok(()),
    }
}

fn cidr(text: &str) -> Result<(), TextError> {
    let Some(error) = is_valid_cidr(text).into_iter().next() else {
        return Ok(());
    };
    if let Some((address, length)) = parse_cidr_sloppy(text) {
        let error = TextError::new(format!("{} {error}", quoted(text)));
        return Err(match address {
            IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => error,
            _ => error.help(format!("write `{}/{length}`", network(address, length))),
        });
    }
    let error = TextError::new(format!("{} is not a range of addresses", quoted(text)));
    Err(match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => error.help(format!("write `{address}/32` for this one address")),
        Ok(IpAddr::V6(address)) => error.help(format!("write `{address}/128` for this one address")),
        Err(_) => error,
    })
}

impl Authority {
    fn read(text: &str) -> Result<Self, TextError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(TextError::new("the address carries a user name or a password")
                .help("remove it, and refer to a secret instead"));
        }
        let shown = quoted(text);
        let secure = match scheme {
            "http" => false,
            "https" => true,
            "" => return Err(TextError::new(format!("{shown} does not start with `https://`"))),
            _ => return Err(TextError::new(format!("{} is not a scheme of the web", quoted(scheme)))),
        };
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        {
            return Err(TextError::new(format!(
                "{shown} has characters that an address must escape"
            )));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = port.map(|port| read_port(port, &shown)).transpose()?;
        let host = read_host(host).ok_or_else(|| TextError::new(format!("{shown} has no valid host")))?;
        Ok(Self {
            secure,
            host: host.to_owned(),
            port,
        })
    }
}

fn read_port(text: &str, shown: &str) -> Result<u16, TextError> {
    let port = text
        .parse()
        .ok()
        .filter(|port| *port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()));
    port.ok_or_else(|| TextError::new(format!("{shown} has the port {}, not one of 1 to 65535", quoted(text))))
}

fn read_host(text: &str) -> Option<&str> {
    if let Some(address) = text.strip_prefix('[') {
        return address
            .strip_suffix(']')
            .filter(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    text.split('.').all(|part| label(part, text).is_ok()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refusal};
    use super::*;

    #[test]
    fn hosts_are_public_and_plain() {
        accepts::<Host>(&["erp.acme.example", "a.b", "xn--bcher-kva.example", "1.acme.example"]);
        assert_eq!(
            refusal::<Host>("https://erp.acme.example/web"),
            "`https://erp.acme.example/web` starts with the scheme `https`; write only the host, `erp.acme.example`"
        );
        assert_eq!(
            refusal::<Host>("ERP.acme.example"),
            "`ERP.acme.example` has upper-case letters; write `erp.acme.example`"
        );
        assert_eq!(
            refusal::<Host>("erp_x.acme.example"),
            "`erp_x.acme.example` contains `_`"
        );
        assert_eq!(
            refusal::<Host>("erp.acme.example."),
            "`erp.acme.example.` ends with a dot; write `erp.acme.example`"
        );
        assert_eq!(
            refusal::<Host>("*.acme.example"),
            "`*.acme.example` is a wildcard; list every host by its whole name"
        );
        assert_eq!(
            refusal::<Host>("10.0.0.1"),
            "`10.0.0.1` is an IP address; give the address a DNS name"
        );
        assert_eq!(
            refusal::<Host>("a.b:443"),
            "`a.b:443` has a port or a path; write only the host, `a.b`"
        );
        assert_eq!(refusal::<Host>("localhost"), "`localhost` has only one label");
        assert_eq!(refusal::<Host>("a.123"), "the last label of `a.123` is a number");
        assert_eq!(
            refusal::<Host>("a..b"),
            "`a..b` has nothing before, after or between its dots"
        );
        assert_eq!(refusal::<Host>(""), "the name is empty");
        assert_eq!(
            refusal::<Host>("."),
            "`.` has nothing before, after or between its dots"
        );
        assert!(refusal::<Host>("bücher.example").contains("`xn--` form"));
        assert!(refusal::<Host>(&format!("{}example", "x.".repeat(130))).contains("253 are allowed"));
    }

    #[test]
    fn ranges_are_canonical() {
        accepts::<Cidr>(&["10.20.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/64", "10.0.0.1/32"]);
        assert_eq!(
            refusal::<Cidr>("10.20.1.0/16"),
            "`10.20.1.0/16` must not have bits set beyond the prefix length; write `10.20.0.0/16`"
        );
        assert_eq!(
            refusal::<Cidr>("2001:DB8::/64"),
            r#"`2001:DB8::/64` must be in canonical form ("2001:db8::/64"); write `2001:db8::/64`"#
        );
        assert_eq!(
            refusal::<Cidr>("10.1.2.3"),
            "`10.1.2.3` is not a range of addresses; write `10.1.2.3/32` for this one address"
        );
        assert!(refusal::<Cidr>("10.0.0.0/08").ends_with("write `10.0.0.0/8`"));
        assert!(refusal::<Cidr>("::ffff:10.0.0.0/104").contains("IPv4-mapped"));
        for text in ["", "/", "10.0.0.0/33", "10.0.0/8", "a/8", "10.0.0.0/+8", "10.0.0.0/"] {
            refusal::<Cidr>(text);
        }
    }

    #[test]
    fn urls_have_a_host() {
        accepts::<Url>(&[
            "http://a",
            "https://a.b/",
            "https://a.b?x=1",
            "https://[::1]:9000/p",
            "https://10.0.0.1",
        ]);
        let url: Url = "http://minio.storage.svc:9000/backups".parse().unwrap();
        assert_eq!(
            (url.host(), url.port(), url.is_secure()),
            ("minio.storage.svc", 9000, false)
        );
        let url: Url = "https://[2001:db8::1]/".parse().unwrap();
        assert_eq!((url.host(), url.port(), url.is_secure()), ("2001:db8::1", 443, true));
        assert_eq!(refusal::<Url>("s3://bucket"), "`s3` is not a scheme of the web");
        assert_eq!(
            refusal::<Url>("acme.example"),
            "`acme.example` does not start with `https://`"
        );
        assert_eq!(
            refusal::<Url>("https://a:0"),
            "`https://a:0` has the port `0`, not one of 1 to 65535"
        );
        let secret = refusal::<Url>("https://user:hunter2@acme.example");
        assert!(
            secret.contains("refer to a secret") && !secret.contains("hunter2"),
            "{secret}"
        );
        for text in [
            "",
            "https://",
            "https:///x",
            "https://a b",
            "https://a:",
            "https://a:+1",
            "https://[::1",
            "https://a_b",
        ] {
            refusal::<Url>(text);
        }
    }
}
