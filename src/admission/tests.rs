//! Policies as a user writes them, and what becomes of them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::diagnostic::{Finding, Source};
use crate::workspace::{Document, parse};

/// The documents of a file.
fn documents(text: &str) -> Vec<Document> {
    let source = Source {
        path: "policies/test.yaml".to_owned(),
        text: text.to_owned(),
    };
    let (documents, findings) = parse(&Arc::new(source));
    assert_eq!(findings, []);
    documents
}

pub(super) fn compile(text: &str) -> (Policies, Vec<Finding>) {
    Policies::compile(&documents(text), &Resources::default())
}

/// The policies of a file that has nothing wrong.
pub(super) fn clean(text: &str) -> Policies {
    let (policies, findings) = compile(text);
    assert_eq!(findings, []);
    policies
}

/// A policy `p` for a kind of request, with a binding `b`; both specifications go on from here.
pub(super) fn policy(resources: &str, spec: &str, binding: &str) -> String {
    let (group, plural) = resources.split_once('/').unwrap_or(("", resources));
    format!(
        "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
spec:
  matchConstraints:
    resourceRules:
      - apiGroups: ['{group}']
        apiVersions: ['*']
        operations: [CREATE, UPDATE]
        resources: ['{plural}']
{}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: b
spec:
  policyName: p
{}
",
        indent(spec),
        indent(binding),
    )
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

const DENY: &str = "validationActions: [Deny]";

/// Findings, a line each: where, the marked text, the code, the message, the help.
pub(super) fn shown(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let at = finding.location.as_ref().unwrap();
        let marked = at
            .source
            .text
            .get(at.span.clone())
            .unwrap()
            .lines()
            .next()
            .unwrap_or_default();
        let help = finding.help.as_deref().unwrap_or_default();
        let (line, column, level) = (at.line(), at.column(), finding.level.name());
        format!(
            "{line}:{column} `{marked}` {level}[{}]: {} ({help})\n",
            finding.code, finding.message
        )
    };
    findings.iter().map(line).collect()
}

fn config_map(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": data})
}

pub(super) fn create(object: &Value) -> Request<'_> {
    Request {
        operation: Operation::Create,
        object,
        old: None,
        namespace: None,
    }
}

/// Verdicts, a line each.
fn verdicts(policies: &Policies, request: &Request<'_>) -> String {
    let line = |verdict: &Verdict| {
        let (level, outcome) = (verdict.level.name(), verdict.outcome);
        format!("{level} {outcome:?} {:?}: {}\n", verdict.validation, verdict.message)
    };
    policies.judge(request).iter().map(line).collect()
}

