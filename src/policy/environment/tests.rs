use std::fmt::Write;

use super::*;
use crate::fixture;
use crate::model::Fleet;
use crate::policy::prove;

/// A policy with what no test is about filled in.
fn policy(name: &str, rest: &str) -> String {
    format!(
        "---\napiVersion: formwork/v1alpha1\nkind: EnvironmentPolicy\nmetadata:\n  name: {name}\nspec:\n  title: it is \
         wrong\n  why: It hurts.\n  remedy: make it right\n{rest}"
    )
}

/// A policy of one expression.
fn demand(expression: &str) -> String {
    policy(
        "demand",
        &format!("  validations:\n    - expression: \"{expression}\"\n"),
    )
}

/// The findings, a line each: level, code, place, what is written there, message.
fn shown(findings: &[Finding]) -> String {
    let mut lines = String::new();
    for finding in findings {
        let place = |location: &crate::diagnostic::Location| {
            let text = location.source.text.get(location.span.clone()).unwrap();
            let text = text.lines().next().unwrap_or_default();
            format!("{}:{} `{text}`", location.line(), location.column())
        };
        let location = finding.location.as_ref().map(place).unwrap_or_default();
        let _ = write!(
            lines,
            "{} {} {location}: {}",
            finding.level.name(),
            finding.code,
            finding.message
        );
        if let Some(field) = &finding.field {
            let _ = write!(lines, " [{field}]");
        }
        if let Some(help) = &finding.help {
            let _ = write!(lines, " = {help}");
        }
        for (location, what) in &finding.related {
            let _ = write!(lines, " ({what}: {} {})", location.source.path, place(location));
        }
        lines.push('\n');
    }
    lines
}

fn today() -> Date {
    "2026-11-22".parse().unwrap()
}

fn judged_in(fleet: &Fleet) -> String {
    let (policies, mut findings) = Policies::compile(&fleet.platform.policies);
    findings.extend(policies.judge(&fleet.environments[0], &today()));
    shown(&findings)
}

/// What is said of the fixture's environment with these settings and these policies.
fn judged(settings: &str, policies: &str) -> String {
    judged_in(&fixture::fleet(&format!("{settings}{policies}"), &[]))
}

/// Whether the fixture's environment meets a demand.
fn holds(settings: &str, expression: &str) -> bool {
    judged(settings, &demand(expression)).is_empty()
}

/// The compile errors of an expression.
fn refused(expression: &str) -> String {
    let fleet = fixture::fleet(&demand(expression), &[]);
    shown(&Policies::compile(&fleet.platform.policies).1)
}

