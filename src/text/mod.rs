//! Values that live as strings in the inputs and in Kubernetes: names, hosts, quantities, schedules, image references.
//!
//! A value of one of these types has been read once and is right everywhere: what Kubernetes owns is read as the API
//! server reads it, the rest so strictly that every consumer of the output accepts it.

use std::fmt;

/// Writes what every text type has besides its reader: printing, serde in both directions, its [`Format`] and its JSON
/// Schema.
///
/// The struct is either a bare `String`, or a `String` with the value that was read from it; `read` is the function
/// that reads it. `impl` leaves the struct, `FromStr` and `as_str` to the caller.
macro_rules! text {
    ($(#[doc = $doc:literal])+ pub struct $name:ident(String); read: $read:path, $($format:tt)+) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl std::str::FromStr for $name {
            type Err = $crate::text::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $read(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        $crate::text::text! { @text $name }
        $crate::text::text! { impl $name; about: concat!($($doc),+), $($format)+ }
    };
    ($(#[doc = $doc:literal])+ pub struct $name:ident(String, $value:ty); read: $read:path, $($format:tt)+) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String, $value);

        impl std::str::FromStr for $name {
            type Err = $crate::text::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let value = $read(text)?;
                Ok(Self(text.to_owned(), value))
            }
        }

        $crate::text::text! { @text $name }
        $crate::text::text! { impl $name; about: concat!($($doc),+), $($format)+ }
    };
    (@text $name:ident) => {
        impl $name {
            /// Returns the text as it was typed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
    (
        impl $name:ident;
        about: $about:expr,
        name: $format:literal,
        code: $code:literal,
        pattern: $pattern:literal,
        example: $example:literal,
        remedy: $remedy:literal $(,)?
    ) => {
        impl $name {
            /// How this type appears in the JSON Schema and in findings.
            pub const FORMAT: $crate::text::Format = $crate::text::Format {
                name: $format,
                code: $code,
                about: $about,
                pattern: $pattern,
                check: |text| text.parse::<Self>().map(drop),
                example: $example,
                remedy: $remedy,
            };
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                Self::FORMAT.schema()
            }
        }
    };
}
use text;

mod cron;
mod duration;
pub mod glob;
mod image;
mod names;
mod network;
mod quantity;
pub mod server;
mod time;
mod versions;

#[cfg(test)]
mod tests;

pub use cron::Cron;
pub(crate) use duration::go_duration;
pub use duration::{Duration, Retention};
pub use image::Image;
pub use names::{BucketName, Email, Group, LabelValue, Name, Subdomain};
pub use network::{Cidr, Host, Url};
pub use quantity::{Quantity, Size};
pub use time::{Date, DayTime, TimeZone};
pub use versions::{KubernetesVersion, OdooVersion};

/// Every format, so that the input validator can register each and explain a failure by calling `check` again.
pub static FORMATS: &[&Format] = &[
    &BucketName::FORMAT,
    &Cidr::FORMAT,
    &Cron::FORMAT,
    &Date::FORMAT,
    &DayTime::FORMAT,
    &Duration::FORMAT,
    &Email::FORMAT,
    &Group::FORMAT,
    &Host::FORMAT,
    &Image::FORMAT,
    &KubernetesVersion::FORMAT,
    &LabelValue::FORMAT,
    &Name::FORMAT,
    &OdooVersion::FORMAT,
    &Quantity::FORMAT,
    &Retention::FORMAT,
    &Size::FORMAT,
    &Subdomain::FORMAT,
    &TimeZone::FORMAT,
    &Url::FORMAT,
];

/// A text type as the JSON Schema and the findings know it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The `format` keyword in the JSON Schema, `formwork-host`.
    pub name: &'static str,
    /// The code of the finding when a text is refused, `bad-host`, unless the error has one of its own.
    pub code: &'static str,
    /// What the text is, in one sentence.
    pub about: &'static str,
    /// A regular expression for editors. It may let through what `check` refuses, never the reverse.
    pub pattern: &'static str,
    /// Reads a text and says what is wrong with it.
    pub check: fn(&str) -> Result<(), TextError>,
    /// A text that is accepted.
    pub example: &'static str,
    /// What to do about a refused text, unless the error has a remedy of its own.
    pub remedy: &'static str,
}

impl Format {
    fn schema(&self) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": self.name,
            "pattern": self.pattern,
            "description": self.about.trim(),
            "examples": [self.example],
        })
    }
}

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// What is wrong: a lowercase phrase without full stop, backticks round what the user typed.
    pub message: String,
    /// A remedy for this very text, when there is a better one than [`Format::remedy`].
    pub help: Option<String>,
    /// The code of the finding, when [`Format::code`] would say too little.
    pub code: Option<&'static str>,
}

impl TextError {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            code: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for TextError {}

/// Returns a text in backticks, fit for one line of a message whatever the user typed.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut quoted = String::from("`");
    for character in text.chars().take(SHOWN) {
        match character {
            _ if character.is_control() => quoted.extend(character.escape_default()),
            _ => quoted.push(character),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}
