//! The runbook of an environment: what to do, with its real names, for whoever is woken.
//!
//! Every alert of the environment has a section, and the anchor of that section is the one its alert links to.

mod procedures;

use std::collections::BTreeSet;

use super::alerts::{Alert, Severity, Values, alerts};
use super::names::BACKUP_STORE;
use crate::manifest::Object;
use crate::model::{Engine, Environment, Synchronous};

/// Writes the runbook of an environment, given its objects.
pub fn runbook(env: &Environment, objects: &[Object]) -> String {
    let mut text = format!("# {} ({})\n\n", env.id(), env.spec.tier.as_str());
    text.push_str(&facts(env));
    text.push_str(&callers(env));
    let values = Values::of(env);
    for alert in alerts(env).into_iter().flat_map(|(_, alerts)| alerts) {
        text.push_str(&section(env, alert, &values));
    }
    text.push_str(&procedures::restart(env));
    text.push_str(&procedures::roll_back(env, objects));
    if env.spec.backup.enabled {
        text.push_str(&procedures::restore(env, objects));
    }
    text.push_str(&procedures::psql(env));
    text
}

/// The anchors of a runbook's sections.
pub fn sections(env: &Environment) -> BTreeSet<String> {
    let alerts = alerts(env).into_iter().flat_map(|(_, alerts)| alerts);
    let procedures = ["whom-to-call", "restart", "roll-back-a-release", "open-psql"];
    let restore = env.spec.backup.enabled.then_some("restore-to-a-point-in-time");
    alerts
        .map(Alert::anchor)
        .chain(procedures.into_iter().chain(restore).map(str::to_owned))
        .collect()
}

fn facts(env: &Environment) -> String {
    let hosts: Vec<String> = env.hosts.iter().map(|host| format!("<https://{host}>")).collect();
    let rows = [
        ("Tenant", env.tenant.spec.display_name.clone()),
        ("Hosts", hosts.join(", ")),
        (
            "Cluster",
            format!(
                "`{}` ({}), delivered by {}",
                env.cluster.name,
                env.cluster.spec.region,
                engine(env)
            ),
        ),
        ("Namespace", format!("`{}`", env.namespace)),
        (
            "Release",
            format!(
                "`{}`: Odoo {}, `{}`",
                env.release.name, env.release.spec.odoo, env.release.spec.image
            ),
        ),
        ("Web pods", pods(env)),
        ("Database", database(env)),
        ("Backups", backups(env)),
        ("Promise", promise(env)),
    ];
    let mut text = String::from("| | |\n|---|---|\n");
    for (what, value) in rows {
        // A bar would end the cell.
        text.push_str(&format!("| {what} | {} |\n", value.replace('|', "\\|")));
    }
    text.push('\n');
    text
}

fn engine(env: &Environment) -> &'static str {
    match env.cluster.spec.gitops.engine {
        Engine::Argocd => "Argo CD",
        Engine::Flux => "Flux",
    }
}

fn pods(env: &Environment) -> String {
    let sizing = &env.sizing;
    let number = if sizing.minimum == sizing.maximum {
        sizing.minimum.to_string()
    } else {
        format!("{} to {}", sizing.minimum, sizing.maximum)
    };
    format!(
        "{number}, {} workers each, for {} users",
        sizing.workers, env.spec.users
    )
}

fn database(env: &Environment) -> String {
    let database = &env.spec.database;
    let commit = match database.synchronous {
        Synchronous::None => "commits do not wait for a standby",
        Synchronous::Preferred => "commits wait for a standby while there is one",
        Synchronous::Required => "commits always wait for a standby",
    };
    format!(
        "`{}` on PostgreSQL {}, servers: {}, {commit}",
        env.database_name(),
        database.version,
        database.instances
    )
}

fn backups(env: &Environment) -> String {
    let backup = &env.spec.backup;
    if !backup.enabled {
        return "none".into();
    }
    format!(
        "`{}` (UTC) into bucket `{}`, kept for {}",
        backup.schedule,
        env.bucket(BACKUP_STORE),
        backup.retention
    )
}

