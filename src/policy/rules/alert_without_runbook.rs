//! Whoever is woken by an alert finds the section that says what to do.
//!
//! A link into the runbooks must lead to a section that is there; what lies elsewhere cannot be seen from here.

use serde_json::Value;

use crate::blueprint::sections;
use crate::diagnostic::Level;
use crate::policy::{Bundle, Check, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    id: "alert-without-runbook",
    title: "a critical alert leads to no runbook",
    why: "It wakes somebody in the night, who then has to find out alone what it means and what to do first.",
    fix: "annotate the alert with `runbook_url`, the address of a section that is there",
    references: &["Prometheus documentation, Alerting rules: annotations"],
    bad: "alert: DiskFull\nlabels: {severity: critical}\nannotations: {summary: the disk is full}",
    good: "alert: DiskFull\nlabels: {severity: critical}\nannotations:\n  summary: the disk is full\n  \
           runbook_url: https://wiki.hartmann-bau.example/runbooks/erp#disk-full",
    level: Level::Deny,
    check: Check::Bundle(check),
};

fn check(bundle: &Bundle<'_>, findings: &mut Findings<'_>) {
    let env = bundle.environment;
    let runbooks = format!("{}/", env.platform.spec.runbooks.as_str().trim_end_matches('/'));
    let own = format!("{}.md#", env.id());
    let sections = sections(env);
    for object in bundle.of_kind("monitoring.coreos.com", "PrometheusRule") {
        let groups = object.value.pointer("/spec/groups").and_then(Value::as_array);
        for (group, rules) in groups.into_iter().flatten().enumerate() {
            let rules = rules.get("rules").and_then(Value::as_array);
            for (index, rule) in rules.into_iter().flatten().enumerate() {
                let text = |pointer: &str| rule.pointer(pointer).and_then(Value::as_str);
                let (Some(alert), Some("critical")) = (text("/alert"), text("/labels/severity")) else {
                    continue;
                };
                let url = text("/annotations/runbook_url").unwrap_or_default();
                let problem = match url.strip_prefix(&runbooks) {
                    Some(page) if !page.strip_prefix(&own).is_some_and(|anchor| sections.contains(anchor)) => {
                        format!("`{alert}` leads to `{page}`, which no runbook of the environment has")
                    }
                    None if !url.starts_with("https://") => format!("`{alert}` is critical and has no `runbook_url`"),
                    _ => continue,
                };
                let pointer = format!("/spec/groups/{group}/rules/{index}/annotations/runbook_url");
                findings.push(object, &pointer, problem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::fixture::{environment, judged};

    #[test]
    fn the_alerts_of_the_blueprint_have_their_sections() {
        assert!(judged(&RULE, &environment("", &[])).is_empty());
    }

    #[test]
    fn an_alert_of_ones_own_needs_one_too() {
        let settings = "
  extra:
    - apiVersion: monitoring.coreos.com/v1
      kind: PrometheusRule
      metadata: {name: own}
      spec:
        groups:
          - name: own
            rules:
              - {alert: Silent, expr: vector(1), labels: {severity: critical}}
              - alert: Lost
                expr: vector(1)
                labels: {severity: critical}
                annotations: {runbook_url: \"https://git.formwork.example/platform/erp/runbooks/hartmann/production.md#lost\"}
              - alert: Restarting
                expr: vector(1)
                labels: {severity: critical}
                annotations: {runbook_url: \"https://git.formwork.example/platform/erp/runbooks/hartmann/production.md#restart\"}
              - alert: Elsewhere
                expr: vector(1)
                labels: {severity: critical}
                annotations: {runbook_url: \"https://wiki.hartmann.example/elsewhere\"}
              - {alert: Harmless, expr: vector(1), labels: {severity: warning}}
";
        insta::assert_snapshot!(judged(&RULE, &environment(settings, &[])).join("\n"), @r#"
        - {alert: Silent, expr: vector(1), labels: {severity: critical}} | `Silent` is critical and has no `runbook_url`
        annotations: {runbook_url: "https://git.formwork.example/platform/erp/runbooks/hartmann/production.md#lost"} | `Lost` leads to `hartmann/production.md#lost`, which no runbook of the environment has
        "#);
    }
}
