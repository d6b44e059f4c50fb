//! The ownership record: which files formwork wrote, and with which bytes.
//!
//! Its text is the same for the same files, one line a path, so that it merges and diffs like any other file.

use std::fmt;
use std::io::{self, Write};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use sha2::{Digest as _, Sha256};

use super::wanted::is_valid;

/// Name of the record in the output folder.
pub(super) const NAME: &str = "ownership.json";

/// The SHA-256 of the bytes of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// Returns the digest of `bytes`.
pub fn digest(bytes: impl AsRef<[u8]>) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let digits = self
            .0
            .map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        formatter.write_str(std::str::from_utf8(digits.as_flattened()).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a lowercase SHA-256")))
    }
}

fn parse(text: &str) -> Option<Digest> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(Digest(bytes))
}

/// Paths and digests, sorted by path: at 46,000 files half the size of a tree map.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Files(Vec<(Box<str>, Digest)>);

impl Files {
    pub(super) fn get(&self, path: &str) -> Option<Digest> {
        let position = self.0.binary_search_by(|(listed, _)| (**listed).cmp(path)).ok()?;
        self.0.get(position).map(|(_, digest)| *digest)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.0.iter().map(|(path, digest)| (&**path, *digest))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds files, or gives other digests to those that are listed.
    pub(super) fn update(&mut self, files: Files) {
        let mut new = Vec::new();
        for (path, digest) in files.0 {
            match self.0.binary_search_by(|(listed, _)| listed.cmp(&path)) {
                Ok(position) => self.0.splice(position..=position, [(path, digest)]).for_each(drop),
                Err(_) => new.push((path, digest)),
            }
        }
        self.0.append(&mut new);
        self.0.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    }

    /// Splits the files by a condition.
    pub(super) fn partition(self, condition: impl Fn(&str, Digest) -> bool) -> (Files, Files) {
        let (those, others) = self.0.into_iter().partition(|(path, digest)| condition(path, *digest));
        (Files(those), Files(others))
    }
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Paths;

        impl<'de> Visitor<'de> for Paths {
            type Value = Files;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map from paths to digests")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
                let mut files: Vec<(Box<str>, Digest)> = Vec::new();
                while let Some(entry) = map.next_entry::<Box<str>, _>()? {
                    // A record is input like any other: it may not lead out of the folder.
                    if !is_valid(&entry.0) {
                        return Err(A::Error::custom(format!("`{}` is not a path of the output", entry.0)));
                    }
                    files.push(entry);
                }
                files.sort_by(|one, other| one.0.cmp(&other.0));
                match files
                    .windows(2)
                    .find(|pair| matches!(pair, [one, other] if one.0 == other.0))
                {
                    Some([(path, _), ..]) => Err(A::Error::custom(format!("`{path}` is listed twice"))),
                    _ => Ok(Files(files)),
                }
            }
        }

        deserializer.deserialize_map(Paths)
    }
}

/// The record as it lies on the disk.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    version: u32,
    /// What was written.
    pub(super) files: Files,
    /// What a build was about to write; a record that has this is a journal.
    #[serde(default)]
    pub(super) pending: Files,
}

impl Record {
    /// Reads the text of a record; the error says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let record: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match record.version {
            1 => Ok(record),
            other => Err(format!("version {other} is not known to this version of formwork")),
        }
    }

    /// Says whether the text is the one that formwork gives to the record.
    pub(super) fn is_canonical(&self, text: &str) -> bool {
        let mut rest = Rest(text.as_bytes());
        render(self.files.iter(), self.pending.iter(), &mut rest).is_ok() && rest.0.is_empty()
    }
}

/// What is left of a text after what was written, which must be its beginning.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the text of a record. Paths and digests have no character that JSON escapes.
pub(super) fn render<'a>(
    files: impl Iterator<Item = (&'a str, Digest)>,
    pending: impl Iterator<Item = (&'a str, Digest)>,
    out: &mut impl Write,
) -> io::Result<()> {
    out.write_all(b"{\n  \"version\": 1,\n  \"files\": {")?;
    lines(files, out)?;
    let mut pending = pending.peekable();
    if pending.peek().is_some() {
        out.write_all(b",\n  \"pending\": {")?;
        lines(pending, out)?;
    }
    out.write_all(b"\n}\n")
}

fn lines<'a>(files: impl Iterator<Item = (&'a str, Digest)>, out: &mut impl Write) -> io::Result<()> {
    let mut end = "}";
    let mut separator = "";
    for (path, digest) in files {
        write!(out, "{separator}\n    \"{path}\": \"{digest}\"")?;
        (separator, end) = (",", "\n  }");
    }
    out.write_all(end.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(files: &[&str], pending: &[&str]) -> String {
        let entries = |paths: &[&str]| paths.iter().map(|path| ((*path).into(), digest(path))).collect();
        let (files, pending) = (Files(entries(files)), Files(entries(pending)));
        let mut out = Vec::new();
        render(files.iter(), pending.iter(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn has_one_line_a_path() {
        insta::assert_snapshot!(text(&["a/b.yaml", "c.yaml"], &["d"]), @r#"
        {
          "version": 1,
          "files": {
            "a/b.yaml": "7443e186ea09b3d862f89a19efba02c6fd4388620a18d3690174988b1e8a57d4",
            "c.yaml": "aab90a42df7d44cf94a81cfd53ac1789ea3ce61283debd8d63d93a243ca91027"
          },
          "pending": {
            "d": "18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4"
          }
        }
        "#);
        assert_eq!(text(&[], &[]), "{\n  \"version\": 1,\n  \"files\": {}\n}\n");
    }

    #[test]
    fn comes_back() {
        for text in [
            text(&["a", "b/c"], &[]),
            text(&["a"], &["a", "b"]),
            text(&[], &["a"]),
            text(&[], &[]),
        ] {
            let record = Record::read(&text).unwrap();
            assert!(record.is_canonical(&text));
            assert!(!record.is_canonical(&text.replace("  ", "\t")));
        }
    }

    #[test]
    fn refuses_what_it_did_not_write() {
        let good = text(&["a", "b"], &[]);
        for (from, to, reason) in [
            ("\"b\"", "\"a\"", "`a` is listed twice"),
            ("\"b\"", "\"../b\"", "`../b` is not a path of the output"),
            ("\"b\"", "\"/etc/passwd\"", "`/etc/passwd` is not a path of the output"),
            (": 1", ": 2", "version 2 is not known"),
            (": \"", ": \"X", "is not a lowercase SHA-256"),
            ("{\n", "<<<<<<< HEAD\n", "expected value at line 1"),
            ("files", "file", "unknown field `file`"),
        ] {
            let error = Record::read(&good.replacen(from, to, 1)).err().unwrap();
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn updates_in_order() {
        let files = |paths: &[&str], salt: &str| {
            Files(
                paths
                    .iter()
                    .map(|path| ((*path).into(), digest(format!("{path}{salt}"))))
                    .collect(),
            )
        };
        let mut all = files(&["b", "d"], "");
        all.update(files(&["a", "b", "c"], "!"));
        let expected = [("a", "a!"), ("b", "b!"), ("c", "c!"), ("d", "d")];
        assert!(all.iter().eq(expected.map(|(path, bytes)| (path, digest(bytes)))));
    }
}
