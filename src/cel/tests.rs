//! Expressions and what the server makes of them.
//!
//! The corpora are read when they are there; they hold the verdicts of the real evaluator.

use serde_json::{Value as Json, json};

use super::*;

fn environment() -> Environment {
    Environment::new(Declarations::new())
}

/// A value as the corpora write it.
pub(super) fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Uint(number) => json!(number),
        Value::Double(number) if number.is_finite() => json!(number),
        Value::Double(number) => json!(library::conversions::shortest(*number)),
        Value::Bytes(bytes) => json!(base64(bytes)),
        Value::List(items) if items.iter().any(|item| matches!(item, Value::Optional(_))) => {
            let shown = items.iter().map(|item| match item {
                Value::Optional(Some(value)) => format!("optional({})", library::shown(value)),
                _ => "optional.none()".to_owned(),
            });
            json!(format!("[{}]", shown.collect::<Vec<_>>().join(" ")))
        }
        Value::List(items) => items.iter().map(written).collect(),
        Value::Map(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (library::shown(&key.value()), written(value)));
            Json::Object(entries.collect())
        }
        Value::Optional(None) => json!("<nil>"),
        Value::Optional(Some(value)) => written(value),
        Value::Opaque(Opaque::Url(url)) => json!(url.to_string()),
        Value::Opaque(Opaque::Semver(version)) => json!(version.to_string()),
        Value::Opaque(Opaque::Format(format)) => json!(format!("{format:?}")),
        other => json!(library::shown(other)),
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * at) & 63) as usize] as char;
            out.push(if at > chunk.len() { '=' } else { letter });
        }
    }
    out
}

pub(super) fn same(found: &Json, wanted: &Json) -> bool {
    match (found, wanted) {
        (Json::Number(found), Json::Number(wanted)) => found.as_f64() == wanted.as_f64(),
        (Json::Array(found), Json::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| same(found, wanted))
        }
        (Json::Object(found), Json::Object(wanted)) => {
            let equal = |(key, value)| wanted.get(key).is_some_and(|wanted| same(value, wanted));
            found.len() == wanted.len() && found.iter().all(equal)
        }
        _ => found == wanted,
    }
}