fn promise(env: &Environment) -> String {
    let promise = &env.resilience.spec;
    format!(
        "{}: at most {} of work lost, back within {}",
        env.resilience.name, promise.recovery_point, promise.recovery_time
    )
}

fn callers(env: &Environment) -> String {
    let platform = &env.platform.spec.groups;
    let own = &env.tenant.spec.groups;
    let mut text = String::from("## Whom to call\n\n");
    for (who, first, second) in [
        (
            "Platform engineers",
            &platform.platform_engineer,
            &own.platform_engineer,
        ),
        ("Database administrators", &platform.dba, &own.dba),
    ] {
        let groups: Vec<String> = first.iter().chain(second).map(|group| format!("`{group}`")).collect();
        if !groups.is_empty() {
            text.push_str(&format!("- {who}: {}\n", groups.join(", ")));
        }
    }
    text.push_str(&format!("- The tenant's owner: <{}>\n\n", env.tenant.spec.owner));
    text
}

fn section(env: &Environment, alert: &Alert, values: &Values) -> String {
    let (title, severity) = (alert.title(), alert.severity(env).as_str());
    let after = if alert.lasts == "0m" {
        "at once".into()
    } else {
        format!("after {}", alert.lasts)
    };
    let looks: String = alert
        .looks
        .iter()
        .map(|look| format!("{}\n", values.fill(look)))
        .collect();
    let [summary, meaning, remedy] = [alert.summary, alert.meaning, alert.remedy].map(|text| values.fill(text));
    let call = call(env, alert);
    format!(
        "## {title}

**{severity}** {after}: {summary}. {meaning}

```sh
{looks}```

{remedy}

{call}

"
    )
}

