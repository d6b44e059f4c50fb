//! The pages of what is said of the objects of Prometheus and its operator.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const EXPRESSION: Code = Code {
    id: "promql-expression",
    title: "an expression that Prometheus cannot evaluate",
    why: "The expression is read by the grammar of Prometheus 3, with its functions and types. One that cannot be read never fires, and the whole group with it is not loaded.",
    fix: "correct the expression; `promtool check rules` explains more",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - alert: OdooDown\n\
          \x20     expr: rate(http_requests_total{job=\"odoo\"}) == 0",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - alert: OdooDown\n\
          \x20     expr: rate(http_requests_total{job=\"odoo\"}[5m]) == 0",
};

pub(super) const RULE: Code = Code {
    id: "prometheus-rule",
    title: "a rule that is neither an alert nor a recording, or both",
    why: "A rule either fires an alert or records a series. A recording has no `for`, no annotations and no braces in its name; durations have each unit once, from great to small.",
    fix: "split the rule, or take out the field that the message names",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - record: odoo:requests:rate5m\n\
          \x20     expr: sum(rate(http_requests_total[5m]))\n\
          \x20     for: 5m",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - record: odoo:requests:rate5m\n\
          \x20     expr: sum(rate(http_requests_total[5m]))",
};

pub(super) const GROUPS: Code = Code {
    id: "prometheus-rule-group",
    title: "a group of rules whose name or settings Prometheus does not take",
    why: "Groups of one object have different names, since Prometheus keeps their state by name. Their labels are valid and do not replace the name of the metric.",
    fix: "rename the group, or correct the label",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   labels: {__name__: odoo}\n\
          \x20   rules:\n\
          \x20   - {alert: OdooDown, expr: up == 0}",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   labels: {team: erp}\n\
          \x20   rules:\n\
          \x20   - {alert: OdooDown, expr: up == 0}",
};

pub(super) const TEMPLATE: Code = Code {
    id: "alert-template",
    title: "a template of an alert that does not parse",
    why: "Labels and annotations of alerts are templates of Go. One that is not closed or calls what does not exist is refused with its rule.",
    fix: "close the braces, and use the functions and variables that Prometheus has",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - alert: OdooDown\n\
          \x20     expr: up == 0\n\
          \x20     annotations: {summary: \"{{ $labels.instance } is down\"}",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PrometheusRule\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 groups:\n\
          \x20 - name: odoo\n\
          \x20   rules:\n\
          \x20   - alert: OdooDown\n\
          \x20     expr: up == 0\n\
          \x20     annotations: {summary: \"{{ $labels.instance }} is down\"}",
};

pub(super) const RELABELLING: Code = Code {
    id: "relabelling",
    title: "a relabelling that the operator refuses",
    why: "The operator leaves out a monitor with one relabelling that it cannot use: a regular expression that Go does not compile, an action without its target, fields that belong to another action.",
    fix: "correct the expression, or leave only the fields of the action",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PodMonitor\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 selector: {matchLabels: {app: odoo}}\n\
          \x20 podMetricsEndpoints:\n\
          \x20 - port: metrics\n\
          \x20   relabelings:\n\
          \x20   - {action: replace, sourceLabels: [__meta_kubernetes_pod_name], regex: \"odoo-(.*\"}",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PodMonitor\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 selector: {matchLabels: {app: odoo}}\n\
          \x20 podMetricsEndpoints:\n\
          \x20 - port: metrics\n\
          \x20   relabelings:\n\
          \x20   - {action: replace, sourceLabels: [__meta_kubernetes_pod_name], targetLabel: pod, regex: \"odoo-(.*)\"}",
};

pub(super) const TIMEOUT: Code = Code {
    id: "scrape-timeout",
    title: "a scrape that may take longer than until the next one",
    why: "Prometheus refuses a timeout greater than the interval, so the operator leaves the monitor out and nothing is scraped.",
    fix: "make the timeout smaller than the interval",
    bad: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PodMonitor\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 selector: {matchLabels: {app: odoo}}\n\
          \x20 podMetricsEndpoints:\n\
          \x20 - port: metrics\n\
          \x20   interval: 30s\n\
          \x20   scrapeTimeout: 1m",
    good: "apiVersion: monitoring.coreos.com/v1\n\
          kind: PodMonitor\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 selector: {matchLabels: {app: odoo}}\n\
          \x20 podMetricsEndpoints:\n\
          \x20 - port: metrics\n\
          \x20   interval: 30s\n\
          \x20   scrapeTimeout: 10s",
};
