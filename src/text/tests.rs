//! What holds for every text type, and agreement with the recorded verdicts of a real server.

use std::fmt::{Debug, Display};
use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Asserts that every text is accepted.
pub(super) fn accepts<T: FromStr<Err = TextError>>(texts: &[&str]) {
    for text in texts {
        if let Err(error) = text.parse::<T>() {
            panic!("`{text}` is refused: {error}");
        }
    }
}

/// Returns why a text is refused, with its remedy if it has one of its own.
pub(super) fn refusal<T: FromStr<Err = TextError> + Debug>(text: &str) -> String {
    let error = text.parse::<T>().unwrap_err();
    match error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message,
    }
}

/// Asserts that a value is one string in JSON, in both directions.
fn is_one_string<T>(text: &str)
where
    T: FromStr<Err = TextError> + Display + PartialEq + Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    let value: T = text.parse().unwrap();
    let json = serde_json::to_value(&value).unwrap();
    assert_eq!(json, Value::from(value.to_string()));
    assert_eq!(serde_json::from_value::<T>(json).unwrap(), value);
    assert!(serde_json::from_value::<T>(Value::from(1)).is_err());
}

#[test]
fn values_are_strings_in_json() {
    is_one_string::<Host>(Host::FORMAT.example);
    is_one_string::<Cron>(Cron::FORMAT.example);
    is_one_string::<Quantity>("1024Mi");
    is_one_string::<Size>("0.5Gi");
    let error = serde_json::from_str::<Host>(r#""Acme.example""#).unwrap_err();
    assert_eq!(error.to_string(), "`Acme.example` has upper-case letters");
}

#[test]
fn schemas_are_inline_and_say_what_a_text_is() {
    #[derive(schemars::JsonSchema)]
    struct Ingress {
        #[expect(dead_code, reason = "only its schema is used")]
        host: Host,
    }
    let schema = schemars::schema_for!(Ingress);
    let expected = serde_json::json!({
        "type": "string",
        "format": "formwork-host",
        "pattern": Host::FORMAT.pattern,
        "description": "A public host name, as users type it into a browser.",
        "examples": ["erp.acme.example"],
    });
    assert_eq!(schema.pointer("/properties/host"), Some(&expected));
}

#[test]
fn formats_are_distinct_and_keep_their_promises() {
    for (format, next) in FORMATS.iter().zip(FORMATS.iter().skip(1)) {
        assert!(
            format.name < next.name,
            "{} and {} are not in order",
            format.name,
            next.name
        );
    }
    for format in FORMATS {
        assert!(
            format.name.starts_with("formwork-") && format.code.starts_with("bad-"),
            "{}",
            format.name
        );
        assert_eq!((format.check)(format.example), Ok(()), "{}", format.name);
        let about = format.about.trim();
        assert!(
            about.ends_with('.') && !about.trim_end_matches('.').contains(". "),
            "{about}"
        );
    }
}

#[test]
fn validators_can_register_every_format() {
    for format in FORMATS {
        let check = format.check;
        let options = jsonschema::options()
            .should_validate_formats(true)
            .with_format(format.name, move |text: &str| check(text).is_ok());
        let validator = options.build(format.schema().as_value()).unwrap();
        assert!(validator.is_valid(&Value::from(format.example)), "{}", format.name);
        assert!(!validator.is_valid(&Value::from("\u{0}")), "{}", format.name);
    }
}

/// Texts near the border between good and bad, which random texts seldom are.
fn near() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+.:/@_*,0-9a-zA-Z\\[\\] ]{0,24}",
        "[-+.0-9]{0,30}[eEinumkKMGTPhsdw]{0,3}[-+0-9]{0,12}",
        "([*?0-9/,A-Z-]{1,5} ?){4,6}",
        "@every [-+.0-9hmsun]{0,12}",
        "[a-z0-9.:-]{1,12}(/[a-z0-9._-]{0,6}){0,3}(:[a-z]{0,6})?(@sha256:[0-9a-f]{0,64})?",
        "[0-9a-fA-F.:]{0,24}/?[0-9]{0,4}",
        "[0-9]{2,4}[-:][0-9]{1,3}(-[0-9]{2})?",
        "https?://[]\\[a-z0-9.:@]{0,20}",
        prop::sample::select(FORMATS).prop_map(|format| format.example.to_owned()),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_a_check_panic(text in near()) {
        for format in FORMATS {
            let Err(error) = (format.check)(&text) else {
                continue;
            };
            let message = error.to_string();
            prop_assert!(!message.is_empty() && !message.ends_with('.') && !message.contains('\n'), "{}", message);
        }
        for (_, check) in server_checks() {
            check(&text);
        }
    }

    #[test]
    fn patterns_refuse_nothing_that_a_check_accepts(text in near()) {
        static PATTERNS: LazyLock<Vec<jsonschema::Validator>> = LazyLock::new(|| {
            let pattern = |format: &&Format| serde_json::json!({"pattern": format.pattern});
            FORMATS.iter().map(|format| jsonschema::validator_for(&pattern(format)).unwrap()).collect()
        });
        for (format, pattern) in FORMATS.iter().zip(PATTERNS.iter()) {
            let accepted = (format.check)(&text).is_ok();
            prop_assert!(!accepted || pattern.is_valid(&Value::from(text.as_str())), "{}: {:?}", format.name, text);
        }
    }
}