/// When to call whom. The owner hears of a critical alert early enough to decide within the promised time.
fn call(env: &Environment, alert: &Alert) -> String {
    let owner = &env.tenant.spec.owner;
    match alert.severity(env) {
        Severity::Critical => {
            let minutes = (env.resilience.spec.recovery_time.seconds() / 240).clamp(5, 60);
            format!("Call: platform engineers at once; <{owner}> when it is not over after {minutes} minutes.")
        }
        Severity::Warning => format!("Call: nobody at night; <{owner}> when people notice it."),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::blueprint::{COMPONENTS, Unit, assemble};
    use crate::fixture::environment;

    fn written(env: &Arc<Environment>) -> (String, Vec<Object>) {
        let objects = assemble(&Unit::Environment(env.clone()), COMPONENTS);
        (runbook(env, &objects), objects)
    }

    /// The anchors of the headings, as forges make them.
    fn anchors(text: &str) -> BTreeSet<String> {
        text.lines()
            .filter_map(|line| line.strip_prefix("## "))
            .map(|title| title.to_lowercase().replace(' ', "-"))
            .collect()
    }

    #[test]
    fn facts_and_people() {
        let (text, _) = written(&environment("", &[]));
        let head = text.split("## Login failing").next().unwrap();
        insta::assert_snapshot!(head, @"
        # hartmann/production (production)

        | | |
        |---|---|
        | Tenant | Hartmann Bau GmbH |
        | Hosts | <https://production.hartmann.eu.erp.formwork.example> |
        | Cluster | `eu-central` (eu-central-1), delivered by Argo CD |
        | Namespace | `hartmann-production` |
        | Release | `odoo-19`: Odoo 19.0, `registry.formwork.example/erp/odoo:19.0-20261008@sha256:9bf832744e8d8c7459658b56320ab31b1f80bfb19f2640081292751614b3f142` |
        | Web pods | 2 to 6, 4 workers each, for 240 users |
        | Database | `hartmann` on PostgreSQL 17, servers: 2, commits wait for a standby while there is one |
        | Backups | `30 1 * * *` (UTC) into bucket `fw-eu-hartmann-production-backup`, kept for 30d |
        | Promise | silver: at most 15m of work lost, back within 4h |

        ## Whom to call

        - Platform engineers: `platform-engineers`
        - The tenant's owner: <it@hartmann.example>
        ");
    }

    #[test]
    fn a_section() {
        let (text, _) = written(&environment("", &[]));
        let section = text
            .split("## ")
            .find(|section| section.starts_with("Requests slow"))
            .unwrap();
        insta::assert_snapshot!(section, @r#"
        Requests slow

        **warning** after 15m: one request in twenty takes longer than 3000 ms. Work is slow for everyone. Most often all workers are busy, or the database waits for a lock or its disk.

        ```sh
        kubectl -n hartmann-production top pods --containers
        kubectl -n hartmann-production get horizontalpodautoscalers
        kubectl -n hartmann-production exec -it svc/db-rw -c postgres -- psql hartmann -c "SELECT pid, now() - query_start AS since, wait_event_type, left(query, 90) FROM pg_stat_activity WHERE state <> 'idle' ORDER BY 2 DESC LIMIT 10"
        ```

        All web pods busy and at their maximum: raise `autoscaling.maximum` in `environments/hartmann/production.yaml`. One query for minutes: end it with `SELECT pg_cancel_backend(pid)` and tell the author of the report. Database pods at their processor limit: raise `database.cpu` in the next maintenance window.

        Call: nobody at night; <it@hartmann.example> when people notice it.
        "#);
    }

    #[test]
    fn every_alert_links_to_a_section() {
        for replace in [&[][..], &[("tier: production", "tier: training")]] {
            let (text, objects) = written(&environment("", replace));
            let anchors = anchors(&text);
            let rules = objects.iter().find(|object| object.kind == "PrometheusRule").unwrap();
            let groups = rules.value.pointer("/spec/groups").unwrap().as_array().unwrap();
            for rule in groups.iter().flat_map(|group| group["rules"].as_array().unwrap()) {
                let url = rule["annotations"]["runbook_url"].as_str().unwrap();
                let (page, anchor) = url.split_once('#').unwrap();
                assert!(page.ends_with("/hartmann/production.md"), "{page}");
                assert!(anchors.contains(anchor), "{anchor}");
            }
        }
    }

    #[test]
    fn the_sections_are_those_of_the_text() {
        let bare = "  backup: {enabled: false}\n  monitoring: {alerts: false}\n";
        for (settings, tier) in [("", "production"), ("", "training"), (bare, "development")] {
            let env = environment(settings, &[("tier: production", &format!("tier: {tier}"))]);
            assert_eq!(sections(&env), anchors(&written(&env).0));
        }
    }

    #[test]
    fn without_alerts_the_procedures_remain() {
        let (text, _) = written(&environment("  monitoring: {alerts: false}\n", &[]));
        assert_eq!(
            anchors(&text).into_iter().collect::<Vec<_>>(),
            [
                "open-psql",
                "restart",
                "restore-to-a-point-in-time",
                "roll-back-a-release",
                "whom-to-call"
            ]
        );
    }

    #[test]
    fn only_names_of_this_environment() {
        let (text, _) = written(&environment("", &[]));
        assert!(!text.contains('$') && !text.contains('\r') && !text.contains("\n\n\n"));
        assert!(text.ends_with("```\n"));
        let spaces: Vec<&str> = text.lines().filter(|line| line.ends_with(' ')).collect();
        assert!(spaces.is_empty(), "{spaces:?}");
        for line in text
            .lines()
            .filter(|line| line.starts_with("kubectl ") && line.contains(" -n "))
        {
            let namespace = line.split(" -n ").nth(1).unwrap().split(' ').next().unwrap();
            assert!(
                ["hartmann-production", "traefik", "cert-manager", "cnpg-system"].contains(&namespace),
                "{line}"
            );
        }
    }
}