#[test]
fn messages_are_the_servers() {
    let policies = clean(&policy(
        "configmaps",
        "variables:
  - {name: keys, expression: 'object.data.map(key, key)'}
validations:
  - {expression: '!(\"a\" in variables.keys)', message: '  no a '}
  - {expression: '!(\"b\" in variables.keys)'}
  - {expression: '!(\"c\" in variables.keys)', message: plain, messageExpression: '\"found \" + variables.keys.join(\",\")'}
  - {expression: '!(\"d\" in variables.keys)', message: plain, messageExpression: '\"two\\nlines\"'}
  - {expression: '!(\"e\" in variables.keys)', message: plain, messageExpression: object.data.none + \"\"}
  - {expression: '!(\"f\" in variables.keys)', messageExpression: '\"  \"'}
  - {expression: object.data.g.size() == 0 || true}
  - {expression: object.data.h == \"\"}",
        DENY,
    ));
    let object = config_map("x", json!({"a": "", "b": "", "c": "", "d": "", "e": "", "f": ""}));
    insta::assert_snapshot!(verdicts(&policies, &create(&object)), @r#"
    deny Refused Some(0): no a
    deny Refused Some(1): failed expression: !("b" in variables.keys)
    deny Refused Some(2): found a,b,c,d,e,f
    deny Refused Some(3): plain
    deny Refused Some(4): plain
    deny Refused Some(5): failed expression: !("f" in variables.keys)
    deny Failed Some(7): expression 'object.data.h == ""' resulted in error: no such key: h
    "#);
    let first = &policies.judge(&create(&object))[0];
    assert_eq!(
        first.denial(),
        "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no a"
    );
}

#[test]
fn a_failure_policy_decides_about_errors() {
    let text = |failure: &str, binding: &str| {
        let spec = format!("failurePolicy: {failure}\nvalidations:\n  - {{expression: object.data.a == \"1\"}}");
        policy("configmaps", &spec, binding)
    };
    let object = config_map("x", json!({}));
    let judged = |failure, binding| verdicts(&clean(&text(failure, binding)), &create(&object));
    assert_eq!(judged("Ignore", DENY), "");
    let error = "Failed Some(0): expression 'object.data.a == \"1\"' resulted in error: no such key: a\n";
    assert_eq!(judged("Fail", DENY), format!("deny {error}"));
    assert_eq!(
        judged("Fail", "validationActions: [Audit, Warn]"),
        format!("warn {error}")
    );
    assert_eq!(judged("Fail", "validationActions: [Audit]"), format!("audit {error}"));
}

#[test]
fn conditions_skip_or_fail() {
    let judged = |failure: &str, conditions: &[&str]| {
        let conditions: String = conditions
            .iter()
            .enumerate()
            .map(|(index, text)| format!("  - {{name: c{index}, expression: '{text}'}}\n"))
            .collect();
        let spec = format!(
            "failurePolicy: {failure}\nmatchConditions:\n{conditions}validations:\n  - {{expression: 'false', message: refused}}"
        );
        let policies = clean(&policy("configmaps", &spec, DENY));
        verdicts(&policies, &create(&config_map("x", json!({}))))
    };
    let no = "deny Refused Some(0): refused\n";
    let error = |text: &str| format!("expression '{text}' resulted in error: no such key: a");
    assert_eq!(judged("Fail", &["true", "has(object.data)"]), no);
    assert_eq!(judged("Fail", &["true", "1 == 2"]), "");
    assert_eq!(
        judged(
            "Fail",
            &["object.data.a", "false"].map(|text| if text == "false" { text } else { "object.data.a == null" })
        ),
        ""
    );
    assert_eq!(
        judged("Fail", &["object.data.a == null"]),
        format!("deny Failed None: {}\n", error("object.data.a == null"))
    );
    assert_eq!(
        judged("Fail", &["object.data.a == null", "null == object.data.a", "true"]),
        format!(
            "deny Failed None: [{}, {}]\n",
            error("object.data.a == null"),
            error("null == object.data.a")
        )
    );
    assert_eq!(judged("Ignore", &["object.data.a == null"]), "");
    // Nothing is known of the namespace yet.
    assert_eq!(judged("Fail", &["namespaceObject == null"]), no);
    assert_eq!(
        judged(
            "Fail",
            &["authorizer.group(\"\").resource(\"pods\").check(\"get\").allowed()"]
        ),
        "audit Unknown Some(0): refused\n"
    );
}

#[test]
fn what_only_the_cluster_knows_is_not_guessed() {
    let policies = clean(&policy(
        "configmaps",
        "validations:
  - {expression: 'authorizer.requestResource.check(\"get\").allowed()'}
  - {expression: 'request.userInfo.username == \"a\"'}
  - {expression: '!(\"system:masters\" in request.userInfo.groups) && has(object.data)'}
  - {expression: 'has(object.data) || request.userInfo.username == \"a\"'}
  - {expression: 'request.operation == \"CREATE\" && request.namespace == \"shop\" && request.kind.kind == \"ConfigMap\"'}
  - {expression: '!has(request.subResource) && request.resource.resource == \"configmaps\" && !request.dryRun'}",
        DENY,
    ));
    insta::assert_snapshot!(verdicts(&policies, &create(&config_map("x", json!({})))), @r"
    audit Unknown Some(0): the answer of `authorizer` is known only in the cluster
    audit Unknown Some(1): who makes the request is known only in the cluster
    audit Unknown Some(2): who makes the request is known only in the cluster
    ");
}

#[test]
fn budgets_end_the_whole_policy() {
    let wide = "object.data.a.split(\"\").all(x, object.data.a.split(\"\").all(y, x == y || x != y))";
    let spec = |count: usize| {
        let one = format!("  - {{expression: '{wide}'}}\n");
        format!("validations:\n  - {{expression: 'false'}}\n{}", one.repeat(count))
    };
    let judged = |count: usize, size: usize| {
        let object = config_map("x", json!({"a": "x".repeat(size)}));
        verdicts(&clean(&policy("configmaps", &spec(count), DENY)), &create(&object))
    };
    // One that is too expensive fails alone; many that are not take the rest along.
    insta::assert_snapshot!(judged(1, 2000), @r#"
    deny Refused Some(0): failed expression: false
    deny Failed Some(1): expression 'object.data.a.split("").all(x, object.data.a.split("").all(y, x == y || x != y))' resulted in error: operation cancelled: actual cost limit exceeded
    "#);
    insta::assert_snapshot!(judged(40, 300), @"deny Failed None: validation failed due to running out of cost budget, no further validation rules will be run");
}

#[test]
fn requests_are_matched_as_on_the_server() {
    let matched = |constraints: &str, request: &Request<'_>| {
        let text = format!(
            "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: p}}
spec:
  matchConstraints: {constraints}
  validations:
    - {{expression: 'false', message: matched}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: b}}
spec: {{policyName: p, validationActions: [Deny]}}
"
        );
        !compile(&text).0.judge(request).is_empty()
    };
    let rule = |rest: &str| {
        format!("{{resourceRules: [{{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], {rest}}}]}}")
    };
    let map = config_map("x", json!({}));
    let namespace =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"tier": "a"}}});
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}});
    let scaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "shop"}});
    let custom =
        json!({"apiVersion": "example.com/v1", "kind": "Kettle", "metadata": {"name": "k", "namespace": "shop"}});
    let policy = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "k"}});
    let in_namespace = Request {
        namespace: Some(&namespace),
        ..create(&map)
    };
    let update = Request {
        operation: Operation::Update,
        old: Some(&namespace),
        ..create(&map)
    };
    let new = Request {
        operation: Operation::Create,
        ..update
    };
    let everything = "namespaceSelector: {matchLabels: {tier: a}}, resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]";
    for (constraints, request, expected) in [
        (rule("resources: [configmaps]"), create(&map), true),
        (rule("resources: ['*/*']"), create(&map), true),
        (rule("resources: ['configmaps/*']"), create(&map), true),
        (rule("resources: ['*/scale']"), create(&map), false),
        (rule("resources: [configmaps], resourceNames: [x, z]"), create(&map), true),
        (rule("resources: [configmaps], resourceNames: [z]"), create(&map), false),
        (rule("resources: [configmaps], scope: Namespaced"), create(&map), true),
        (rule("resources: [configmaps], scope: Cluster"), create(&map), false),
        (rule("resources: ['*'], scope: Cluster"), create(&namespace), true),
        (rule("resources: ['*'], scope: Namespaced"), create(&namespace), false),
        (rule("resources: ['*'], scope: Cluster"), create(&role), true),
        (rule("resources: ['*']"), create(&policy), false),
        (rule("resources: [kettles]"), create(&custom), true),
        ("{resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [UPDATE], resources: ['*']}]}".to_owned(), create(&map), false),
        ("{resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [UPDATE], resources: ['*']}]}".to_owned(), update, true),
        ("{resourceRules: [{apiGroups: [autoscaling], apiVersions: [v1], operations: ['*'], resources: ['*']}]}".to_owned(), create(&scaler), true),
        ("{matchPolicy: Exact, resourceRules: [{apiGroups: [autoscaling], apiVersions: [v1], operations: ['*'], resources: ['*']}]}".to_owned(), create(&scaler), false),
        (format!("{{{everything}}}"), create(&map), false),
        (format!("{{{everything}}}"), in_namespace, true),
        (format!("{{{everything}}}"), create(&namespace), true),
        (format!("{{{everything}}}"), create(&role), true),
        (format!("{{objectSelector: {{matchLabels: {{tier: a}}}}, {}}}", &everything[45..]), create(&map), false),
        (format!("{{objectSelector: {{matchLabels: {{tier: a}}}}, {}}}", &everything[45..]), update, true),
        (format!("{{objectSelector: {{matchLabels: {{tier: a}}}}, {}}}", &everything[45..]), new, false),
        (format!("{{excludeResourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}}], {}}}", &everything[45..]), create(&map), false),
        (format!("{{excludeResourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}}], {}}}", &everything[45..]), create(&role), true),
    ] {
        assert_eq!(matched(&constraints, &request), expected, "{constraints} {}", request.object);
    }
}

