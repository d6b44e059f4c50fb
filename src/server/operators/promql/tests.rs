//! Expressions, each as Prometheus 3 judges it.

use super::*;

#[test]
fn what_prometheus_reads_is_accepted() {
    for text in [
        "up",
        "up == 0",
        "1 + 2 * -3 ^ 2",
        "sum by (job) (rate(http_requests_total{code=~\"5..\"}[5m])) / ignoring(code) group_left sum(up)",
        "sum(rate(x[5m])) without (pod,)",
        "max_over_time(deriv(x[1h:5m])[1d:] offset -5m)",
        "histogram_quantile(0.99, sum(rate(b[5m])) by (le)) > bool 1",
        "x offset 5m @ end()",
        "x @ 1.5 offset 1w",
        "{__name__=~\"odoo_.+\", job!=\"x\"}",
        "{\"odoo.requests\", job='a'}",
        "sum{a=\"b\"} + avg",
        "job:rate:5m unless on() vector(1)",
        "topk(3, x) or count_values(\"v\", y)",
        "time() - 5m",
        "day_of_week() == 0 and hour(vector(time())) < 6",
        "x[300] # a comment",
        "'a' ",
        "1 > bool 2",
        "label_join(x, \"a\", \"-\", \"b\", \"c\")",
        "a </ 3",
        "0x1F + 1_000 + .5 + Inf",
        "x[5m] offset 1h",
        "x offset -(5)",
    ] {
        assert_eq!(refusal(text), None, "{text}");
    }
}

#[test]
fn what_prometheus_refuses_is_refused_in_its_words() {
    for (text, message) in [
        ("", "1:1: parse error: no expression found in input"),
        (
            "rate(x)",
            "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
        ),
        ("rate(x[5m)", "1:11: parse error: unclosed left bracket"),
        ("sum(x", "1:6: parse error: unclosed left parenthesis"),
        ("foo(x)", "1:1: parse error: unknown function with name \"foo\""),
        (
            "mad_over_time(x[5m])",
            "1:1: parse error: function \"mad_over_time\" is not enabled",
        ),
        (
            "1 > 2",
            "1:1: parse error: comparisons between scalars must use BOOL modifier",
        ),
        (
            "x{a=\"\"}[5x]",
            "1:9: parse error: bad number or duration syntax: \"5x\"",
        ),
        (
            "{a=\"\"}",
            "1:1: parse error: vector selector must contain at least one non-empty matcher",
        ),
        (
            "{a=~\".*\"}",
            "1:1: parse error: vector selector must contain at least one non-empty matcher",
        ),
        (
            "x{a=~\"(\"}",
            "1:4: parse error: error parsing regexp: missing closing ): `^(?s:()$`",
        ),
        (
            "x and 1",
            "1:1: parse error: set operator \"and\" not allowed in binary scalar expression",
        ),
        (
            "sum(x, y)",
            "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2",
        ),
        (
            "sum(x) offset 5m",
            "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        (
            "x == on(a) group_left(a) y",
            "1:1: parse error: label \"a\" must not occur in ON and GROUP clause at once",
        ),
        (
            "x[5m][5m]",
            "1:1: parse error: ranges only allowed for vector selectors",
        ),
        ("x y", "1:3: parse error: unexpected identifier \"y\""),
        ("a\n  = b", "2:3: parse error: unexpected \"=\""),
        ("x[-5m]", "1:3: parse error: duration must be greater than 0"),
        ("x{a=\"\\y\"}", "1:5: parse error: unknown escape sequence U+0079 'y'"),
    ] {
        assert_eq!(refusal(text).as_deref(), Some(message), "{text}");
    }
}

#[test]
fn durations_have_each_unit_once_from_great_to_small() {
    assert_eq!(duration("1d12h"), Ok(36 * 3_600_000));
    assert_eq!(duration("0"), Ok(0));
    assert_eq!(duration("5m1h").unwrap_err(), "not a valid duration string: \"5m1h\"");
    assert_eq!(duration("5 m").unwrap_err(), "unknown unit \" m\" in duration \"5 m\"");
    assert_eq!(duration("300y").unwrap_err(), "duration out of range");
    assert!(duration("-5m").is_err() && duration("5").is_err() && duration("m").is_err());
}

#[test]
fn nesting_is_bounded() {
    let text = format!("{}x{}", "(".repeat(5000), ")".repeat(5000));
    assert!(refusal(&text).is_some());
}