/// Our own cases: an expression, and the value with its cost, or how the server refuses it.
#[test]
fn table() {
    let object = json!({
        "metadata": {"name": "web", "labels": {"a": "b"}},
        "spec": {"replicas": 3, "containers": [{"name": "c", "image": "x:1"}, {"name": "d"}]},
    });
    let environment = Environment::new(
        Declarations::new()
            .variable("object", Type::Dyn)
            .variable("n", Type::Int),
    );
    let activation = Activation::new()
        .with("object", Value::from(&object))
        .with("n", Value::Int(5));
    let mut wrong = Vec::new();
    for line in include_str!("cases.txt").lines() {
        let (source, wanted) = line.split_once("  =>  ").unwrap();
        let mut budget = Budget::new(10_000_000);
        let found = match environment.compile(source) {
            Err(errors) if wanted == "refused" => format!("refused{:.0}", errors[0].message),
            Err(errors) => format!("refused: {}", errors[0].message),
            Ok(program) => match program.eval(&activation, &mut budget) {
                Ok(value) => format!("{}  @  {}", written(&value), budget.spent()),
                Err(_) => "failed".to_owned(),
            },
        };
        if found != wanted {
            wrong.push(format!("{source}: wanted {wanted}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
    thread.join().unwrap();
}

fn evaluated(source: &str) -> Result<Value, String> {
    let environment = Environment::new(
        Declarations::new()
            .variable("object", Type::Dyn)
            .variable("n", Type::Int),
    );
    let program = environment
        .compile(source)
        .map_err(|errors| errors[0].message.clone())?;
    let activation = Activation::new().with("object", Value::Null).with("n", Value::Int(1));
    let mut budget = Budget::new(10_000_000);
    program
        .eval(&activation, &mut budget)
        .map_err(|error| error.message().to_owned())
}

#[test]
fn depth_does_not_overflow_the_stack() {
    small_stack(|| {
        for count in [10, 50, 99, 120, 199, 240, 260, 1000, 30_000] {
            for (open, middle, close) in [
                ("(", "n", ")"),
                ("[", "n", "]"),
                ("{1:", "n", "}"),
                ("!(", "true", ")"),
                ("-(", "n", ")"),
                ("n + ", "n", ""),
                ("", "n", " + n"),
                ("", "n", " - (n)"),
                ("", "object", ".a"),
                ("", "object", "[0]"),
                ("", "[n]", ".map(x, x)"),
                ("", "optional.of(n)", ".optMap(x, x)"),
                ("true ? n : ", "n", ""),
                ("[n].map(x, ", "x", ")"),
                ("dyn(", "n", ")"),
                ("true && (", "true", ")"),
                ("", "true", " && true"),
                ("has(", "object.x", ")"),
                ("(", "", ""),
                ("[", "", ""),
                ("'a'.replace(", "", ""),
                ("!", "true", ""),
                ("-", "n", ""),
            ] {
                let source = format!("{}{middle}{}", open.repeat(count), close.repeat(count));
                let _ = evaluated(&source);
            }
        }
    });
}

#[test]
fn hostile_expressions_end() {
    let twice = |step: &str, count: usize| format!("[n]{}", step.repeat(count));
    for (source, wanted) in [
        (format!("[[1, 2]]{}.size()", ".map(x, x + x)".repeat(60)), "cost limit"),
        (format!("['ab']{}.size()", ".map(x, x + x)".repeat(60)), "cost limit"),
        (format!("[[n]]{}[0] == [n]", ".map(x, [x, x])".repeat(60)), ""),
        (
            format!("[[n]]{0} == [[n]]{0}", ".map(x, [x, x])".repeat(60)),
            "cost limit",
        ),
        (
            format!("'%s'.format([n]{})", ".map(x, [x, x])".repeat(60)),
            "cost limit",
        ),
        (twice(".map(x, {x: x})", 60), "too large"),
        ("lists.range(100000000).size()".to_owned(), "cost limit"),
        (
            "lists.range(1000).map(x, lists.range(1000).map(y, x + y)).size()".to_owned(),
            "cost limit",
        ),
        ("lists.range(2000).distinct().size()".to_owned(), "cost limit"),
        (
            "lists.range(90000).map(x, 'aaaaaaaaaaaaaaaaaaaaaaaaa').join('').matches('(a*)*b')".to_owned(),
            "cost limit",
        ),
        (
            "'a'.matches('((a{100}){100}){100}')".to_owned(),
            "invalid matches argument",
        ),
    ] {
        let found = evaluated(&source).map(|value| written(&value).to_string());
        match found {
            Err(message) => assert!(message.contains(wanted) || wanted.is_empty(), "{source}: {message}"),
            Ok(found) => assert!(wanted.is_empty(), "{source}: {found}"),
        }
    }
}

#[test]
fn the_budget_is_shared() {
    let program = environment().compile("lists.range(1000).all(x, x >= 0)").unwrap();
    let mut budget = Budget::new(12_000);
    assert!(program.eval(&Activation::new(), &mut budget).is_ok());
    let error = program.eval(&Activation::new(), &mut budget).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
}

#[test]
fn the_authorizer_is_never_guessed() {
    let declarations = Declarations::new().variable("authorizer", Declarations::authorizer());
    let environment = Environment::new(declarations);
    let kind = |source: &str| {
        let program = environment.compile(source).unwrap();
        let mut budget = Budget::new(10_000_000);
        program
            .eval(&Activation::new(), &mut budget)
            .map_err(|error| error.kind())
    };
    let allowed = "authorizer.group('apps').resource('deployments').check('get').allowed()";
    assert_eq!(kind(allowed).unwrap_err(), ErrorKind::Unknown);
    assert_eq!(
        kind(&format!("1 / 0 == 1 || {allowed}")).unwrap_err(),
        ErrorKind::Unknown
    );
    assert!(matches!(kind(&format!("{allowed} || true")), Ok(Value::Bool(true))));
    assert!(environment.compile("authorizer.check('get')").is_err());
}

#[test]
fn fields_of_declared_objects_are_checked() {
    let declarations = Declarations::new()
        .variable("environment", Type::object("Environment"))
        .variable("variables.image", Type::String)
        .object(
            "Environment",
            [("replicas", Type::Int), ("hosts", Type::list(Type::String))],
        );
    let environment = Environment::new(declarations);
    let program = environment
        .compile("environment.hosts.map(host, host.size() + environment.replicas)")
        .unwrap();
    assert_eq!(program.output_type().to_string(), "list(int)");
    let errors = environment.compile("environment.replcas > 1").unwrap_err();
    assert_eq!(errors[0].message, "undefined field 'replcas'");
    assert_eq!(errors[0].suggestion.as_deref(), Some("replicas"));
    assert_eq!(errors[0].span, 0..19);
    let errors = environment.compile("enviroment.replicas > 1").unwrap_err();
    assert_eq!(errors[0].suggestion.as_deref(), Some("environment"));
    assert!(
        environment
            .compile("has(variables.image) && variables.?image.hasValue()")
            .is_ok()
    );
    let lazy = |name: &str| (name == "variables.image").then(|| Ok(Value::text("nginx:1")));
    let program = environment.compile("variables.image.endsWith(':1')").unwrap();
    let activation = Activation::new().lazily(&lazy);
    assert!(matches!(
        program.eval(&activation, &mut Budget::new(1000)),
        Ok(Value::Bool(true))
    ));
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_never_panics(source in ".{0,80}") {
        let _ = evaluated(&source);
    }

    #[test]
    fn mutated_expressions_never_panic(
        row in 0_usize..400,
        at in 0_usize..120,
        length in 0_usize..6,
        other in 0_usize..400,
    ) {
        let sources: Vec<_> = include_str!("cases.txt").lines().filter_map(|line| line.split("  =>  ").next()).collect();
        let letters: Vec<char> = sources[row % sources.len()].chars().collect();
        let others: Vec<char> = sources[other % sources.len()].chars().collect();
        let at = at % (letters.len() + 1);
        let end = (at + length).min(letters.len());
        let from = at % (others.len() + 1);
        let graft = &others[from..(from + length * 2).min(others.len())];
        let source: String = letters[..at].iter().chain(graft).chain(&letters[end..]).collect();
        let _ = evaluated(&source);
    }
}

#[test]
fn corpus_of_expressions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora/cel/expressions.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    let environment = environment();
    let (mut values, mut equal, mut costs, mut rejected, mut agreed, mut messages, mut errors, mut failed) =
        (0, 0, 0, 0, 0, 0, 0, 0);
    let mut complaints = Vec::new();
    for line in text.lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        let source = row["expr"].as_str().unwrap();
        let compiled = environment.compile(source);
        if let Some(wanted) = row.get("compileErrors") {
            rejected += 1;
            match compiled {
                Ok(program) => complaints.push(format!("ACCEPTED {source} : {program:?} <- {wanted}")),
                Err(errors) => {
                    agreed += 1;
                    let mut found: Vec<_> = errors.iter().map(|error| error.message.clone()).collect();
                    found.sort();
                    let wanted = wanted.as_array().unwrap();
                    let mut wanted: Vec<_> = wanted
                        .iter()
                        .map(|wanted| wanted.as_str().unwrap().to_owned())
                        .collect();
                    wanted.sort();
                    messages += usize::from(found == wanted);
                }
            }
            continue;
        }
        let mut budget = Budget::new(10_000_000);
        let outcome = compiled
            .map_err(|errors| errors[0].message.clone())
            .and_then(|program| {
                let found = program.output_type().to_string();
                let wanted = row["type"].as_str().unwrap();
                if found != wanted {
                    println!("TYPE {source}: wanted {wanted} found {found}");
                }
                program
                    .eval(&Activation::new(), &mut budget)
                    .map_err(|error| error.message().to_owned())
            });
        if let Some(wanted) = row.get("value") {
            values += 1;
            match outcome {
                Ok(value) if same(&written(&value), wanted) && value.type_name() == row["valueType"] => {
                    equal += 1;
                    if row["cost"] == budget.spent() {
                        costs += 1;
                    } else {
                        println!("COST {source}: wanted {} found {}", row["cost"], budget.spent());
                    }
                }
                Ok(value) => complaints.push(format!("VALUE {source}: wanted {wanted} found {}", written(&value))),
                Err(message) => complaints.push(format!("ERROR {source}: wanted {wanted} found {message}")),
            }
        } else {
            errors += 1;
            match outcome {
                Ok(value) => complaints.push(format!("MISSED {source}: found {} for {row}", written(&value))),
                Err(_) => failed += 1,
            }
        }
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    println!(
        "values {equal}/{values} (costs equal {costs}), rejected {agreed}/{rejected} (messages equal {messages}), \
         run-time errors {failed}/{errors}"
    );
    assert_eq!(agreed, rejected, "accepted what the server rejects");
    assert!(equal * 100 >= values * 99, "fewer than 99 of 100 values are equal");
}