#[test]
fn parameters_are_found_as_on_the_server() {
    let judged = |reference: &str, params: &str, object: &Value| {
        let text = policy(
            "*/*",
            "paramKind: {apiVersion: v1, kind: ConfigMap}\nvalidations:\n  - {expression: 'params == null || params.data.ok == \"1\"', messageExpression: '\"by \" + params.metadata.name'}",
            &format!("validationActions: [Warn]\n{reference}"),
        );
        verdicts(&compile(&format!("{text}{params}")).0, &create(object))
    };
    let param = |name: &str, namespace: &str, ok: u8| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{use: limits}}}}\ndata: {{ok: '{ok}'}}\n"
        )
    };
    let map = config_map("x", json!({}));
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}});
    let all = [
        param("a", "shop", 0),
        param("b", "shop", 1),
        param("c", "shop", 0),
        param("a", "infra", 1),
    ]
    .concat();
    let named = |rest: &str| format!("paramRef: {{name: a, {rest}}}");
    assert_eq!(judged("", &all, &map), "");
    assert_eq!(
        judged(&named("parameterNotFoundAction: Deny"), &all, &map),
        "warn Refused Some(0): by a\n"
    );
    assert_eq!(
        judged(&named("namespace: infra, parameterNotFoundAction: Deny"), &all, &map),
        ""
    );
    assert_eq!(
        judged(&named("namespace: none, parameterNotFoundAction: Allow"), &all, &map),
        ""
    );
    assert_eq!(
        judged(&named("namespace: none, parameterNotFoundAction: Deny"), &all, &map),
        "deny Failed None: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction\n"
    );
    assert_eq!(
        judged(&named("parameterNotFoundAction: Deny"), &all, &role),
        "deny Failed None: failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources\n"
    );
    assert_eq!(
        judged(
            "paramRef: {selector: {matchLabels: {use: limits}}, parameterNotFoundAction: Deny}",
            &all,
            &map
        ),
        "warn Refused Some(0): by a\nwarn Refused Some(0): by c\n"
    );
}