#[test]
fn a_complaint_points_at_the_line_that_set_the_value() {
    let policy = policy(
        "short-backups",
        "  appliesTo: {tiers: [production]}\n  validations:\n    - expression: environment.spec.backup.retention >= \
         duration('1440h')\n",
    );
    insta::assert_snapshot!(judged("  backup: {retention: 5w}\n", &policy), @r"
    deny short-backups 106:23 `5w`: it is wrong [/spec/backup/retention] = make it right
    ");
    // Set by the platform, for all.
    let fleet = fixture::fleet(
        &policy,
        &[(
            "  runbooks: https",
            "  defaults: {production: {backup: {retention: 6w}}}\n  runbooks: https",
        )],
    );
    insta::assert_snapshot!(judged_in(&fleet), @r"
    deny short-backups 27:47 `6w`: it is wrong [/spec/backup/retention] = make it right (for `hartmann/production`: fixture.yaml 102:3 `tenant`)
    ");
    assert_eq!(judged("  backup: {retention: 2m}\n", &policy), "");
}

#[test]
fn a_default_points_at_the_environment() {
    insta::assert_snapshot!(judged("", &demand("environment.spec.egress.mail == false")), @r"
    deny demand 101:3 `tenant`: it is wrong [/spec/egress/mail] = make it right (by default: <built-in> 52:15 `true`)
    ");
}

#[test]
fn a_derived_number_points_at_what_it_is_derived_from() {
    let few = demand("environment.sizing.maximum <= 2");
    insta::assert_snapshot!(judged("", &few), @r"
    deny demand 105:10 `240`: it is wrong [/spec/users] = make it right
    ");
    insta::assert_snapshot!(judged("  autoscaling: {maximum: 9}\n", &few), @r"
    deny demand 106:26 `9`: it is wrong [/spec/autoscaling/maximum] = make it right
    ");
}

#[test]
fn what_an_environment_refers_to_is_pointed_at() {
    let fleet = |expression: &str| fixture::fleet(&demand(expression), &[]);
    insta::assert_snapshot!(judged_in(&fleet("tenant.spec.sensitivity == 'confidential'")), @r"
    deny demand 79:3 `displayName`: it is wrong [/spec/sensitivity] = make it right (for `hartmann/production`: fixture.yaml 101:3 `tenant`)
    ");
    insta::assert_snapshot!(judged_in(&fleet("cluster.spec.region.startsWith('us-')")), @r"
    deny demand 42:11 `eu-central-1`: it is wrong [/spec/region] = make it right (for `hartmann/production`: fixture.yaml 101:3 `tenant`)
    ");
    insta::assert_snapshot!(judged_in(&fleet("platform.spec.repository.branch == 'live'")), @r"
    deny demand 7:5 `url`: it is wrong [/spec/repository/branch] = make it right (for `hartmann/production`: fixture.yaml 101:3 `tenant`)
    ");
    insta::assert_snapshot!(judged_in(&fleet("release.spec.modules.exists(m, m == 'hr')")), @r"
    deny demand 94:12 `[`: it is wrong [/spec/modules] = make it right (for `hartmann/production`: fixture.yaml 101:3 `tenant`)
    ");
    insta::assert_snapshot!(judged_in(&fleet("resilience.spec.drill == 'monthly'")), @r"
    deny demand 101:3 `tenant`: it is wrong [/spec/resilience] = make it right (by default: <built-in> 50:19 `silver`)
    ");
    insta::assert_snapshot!(judged_in(&fleet("environment.name == 'live'")), @r"
    deny demand 101:3 `tenant`: it is wrong = make it right
    ");
}

#[test]
fn gold_needs_more_of_everything() {
    let policy = policy(
        "single-pod",
        "  appliesTo: {tiers: [production], tenancies: [dedicated]}\n  references: [firm 7]\n  level: warn\n  \
         variables:\n    - {name: gold, expression: \"resilience.name == 'gold'\"}\n    - {name: settings, expression: \
         environment.spec}\n  validations:\n    - expression: \"!variables.gold || \
         variables.settings.database.instances >= 4\"\n      messageExpression: \"'`%s` has %d database servers'.format([\
         environment.name, variables.settings.database.instances])\"\n    - expression: environment.sizing.minimum >= 3\n\
         \x20     message: two web pods are one while one restarts\n",
    );
    let settings = "  resilience: gold\n  autoscaling: {minimum: 2}\n";
    insta::assert_snapshot!(judged(settings, &policy), @r"
    warn single-pod 101:3 `tenant`: `production` has 3 database servers [/spec/database/instances] = make it right (by default: <built-in> 112:20 `3`)
    warn single-pod 107:26 `2`: two web pods are one while one restarts [/spec/autoscaling/minimum] = make it right
    ");
    assert_eq!(judged("  autoscaling: {minimum: 3}\n", &policy), "");
}

/// A variable may be another name for a part of the model, or be computed from several.
#[test]
fn variables_are_followed_to_what_they_read() {
    let read = |expression: &str| {
        let rest = format!(
            "  variables:\n    - {{name: a, expression: environment.spec}}\n    - {{name: b, expression: \
             variables.a.database}}\n    - {{name: c, expression: \"variables.b.instances + \
             int(environment.spec.users)\"}}\n    - {{name: d, expression: variables.c}}\n  validations:\n    - \
             expression: {expression}\n"
        );
        let fleet = fixture::fleet(&policy("named", &rest), &[]);
        let (policies, _) = Policies::compile(&fleet.platform.policies);
        policies.judge(&fleet.environments[0], &today())[0]
            .field
            .clone()
            .unwrap()
    };
    assert_eq!(read("variables.b.version < 1"), "/spec/database/version");
    assert_eq!(read("variables.d < 1"), "/spec/database/instances");
    assert_eq!(read("tenant.name == 'x' || variables.a.users < 1"), "/spec/users");
}

#[test]
fn policies_are_about_whom_they_name() {
    let about = |condition: &str| {
        let rest = format!("  appliesTo: {{{condition}}}\n  validations:\n    - expression: 'false'\n");
        let labels = [
            (
                "metadata:\n  name: hartmann\n",
                "metadata:\n  name: hartmann\n  labels: {country: de, audit: soc2}\n",
            ),
            (
                "metadata:\n  name: production\n",
                "metadata:\n  name: production\n  labels: {audit: none}\n",
            ),
        ];
        !judged_in(&fixture::fleet(&policy("about", &rest), &labels)).is_empty()
    };
    assert!(about("tiers: [staging, production]"));
    assert!(!about("tiers: [staging]"));
    assert!(!about("tenancies: [shared]"));
    assert!(about("labels: {country: de}"));
    assert!(about("labels: {audit: none}"));
    assert!(!about("labels: {audit: soc2}"));
    assert!(!about("labels: {city: bonn}"));
    assert!(!about("tiers: [production], labels: {country: fr}"));
}

#[test]
fn labels_are_read() {
    let labels = [(
        "metadata:\n  name: hartmann\n",
        "metadata:\n  name: hartmann\n  labels: {cost/unit: a}\n",
    )];
    let policy = demand("tenant.labels['cost/unit'] == 'a' && !('cost/unit' in environment.labels)");
    assert_eq!(judged_in(&fixture::fleet(&policy, &labels)), "");
}

#[test]
fn the_day_of_the_build_is_known() {
    let ends = demand("environment.spec.?expires.optMap(day, day - today < duration('240h')).orValue(true)");
    assert_eq!(judged("", &ends), "");
    assert_eq!(judged("  expires: 2026-12-01\n", &ends), "");
    insta::assert_snapshot!(judged("  expires: 2026-12-02\n", &ends), @r"
    deny demand 106:12 `2026-12-02`: it is wrong [/spec/expires] = make it right
    ");
}

#[test]
fn temporary_environments_expire() {
    assert!(!holds("", "has(environment.spec.expires)"));
    assert!(holds("  expires: 2026-12-01\n", "has(environment.spec.expires)"));
    insta::assert_snapshot!(judged("", &demand("environment.spec.expires > today")), @r#"
    error policy-error 116:19 `"environment.spec.expires > today"`: `demand` cannot be evaluated on `hartmann/production`: no such key: expires [/spec/validations/0/expression] = ask with `has(…)` whether it is set, or select it with `.?`
    "#);
}

#[test]
fn hosts_are_a_list() {
    let policy = demand("environment.hosts.all(host, !host.endsWith('.dev.hartmann.example'))");
    insta::assert_snapshot!(judged("  hosts: [erp.hartmann.example, x.dev.hartmann.example]\n", &policy), @r"
    deny demand 106:10 `[`: it is wrong [/spec/hosts] = make it right
    ");
}

#[test]
fn a_field_may_be_named() {
    let named = |field: &str| {
        let rest = format!("  validations:\n    - {{expression: 'false', field: {field}}}\n");
        judged("  database: {storage: 9Gi}\n", &policy("named", &rest)).replace("deny named ", "")
    };
    insta::assert_snapshot!(named("database.storage"), @r"
    106:23 `9Gi`: it is wrong [/spec/database/storage] = make it right
    ");
    insta::assert_snapshot!(named("users"), @r"
    105:10 `240`: it is wrong [/spec/users] = make it right
    ");
    assert!(named("odoo.config.limit_time_cpu").contains("[/spec/odoo/config/limit_time_cpu]"));
    insta::assert_snapshot!(named("backup.retension"), @r"
    error policy-syntax 117:36 `backup.retension`: environments have no setting `retension` [/spec/validations/0/field] = did you mean `retention`?
    ");
    insta::assert_snapshot!(named("users.many"), @r"
    error policy-syntax 117:36 `users.many`: environments have no setting `many` [/spec/validations/0/field] = write the setting below `spec` with dots, such as `backup.retention`
    ");
}

/// Every format of the model that is more than a text.
#[test]
fn values_have_their_types() {
    let settings = "  expires: 2026-12-31\n  backup: {retention: 1m}\n  database: {storage: 150Gi, cpu: 1500m}\n  odoo: \
                    {config: {limit_time_cpu: '600'}}\n";
    for expression in [
        "environment.spec.backup.retention == duration('744h')",
        "environment.spec.database.storage.isGreaterThan(quantity('100Gi'))",
        "environment.spec.database.cpu.compareTo(quantity('1.5')) == 0",
        "environment.sizing.databaseCpu == quantity('1500m')",
        "environment.sizing.databaseStorage == quantity('150Gi')",
        "environment.spec.expires == timestamp('2026-12-31T00:00:00Z')",
        "environment.spec.expires.getFullYear() == 2026",
        "resilience.spec.recoveryPoint <= duration('24h')",
        "resilience.spec.minimumRetention >= duration('24h')",
        "environment.spec.users + 1 == 241",
        "environment.spec.demoData == false || true",
        "environment.spec.odoo.demoData == false",
        "environment.spec.odoo.config.limit_time_cpu == '600'",
        "environment.spec.odoo.config.all(name, name.startsWith('limit_'))",
        "environment.spec.hosts.size() == 0 && environment.hosts.size() == 1",
        "environment.namespace == tenant.name + '-' + environment.name",
        "cidr(cluster.spec.network.private[0]).containsIP('10.1.2.3')",
        "cluster.spec.addOns.exists(name, name == 'keda')",
        "cluster.spec.issuers[0].dns01.rfc2136.nameserver.startsWith('ns1')",
        "platform.spec.charts['keda'].version.startsWith('2.')",
        "platform.spec.charts.keda.version.startsWith('2.')",
        "platform.spec.waiverDays.deny == 90",
        "semver(cluster.spec.kubernetesVersion + '.0').isGreaterThan(semver('1.30.0'))",
        "release.spec.odoo == '19.0'",
    ] {
        if expression.contains("spec.demoData") {
            insta::assert_snapshot!(refused(expression), @r"
            error policy-syntax 116:20 `environment.spec.demoData`: undefined field 'demoData' [/spec/validations/0/expression] = write a field as the documents have it; editors list them
            ");
            continue;
        }
        assert_eq!(judged(settings, &demand(expression)), "", "{expression}");
    }
}

#[test]
fn expressions_are_checked_against_the_model() {
    insta::assert_snapshot!(refused("environment.spec.backup.retension >= duration('720h')"), @r"
    error policy-syntax 116:20 `environment.spec.backup.retension`: undefined field 'retension' [/spec/validations/0/expression] = did you mean `retention`?
    ");
    insta::assert_snapshot!(refused("enviroment.spec.users > 1 && tenant.spec.ownr == ''"), @r"
    error policy-syntax 116:20 `enviroment`: undeclared reference to 'enviroment' (in container '') [/spec/validations/0/expression] = did you mean `environment`?
    error policy-syntax 116:49 `tenant.spec.ownr`: undefined field 'ownr' [/spec/validations/0/expression] = did you mean `owner`?
    ");
    insta::assert_snapshot!(refused("environment.spec.backup.retention >= '30d'"), @r"
    error policy-syntax 116:20 `environment.spec.backup.retention >= '30d'`: found no matching overload for '_>=_' applied to '(duration, string)' [/spec/validations/0/expression] = write lengths of time as `duration('720h')`; retentions are lengths of time too
    ");
    insta::assert_snapshot!(refused("environment.spec.users"), @r#"
    error policy-syntax 116:19 `"environment.spec.users"`: the expression must be of type `bool`, but is of type `int` [/spec/validations/0/expression] = compare it with something, so that it is true or false
    "#);
    insta::assert_snapshot!(refused("environment.spec.users >"), @r"
    error policy-syntax 116:44 ``: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER} [/spec/validations/0/expression] = correct the expression here
    ");
    insta::assert_snapshot!(refused("variables.x"), @r"
    error policy-syntax 116:20 `variables.x`: undefined field 'x' [/spec/validations/0/expression] = write a field as the documents have it; editors list them
    ");
}

#[test]
fn errors_are_found_in_every_expression() {
    let policy = policy(
        "broken",
        "  variables:\n    - {name: days, expression: environment.spec.backup.retention}\n    - name: days\n      \
         expression: |-\n        1 +\n          'a'\n    - {name: tier, expression: environment.spec.tier}\n  \
         validations:\n    - expression: >-\n        variables.teir ==\n        'production'\n      messageExpression: \
         environment.spec.users\n",
    );
    insta::assert_snapshot!(judged("", &policy), @r"
    error policy-syntax 117:13 `days`: the variable `days` is defined twice [/spec/variables/1/name] = give it another name
    error policy-syntax 119:9 `1 +`: found no matching overload for '_+_' applied to '(int, string)' [/spec/variables/1/expression] = correct the expression here
    error policy-syntax 124:9 `variables.teir`: undefined field 'teir' [/spec/validations/0/expression] = did you mean `tier`?
    error policy-syntax 126:26 `environment.spec.users`: the expression must be of type `string`, but is of type `int` [/spec/validations/0/messageExpression] = turn it into a text with `string(…)`
    ");
}

#[test]
fn hostile_expressions_end() {
    let list = "[1,2,3,4,5,6,7,8,9,10]";
    let loops = "xyzuvwst".chars().map(|name| format!("{list}.all({name}, "));
    let deep: String = loops.collect::<String>() + "x + y > 0" + &")".repeat(8);
    let report = judged("", &demand(&deep));
    assert!(
        report.contains("`hartmann/production`: operation cancelled: actual cost limit exceeded"),
        "{report}"
    );
    let doubled = |times: usize| {
        let before = times
            .checked_sub(1)
            .map_or("'0123456789'".to_owned(), |before| format!("variables.v{before}"));
        format!("    - {{name: v{times}, expression: \"{before} + {before}\"}}\n")
    };
    let search = vec!["!variables.v15.contains('z')"; 30].join(" && ");
    let rest = format!(
        "  variables:\n{}  validations:\n{}",
        (0..16).map(doubled).collect::<String>(),
        format!("    - expression: \"{search}\"\n").repeat(20)
    );
    let report = judged("", &policy("costly", &rest));
    assert!(report.lines().count() < 20, "{report}");
    assert!(
        report.lines().last().unwrap().contains("out of cost budget"),
        "{report}"
    );
    assert!(refused(&"(".repeat(5000)).contains("policy-syntax"));
}

#[test]
fn a_message_that_fails_is_replaced() {
    let said = |expression: &str| {
        let rest = format!(
            "  validations:\n    - {{expression: 'false', message: plain, messageExpression: \"{expression}\"}}\n"
        );
        let report = judged("", &policy("said", &rest));
        report
            .split(": ")
            .nth(1)
            .unwrap()
            .split(" = ")
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(said("' of ' + tenant.name + ' '"), "of hartmann");
    assert_eq!(said("string(environment.spec.expires)"), "plain");
    assert_eq!(said("' '"), "plain");
    assert_eq!(said("'a\\\\nb'"), "plain");
}

#[test]
fn what_environments_share_is_read_once() {
    let fleet = fixture::fleet(&demand("platform.spec.registries.size() == 1"), &[]);
    let (policies, _) = Policies::compile(&fleet.platform.policies);
    assert_eq!(policies.judge(&fleet.environments[0], &today()), []);
    assert_eq!(policies.judge(&fleet.environments[0], &today()), []);
    assert_eq!(policies.shared.0.lock().unwrap().len(), 5);
}

/// What the tests of the policies say.
fn proved(documents: &str) -> String {
    let fleet = fixture::fleet(documents, &[]);
    let policies = &fleet.platform.policies;
    let (compiled, mut findings) = Policies::compile(policies);
    let tested: Vec<&dyn Tested> = compiled.tested().collect();
    findings.extend(prove(
        &policies.tests,
        &tested,
        &std::collections::BTreeSet::from(["elsewhere"]),
    ));
    shown(&findings)
}

fn test(policy: &str, accepted: &str, denied: &str) -> String {
    format!(
        "---\napiVersion: formwork/v1alpha1\nkind: PolicyTest\nmetadata:\n  name: {policy}\nspec:\n  policy: {policy}\n  \
         accepted: [{accepted}]\n  denied: [{denied}]\n"
    )
}

fn short_backups() -> String {
    policy(
        "short-backups",
        "  appliesTo: {tiers: [production], labels: {country: de}}\n  validations:\n    - expression: \
         environment.spec.backup.retention >= duration('720h')\n    - expression: \"!has(environment.spec.expires) || \
         environment.spec.expires > today\"\n",
    )
}

#[test]
fn a_test_that_holds_says_nothing() {
    let test = test(
        "short-backups",
        "{name: a month, environment: {spec: {tier: production, backup: {retention: 1m}}}}, {name: no production, \
         environment: {spec: {tier: staging}}}, {name: abroad, tenant: {labels: {country: fr}}}",
        "{name: a week, environment: {spec: {backup: {retention: 1w}}}}, {name: over, environment: {spec: {expires: \
         2026-01-31, backup: {retention: 1m}}}, today: 2026-01-31}",
    );
    assert_eq!(proved(&(short_backups() + &test)), "");
}

#[test]
fn a_test_that_does_not_hold_is_an_error() {
    let test = test(
        "short-backups",
        "{name: a week, environment: {spec: {backup: {retention: 1w}}}}, {name: nothing}",
        "{name: a month, environment: {spec: {backup: {retention: 1m}}}}, {name: slip, environment: {spec: {backup: \
         {retension: 1w}, users: many, expires: 31.1.}, nam: x}}, {name: pod, object: {kind: Pod}}",
    );
    insta::assert_snapshot!(proved(&(short_backups() + &test)), @r#"
    error policy-test 126:21 `a week`: the case `a week` must be accepted, but is denied: it is wrong [/spec/accepted/0] = correct the policy, or the case
    error policy-test 126:85 `nothing`: the case `nothing` cannot be evaluated: no such attribute(s): environment [/spec/accepted/1] = give the case what the expression reads, or guard the expression with `has(…)` (this expression: fixture.yaml 117:19 `environment.spec.backup.retention >= duration('720h')`)
    error policy-test 126:85 `nothing`: the case `nothing` cannot be evaluated: no such attribute(s): environment [/spec/accepted/1] = give the case what the expression reads, or guard the expression with `has(…)` (this expression: fixture.yaml 118:19 `"!has(environment.spec.expires) || environment.spec.expires > today"`)
    error policy-test 127:19 `a month`: the case `a month` must be denied, but is accepted [/spec/denied/0] = correct the policy, or the case
    error unknown-field 127:120 `retension`: unknown field `retension` [/spec/denied/1/environment/spec/backup/retension] = did you mean `retention`?
    error bad-date 127:158 `31.1.`: `31.1.` is not a date of the form `2027-01-31` [/spec/denied/1/environment/spec/expires] = write year, month and day, such as `2027-01-31`
    error wrong-type 127:143 `many`: `users` must be a whole number, not the text `many` [/spec/denied/1/environment/spec/users] = write a whole number
    error unknown-field 127:166 `nam`: unknown field `nam` [/spec/denied/1/environment/nam] = did you mean `name`?
    error policy-test 127:188 `object`: `object` means nothing to `short-backups`, which is about environments [/spec/denied/2/object] = give the parts of the model that it reads: `environment`, `tenant`, `cluster` …
    "#);
}

#[test]
fn policies_and_tests_belong_together() {
    let case = "{name: x}";
    let tests = test("short-backup", case, case) + &test("elsewhere", case, case);
    insta::assert_snapshot!(proved(&(short_backups() + &tests)), @r"
    error policy-test 125:11 `short-backup`: there is no policy `short-backup` [/spec/policy] = did you mean `short-backups`?
    warn policy-without-test 110:9 `short-backups`: no test proves that `short-backups` complains when it must = add a `kind: PolicyTest` with `policy: short-backups`
    ");
}