type ServerCheck = fn(&str) -> Vec<String>;

/// The server's checks by their names in the corpus.
fn server_checks() -> Vec<(&'static str, ServerCheck)> {
    vec![
        ("cidrLegacy", server::is_valid_cidr_legacy),
        ("cidrStrict", server::is_valid_cidr),
        ("configMapKey", server::is_config_map_key),
        ("dns1035Label", server::is_dns1035_label),
        ("dns1123Label", server::is_dns1123_label),
        ("dns1123Subdomain", server::is_dns1123_subdomain),
        ("domainPrefixedPath", server::is_domain_prefixed_path),
        ("envVarName", server::is_env_var_name),
        ("fqdn", server::is_fully_qualified_domain_name),
        ("httpHeaderName", server::is_http_header_name),
        ("ipLegacy", server::is_valid_ip_legacy),
        ("ipStrict", server::is_valid_ip),
        ("labelValue", server::is_valid_label_value),
        ("namespaceName", server::is_dns1123_label),
        ("percent", server::is_valid_percent),
        ("portName", server::is_valid_port_name),
        ("qualifiedName", server::is_qualified_name),
        ("relaxedEnvVarName", server::is_relaxed_env_var_name),
        ("serviceAccountName", server::is_dns1123_subdomain),
        ("wildcardDNS1123Subdomain", server::is_wildcard_dns1123_subdomain),
    ]
}

/// Reads the recorded verdicts, which are not part of the repository: none if they are not there.
fn recorded() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/formats/cases.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn checks_agree_with_the_server() {
    for case in recorded() {
        let text = case["s"].as_str().unwrap();
        for (name, check) in server_checks() {
            let expected: Vec<&str> = match &case[name] {
                Value::Bool(true) => Vec::new(),
                // A missing value is recorded without words.
                errors => errors
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|error| error.as_str().unwrap())
                    .collect(),
            };
            let expected: Vec<&str> = expected
                .into_iter()
                .map(|error| if error.is_empty() { "Required value" } else { error })
                .collect();
            assert_eq!(check(text), expected, "{name} of {text:?}");
        }
    }
}

#[test]
fn quantities_agree_with_the_server() {
    for case in recorded() {
        let text = case["s"].as_str().unwrap();
        let expected = &case["quantity"];
        if let Some(error) = expected["error"].as_str() {
            assert_eq!(server::is_quantity(text), [error], "{text:?}");
            assert!(text.parse::<Quantity>().is_err(), "{text:?}");
            continue;
        }
        let quantity: Quantity = text.parse().unwrap();
        assert_eq!(quantity.as_str(), expected["canonical"].as_str().unwrap(), "{text:?}");
        // The server's own numbers overflow; ours are compared where they cannot have.
        if (1..1 << 50).contains(&quantity.bytes()) {
            let number = |key: &str| expected[key].as_str().unwrap().parse::<i64>().unwrap().max(0) as u64;
            assert_eq!(
                (quantity.bytes(), quantity.millis()),
                (number("value"), number("milli")),
                "{text:?}"
            );
        }
    }
}

#[test]
fn types_agree_with_the_server() {
    let verdict = |case: &Value, name: &str| case[name] == Value::Bool(true);
    for case in recorded() {
        let text = case["s"].as_str().unwrap();
        assert_eq!(text.parse::<Name>().is_ok(), verdict(&case, "dns1123Label"), "{text:?}");
        assert_eq!(
            text.parse::<Subdomain>().is_ok(),
            verdict(&case, "dns1123Subdomain"),
            "{text:?}"
        );
        assert_eq!(
            text.parse::<LabelValue>().is_ok(),
            verdict(&case, "labelValue"),
            "{text:?}"
        );
        assert_eq!(text.parse::<Cidr>().is_ok(), verdict(&case, "cidrStrict"), "{text:?}");
        assert!(text.parse::<Host>().is_err() || verdict(&case, "fqdn"), "{text:?}");
    }
}