#[test]
fn updates_see_the_old_object() {
    let text = policy(
        "configmaps",
        "validations:\n  - {expression: 'oldObject == null || oldObject.data == object.data', message: changed}",
        DENY,
    );
    let policies = clean(&text);
    let (new, old) = (config_map("x", json!({"a": "1"})), config_map("x", json!({"a": "2"})));
    assert!(policies.need_old(&new));
    assert!(!policies.need_old(&json!({"apiVersion": "v1", "kind": "Secret"})));
    let request = Request {
        old: Some(&old),
        ..create(&new)
    };
    assert_eq!(verdicts(&policies, &request), "");
    let request = Request {
        operation: Operation::Update,
        ..request
    };
    assert_eq!(verdicts(&policies, &request), "deny Refused Some(0): changed\n");
    assert!(
        !clean(&policy(
            "configmaps",
            "validations:\n  - {expression: has(object.data)}",
            DENY
        ))
        .need_old(&new)
    );
    // An update may take the label away by which the object was selected.
    let selecting = "validationActions: [Deny]\nmatchResources: {objectSelector: {matchLabels: {team: erp}}}";
    let text = policy(
        "configmaps",
        "validations:\n  - {expression: has(object.data)}",
        selecting,
    );
    assert!(clean(&text).need_old(&new));
}

