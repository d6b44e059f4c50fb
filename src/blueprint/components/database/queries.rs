//! What the exporter of the database asks Odoo's own tables: late jobs, stuck mail, the queue.
//!
//! Each question waits for its table and for the right to read it, which the migration grants; until then it is not
//! asked, and nothing is reported as failing. On a standby it is not asked at all, or everything would count twice.

use crate::blueprint::Place;
use crate::blueprint::names::*;
use crate::kinds::{ConfigMap, ObjectMeta};
use crate::model::Environment;
use crate::words::*;

/// The key of the config map.
pub(super) const KEY: &str = "queries.yaml";

pub(super) fn config_map(at: &Place, env: &Environment) -> ConfigMap {
    let mut labels = at.labels.clone();
    labels.insert(DATABASE_RELOAD.into(), "true".into());
    ConfigMap {
        metadata: ObjectMeta {
            labels: some(labels),
            ..at.meta(DATABASE_QUERIES)
        },
        data: some([(KEY.to_owned(), questions(env))]),
        ..default()
    }
}

/// Each column becomes a metric `cnpg_<name>_<column>`.
fn questions(env: &Environment) -> String {
    let database = env.database_name();
    let mut questions = scheduled_actions(env, &database) + &mail(&database);
    if env.release.spec.queue {
        questions.push_str(&queue(&database));
    }
    questions
}

/// Odoo counts failures since 18; before, none are known.
fn scheduled_actions(env: &Environment, database: &str) -> String {
    let failing = if env.release.spec.odoo.major() >= 18 {
        "failure_count > 0"
    } else {
        "false"
    };
    format!(
        r#"odoo_cron:
  primary: true
  target_databases: ["{database}"]
  predicate_query: |
    SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.ir_cron'), 'SELECT')
  query: |
    SELECT count(*) FILTER (WHERE nextcall < pg_catalog.timezone('UTC', pg_catalog.now()) - interval '10 min') AS overdue,
           count(*) FILTER (WHERE {failing}) AS failing
    FROM public.ir_cron
    WHERE active
  metrics:
    - overdue: {{usage: GAUGE, description: Scheduled actions that should have started more than 10 minutes ago}}
    - failing: {{usage: GAUGE, description: Scheduled actions whose last run failed}}
"#
    )
}

fn mail(database: &str) -> String {
    format!(
        r#"odoo_mail:
  primary: true
  target_databases: ["{database}"]
  predicate_query: |
    SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.mail_mail'), 'SELECT')
  query: |
    SELECT count(*) FILTER (WHERE state = 'outgoing') AS outgoing,
           count(*) FILTER (WHERE state = 'exception') AS failed
    FROM public.mail_mail
    WHERE state IN ('outgoing', 'exception')
  metrics:
    - outgoing: {{usage: GAUGE, description: Messages that wait to be sent}}
    - failed: {{usage: GAUGE, description: Messages that could not be sent}}
"#
    )
}

fn queue(database: &str) -> String {
    format!(
        r#"odoo_queue:
  primary: true
  target_databases: ["{database}"]
  predicate_query: |
    SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.queue_job'), 'SELECT')
  query: |
    SELECT state, count(*) AS jobs
    FROM public.queue_job
    WHERE state NOT IN ('done', 'cancelled')
    GROUP BY state
  metrics:
    - state: {{usage: LABEL, description: State of the jobs}}
    - jobs: {{usage: GAUGE, description: Jobs of the queue that are not done}}
"#
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixture::environment;

    fn read(env: &Environment) -> BTreeMap<String, serde_json::Value> {
        serde_yaml::from_str(&questions(env)).unwrap()
    }

    #[test]
    fn the_questions_of_production() {
        insta::assert_snapshot!(questions(&environment("", &[])), @r#"
        odoo_cron:
          primary: true
          target_databases: ["hartmann"]
          predicate_query: |
            SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.ir_cron'), 'SELECT')
          query: |
            SELECT count(*) FILTER (WHERE nextcall < pg_catalog.timezone('UTC', pg_catalog.now()) - interval '10 min') AS overdue,
                   count(*) FILTER (WHERE failure_count > 0) AS failing
            FROM public.ir_cron
            WHERE active
          metrics:
            - overdue: {usage: GAUGE, description: Scheduled actions that should have started more than 10 minutes ago}
            - failing: {usage: GAUGE, description: Scheduled actions whose last run failed}
        odoo_mail:
          primary: true
          target_databases: ["hartmann"]
          predicate_query: |
            SELECT pg_catalog.has_table_privilege(pg_catalog.to_regclass('public.mail_mail'), 'SELECT')
          query: |
            SELECT count(*) FILTER (WHERE state = 'outgoing') AS outgoing,
                   count(*) FILTER (WHERE state = 'exception') AS failed
            FROM public.mail_mail
            WHERE state IN ('outgoing', 'exception')
          metrics:
            - outgoing: {usage: GAUGE, description: Messages that wait to be sent}
            - failed: {usage: GAUGE, description: Messages that could not be sent}
        "#);
    }

    #[test]
    fn a_question_waits_for_its_table_and_is_asked_once() {
        let env = environment("", &[("modules: [base,", "queue: true\n  modules: [base,")]);
        let questions = read(&env);
        assert_eq!(
            questions.keys().collect::<Vec<_>>(),
            ["odoo_cron", "odoo_mail", "odoo_queue"]
        );
        for question in questions.values() {
            assert_eq!(question["primary"], true);
            assert_eq!(question["target_databases"], serde_json::json!(["hartmann"]));
            assert!(
                question["predicate_query"]
                    .as_str()
                    .unwrap()
                    .contains("to_regclass('public.")
            );
            let query = question["query"].as_str().unwrap();
            for metric in question["metrics"].as_array().unwrap() {
                let column = metric.as_object().unwrap().keys().next().unwrap();
                assert!(query.contains(column.as_str()), "{column} is not selected by {query}");
            }
        }
    }

    #[test]
    fn before_18_no_column_counts_failures() {
        let env = environment("", &[("\"19.0\"", "\"17.0\"")]);
        assert!(!questions(&env).contains("failure_count"));
    }
}