#[test]
fn namespaces_are_seen() {
    let policies = clean(&policy(
        "configmaps",
        "validations:
  - {expression: 'namespaceObject.metadata.labels[\"tier\"] == \"a\"', message: tier}
  - {expression: 'namespaceObject.metadata.name == \"shop\"', message: name}
  - {expression: '!has(namespaceObject.metadata.annotations)', message: annotations}",
        DENY,
    ));
    let map = config_map("x", json!({}));
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"tier": "b"}, "annotations": {}}});
    let request = Request {
        namespace: Some(&namespace),
        ..create(&map)
    };
    assert_eq!(
        verdicts(&policies, &request),
        "deny Refused Some(0): tier\ndeny Refused Some(2): annotations\n"
    );
}

#[test]
fn annotations_that_fail_deny() {
    let text = policy(
        "configmaps",
        "auditAnnotations:\n  - {key: a, valueExpression: 'object.data.a + \"x\"'}\n  - {key: b, valueExpression: 'string(object.data.b)'}",
        "validationActions: [Audit]",
    );
    let object = config_map("x", json!({"a": "1"}));
    insta::assert_snapshot!(verdicts(&clean(&text), &create(&object)), @"deny Failed None: expression 'string(object.data.b)' resulted in error: no such key: b");
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let text = policy(
        "configmaps",
        "paramKind: {apiVersion: v1, kind: ConfigMap}
matchConditions:
  - name: first
    expression: variables.big
  - {name: first, expression: 'object.x == 1'}
variables:
  - name: big
    expression: |-
      object.data.size() > 1 &&
        objekt.data.size() < 10
  - {name: big, expression: '1'}
  - {name: in, expression: ''}
  - {name: late, expression: variables.later}
validations:
  - expression: >
      has(object.data)
      && object.data.a.startWith('x')
  - expression: \"object.metadata.name\\t\"
  - expression: variables.bigg == 1
    messageExpression: authorizer.group('')
    message: |
      two
      lines
  - expression: 'true'
    messageExpression: object.metadata.name
    reason: Wrong
    mesage: x
failurePolicy: Sometimes",
        "validationActions: [Deny, Warn, Warn, Block]\nparamRef: {name: limits}",
    );
    insta::assert_snapshot!(shown(&compile(&text).1), @r"
    38:7 `mesage` error[unknown-field]: unknown field `mesage` (remove it, or write the name that the Kubernetes API has for it)
    39:18 `Sometimes` error[policy-invalid]: `Sometimes` is not known (write one of `Fail`, `Ignore`)
    16:14 `first` error[policy-invalid]: there are two of the name `first` (give one of them another name)
    23:30 `''` error[policy-invalid]: the expression is missing (write a CEL expression)
    23:14 `in` error[policy-invalid]: `in` cannot be the name of a variable (use letters, digits and `_`, and no word of the language)
    22:14 `big` error[policy-invalid]: there are two of the name `big` (give one of them another name)
    33:9 `two` error[policy-invalid]: the message has line breaks (write it on one line, or fold it with `>-`)
    37:15 `Wrong` error[policy-invalid]: `Wrong` is not known (write one of `Forbidden`, `Invalid`, `RequestEntityTooLarge`)
    15:19 `variables` error[policy-syntax]: undeclared reference to 'variables' (in container '') (conditions know no variables: write the whole expression)
    16:34 `object.x` error[policy-type]: undefined field 'x' (the types are those of ConfigMap; `dyn()` around a value makes it anything)
    21:11 `objekt` error[policy-syntax]: undeclared reference to 'objekt' (in container '') (did you mean `object`?)
    24:32 `variables.later` error[policy-syntax]: undefined field 'later' (the message is the one of the Kubernetes API server, which would refuse the policy)
    28:12 `object.data.a.startWith('x')` error[policy-syntax]: undeclared reference to 'startWith' (in container '') (did you mean `startsWith`?)
    29:20 `object.metadata.name` error[policy-syntax]: must evaluate to bool but got dyn (compare the value with something, `object.spec.hostNetwork == true`)
    30:19 `variables.bigg` error[policy-syntax]: undefined field 'bigg' (did you mean `big`?)
    31:26 `authorizer` error[policy-syntax]: undeclared reference to 'authorizer' (in container '') (messages cannot ask the authorizer)
    36:26 `object.metadata.name` error[policy-syntax]: must evaluate to string but got dyn (wrap the value, `string(object.metadata.name)`)
    48:35 `Warn` error[policy-invalid]: `Warn` stands here twice (remove one of them)
    48:41 `Block` error[policy-invalid]: `Block` is not known (write one of `Deny`, `Warn`, `Audit`)
    48:22 `[` error[policy-invalid]: `Deny` and `Warn` exclude each other (remove `Warn`: who is denied reads the message anyway)
    49:13 `{` error[policy-invalid]: what happens without parameters is not said (write `parameterNotFoundAction: Deny`)
    49:13 `{` error[missing-parameter]: there is no ConfigMap `limits` here, so everything it matches is refused (put the object into the folder of policies)
    ");
}

#[test]
fn what_does_not_fit_together_is_said() {
    let header = "apiVersion: admissionregistration.k8s.io/v1\n";
    let text = format!(
        "{header}kind: ValidatingAdmissionPolicy
metadata: {{name: Bad_name, namespace: x}}
spec:
  matchConstraints:
    matchPolicy: Fuzzy
    namespaceSelector:
      matchLabels: {{'a b': c}}
      matchExpressions:
        - {{key: a, operator: In}}
        - {{key: a, operator: Exists, values: [b]}}
        - {{key: a, operator: Equals}}
    resourceRules:
      - {{apiGroups: [apps], apiVersions: [v1, '*'], operations: [create], resources: [deployment, StatefulSet, pods, 'deployments/*', deployments/scale]}}
      - {{apiGroups: [apps], apiVersions: [], operations: ['*'], resources: ['*', deployments], scope: Tenant}}
      - {{apiGroups: [example.com], apiVersions: ['*'], operations: ['*'], resources: [kettles]}}
---
{header}kind: ValidatingAdmissionPolicy
metadata: {{name: pods}}
spec:
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods]}}
  validations:
    - {{expression: 'true'}}
---
{header}kind: ValidatingAdmissionPolicy
metadata: {{name: pods}}
spec: {{validations: [{{expression: 'true'}}]}}
---
{header}kind: ValidatingAdmissionPolicyBinding
metadata: {{name: b}}
spec: {{policyName: pod, validationActions: []}}
---
{header}kind: ValidatingAdmissionPolicyBinding
metadata: {{name: c}}
spec: {{policyName: pods, validationActions: [Deny], paramRef: {{name: x, parameterNotFoundAction: Deny}}}}
---
apiVersion: admissionregistration.k8s.io/v1beta1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: d}}
spec: {{policyName: pods}}
---
{header}kind: ValidatingAdmissionPolicyBinding
metadata: {{name: e}}
spec: {{policyName: 3}}
"
    );
    insta::assert_snapshot!(shown(&compile(&text).1), @r#"
    3:18 `Bad_name` error[policy-invalid]: `Bad_name` is not a name: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (use lowercase letters, digits, `-` and `.`)
    3:39 `x` error[policy-invalid]: policies and bindings live outside namespaces (remove the namespace)
    6:18 `Fuzzy` error[policy-invalid]: `Fuzzy` is not known (write `Exact` or `Equivalent`)
    8:28 `c` error[policy-invalid]: the label cannot exist: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') (use letters, digits, `-`, `_` and `.`, at most 63)
    10:30 `In` error[policy-invalid]: there are no values (add `values`)
    11:46 `[` error[policy-invalid]: this operator takes no values (remove `values`)
    12:30 `Equals` error[policy-invalid]: `Equals` is not known (write `In`, `NotIn`, `Exists` or `DoesNotExist`)
    14:42 `[` error[policy-invalid]: `*` stands alone (remove the others, or `*`)
    14:65 `[` error[policy-invalid]: `create` is not known (write `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `"*"`)
    14:86 `[` error[policy-invalid]: if 'deployments/*' is present, must not specify deployments/scale (name each resource once)
    14:87 `deployment` error[unknown-resource]: there is no resource `deployment` in the group, so the rule matches nothing (did you mean `deployments`?)
    14:99 `StatefulSet` error[unknown-resource]: there is no resource `StatefulSet` in the group, so the rule matches nothing (did you mean `statefulsets`?)
    14:112 `pods` error[unknown-resource]: there is no resource `pods` in the group, so the rule matches nothing (`pods` is in the group "")
    15:42 `[` error[policy-invalid]: `apiVersions` is missing (list what the rule is about, or `"*"`)
    15:103 `Tenant` error[policy-invalid]: `Tenant` is not known (write `Cluster`, `Namespaced` or `"*"`)
    15:76 `[` error[policy-invalid]: if '*' is present, must not specify other resources without subresources (name each resource once)
    5:3 `matchConstraints` error[policy-invalid]: the policy validates nothing (add an expression under `validations`)
    24:9 `{` deny[policy-misses-workloads]: the policy matches pods, but none of the workloads that make them (write it against `variables.podSpec` and `variables.podMeta`, and annotate it with `formwork/pod-templates: "true"`; or add rules for `deployments`, `statefulsets`, `jobs` …)
    30:18 `pods` error[duplicate-policy]: there are two of kind ValidatingAdmissionPolicy named `pods` (give one of them another name)
    36:44 `[` error[policy-invalid]: the binding has no action (write `[Deny]`, `[Warn]` or `[Audit]`)
    43:13 `admissionregistration.k8s.io/v1beta1` error[unknown-api-version]: only version `v1` of admission policies is read (write `admissionregistration.k8s.io/v1`)
    51:20 `3` error[wrong-type]: invalid type: integer `3`, expected a string (write the field as the Kubernetes API has it)
    3:18 `Bad_name` warn[policy-unbound]: no binding names the policy `Bad_name`, so it is never evaluated (add a ValidatingAdmissionPolicyBinding whose `policyName` is its name)
    41:63 `{` error[policy-parameters]: the policy `pods` takes no parameters, so these are ignored (remove `paramRef`, or give the policy a `paramKind`)
    36:20 `pod` error[unknown-policy]: there is no policy `pod` (did you mean `pods`?)
    "#);
}

#[test]
fn the_field_is_the_one_that_failed() {
    let field = |expression: &str| {
        let spec = format!(
            "variables:\n  - {{name: items, expression: 'object.data.items'}}\n  - {{name: good, expression: 'variables.items.filter(i, has(i.ok))'}}\nvalidations:\n  - {{expression: '{expression}'}}"
        );
        let items = json!([{"n": 1}, {"n": 5, "ok": true, "a/b": {"c": 1}}]);
        let mut object = config_map("x", json!({"items": items, "kind": "k"}));
        object["apiVersion"] = "example.com/v1".into();
        let verdicts = clean(&policy("example.com/configmaps", &spec, DENY)).judge(&create(&object));
        verdicts[0].field.clone()
    };
    let is =
        |expression: &str, expected: &str| assert_eq!(field(expression).as_deref(), Some(expected), "{expression}");
    is("object.data.kind == \"x\"", "/data/kind");
    is(
        "has(object.data.absent.more) || object.metadata.name == \"y\"",
        "/metadata/name",
    );
    is("object.spec.replicas > 1 && object.data.kind == \"x\"", "/data/kind");
    is("object.data.replicas > 1 && has(object.data.kind)", "/data");
    is("variables.items.all(i, i.n < 3)", "/data/items/1/n");
    is("variables.items.all(i, has(i.ok))", "/data/items/0");
    is("variables.good.all(i, i[\"a/b\"].c == 2)", "/data/items/1/a~1b/c");
    is("size(variables.good) == 2", "/data/items");
    assert_eq!(field("1 == 2"), None);
}

#[test]
fn policies_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let policies = clean(&policy("configmaps", "validations:\n  - {expression: 'false'}", DENY));
    shared(&policies);
    assert!(policies.len() == 1 && !policies.is_empty() && Policies::compile(&[], &Resources::default()).0.is_empty());
}

mod any_document {
    use super::*;
    use proptest::prelude::*;

    /// Values that mean something somewhere in a policy, and some that do not.
    fn values() -> impl Strategy<Value = Value> {
        let texts = [
            "",
            "*",
            "*/*",
            "pods",
            "pods/*",
            "CREATE",
            "Deny",
            "Warn",
            "p",
            "b",
            "v1",
            "ConfigMap",
            "true",
            "object.data.a == '1'",
            "variables.x",
            "params.data",
            "authorizer",
            "object.all(x, x",
            "[1,2].all(x, object[x])",
            "In",
            "Ignore",
            "é\n",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            prop::sample::select(texts.to_vec()).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        let keys = [
            "name",
            "key",
            "expression",
            "matchLabels",
            "matchExpressions",
            "operator",
            "values",
            "apiGroups",
            "resources",
            "kind",
        ];
        leaf.prop_recursive(3, 12, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(prop::sample::select(keys.to_vec()), inner, 0..4)
                    .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            ]
        })
    }

    fn good() -> Vec<Value> {
        let text = policy(
            "*/*",
            "paramKind: {apiVersion: v1, kind: ConfigMap}
matchConditions: [{name: c, expression: 'object != null'}]
variables: [{name: x, expression: object.data}]
validations: [{expression: variables.x.a == \"1\", messageExpression: '\"a\" + variables.x.b', reason: Forbidden}]
auditAnnotations: [{key: k, valueExpression: 'string(object.data.a)'}]",
            "validationActions: [Deny]
paramRef: {name: x, parameterNotFoundAction: Deny}
matchResources:
  namespaceSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}
  objectSelector: {}
  resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]",
        );
        let mut values: Vec<Value> = documents(&text)
            .iter()
            .map(|document| Value::clone(&document.value))
            .collect();
        values[0]["metadata"]["annotations"] = json!({POD_TEMPLATES: "true"});
        values.push(config_map("x", json!({"a": "1", "b": "2"})));
        values
    }

    /// All pointers into a value.
    fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| pointers(value, format!("{at}/{}", key.replace('/', "~1")), all)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, format!("{at}/{index}"), all)),
            _ => {}
        }
        all.push(at);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(120))]

        /// Whatever stands in a document, it is judged or refused; what is refused has a place.
        #[test]
        fn ends_in_findings_and_verdicts(
            changes in prop::collection::vec((0_usize..3, any::<prop::sample::Index>(), values()), 1..4),
        ) {
            let mut values = good();
            for (document, place, value) in changes {
                let mut all = Vec::new();
                pointers(&values[document], String::new(), &mut all);
                *values[document].pointer_mut(&all[place.index(all.len())]).unwrap() = value;
            }
            let judge = |values: &[Value]| {
                let documents: Vec<Document> = values.iter().map(|value| Document::from_value("p.yaml", value.clone())).collect();
                let (policies, findings) = Policies::compile(&documents, &Resources::default());
                for finding in &findings {
                    let at = finding.location.as_ref().unwrap();
                    assert!(at.source.text.get(at.span.clone()).is_some() && finding.help.is_some());
                }
                for object in values.iter().chain(&good()) {
                    for operation in [Operation::Create, Operation::Update] {
                        let request = Request { operation, object, old: values.first(), namespace: values.last() };
                        policies.judge(&request);
                    }
                }
            };
            judge(&values);
            judge(&scoped(&values, &Resources::default()));
            except(&mut values[0], "w", &Exclusion { names: vec!["a*".to_owned()], ..Exclusion::default() });
            judge(&values);
        }
    }
}
