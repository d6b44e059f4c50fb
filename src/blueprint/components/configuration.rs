//! The configuration of Odoo and the script that installs and upgrades it, under names that follow their content.
//!
//! A changed option therefore makes a new object and rolls the pods; what runs never changes under a running pod.

use std::collections::BTreeMap;

use crate::blueprint::names::*;
use crate::blueprint::{Build, Component, Place, stamp};
use crate::kinds::*;
use crate::manifest::Object;
use crate::model::{
    Environment, FilestoreBackend, Sessions, Tier, UpgradeTool, WORKER_MEMORY_HARD, WORKER_MEMORY_SOFT,
};
use crate::words::*;

pub(super) const COMPONENT: Component = Component {
    name: "configuration",
    summary: "odoo.conf and the migration script",
    build: Build::Environment(build),
    edges: Component::NO_EDGES,
    after: &["namespace"],
};

/// Where the configuration is mounted.
pub(super) const MOUNT: &str = "/etc/odoo";

fn build(at: &Place, env: &Environment) -> Vec<Object> {
    let mut objects = vec![config_map(at, env).into()];
    if !reads_environment(env) {
        objects.push(secret(at, env).into());
    }
    objects
}

/// Odoo reads its options from the environment since 19; before, the master password must stand in the file, so the
/// whole file is a secret.
pub(super) fn reads_environment(env: &Environment) -> bool {
    env.release.spec.odoo.major() >= 19
}

/// The volume of the configuration.
pub(super) fn volume(env: &Environment) -> Volume {
    let scripts = ConfigMapProjection {
        name: config_name(env),
        ..default()
    };
    let mut sources = vec![VolumeProjection {
        config_map: some(scripts),
        ..default()
    }];
    if !reads_environment(env) {
        let file = SecretProjection {
            name: secret_name(env),
            ..default()
        };
        sources.push(VolumeProjection {
            secret: some(file),
            ..default()
        });
    }
    Volume {
        name: "config".into(),
        projected: some(ProjectedVolumeSource {
            sources: some(sources),
            ..default()
        }),
        ..default()
    }
}

/// The name of the config map, by its content.
pub(super) fn config_name(env: &Environment) -> String {
    stamp("odoo", &config_data(env))
}

fn secret_name(env: &Environment) -> String {
    stamp("odoo-conf", &odoo_conf(env))
}

fn config_map(at: &Place, env: &Environment) -> ConfigMap {
    ConfigMap {
        metadata: at.meta(&config_name(env)),
        immutable: Some(true),
        data: some(config_data(env)),
        ..default()
    }
}

fn config_data(env: &Environment) -> BTreeMap<String, String> {
    let mut data = BTreeMap::from([("migrate.sh".to_owned(), migrate(env))]);
    if reads_environment(env) {
        data.insert("odoo.conf".into(), odoo_conf(env));
    }
    if env.spec.filestore.backend == FilestoreBackend::Bucket {
        data.insert("server-environment.conf".into(), attachments(env));
    }
    data
}

fn secret(at: &Place, env: &Environment) -> external_secrets::ExternalSecret {
    let file = format!("{}admin_passwd = {{{{ .password }}}}\n", odoo_conf(env));
    super::secrets::from_store(
        at,
        env,
        &secret_name(env),
        "odoo-admin",
        "Opaque",
        &[("odoo.conf", &file)],
        &["password"],
    )
}

fn odoo_conf(env: &Environment) -> String {
    let mut text = String::from("[options]\n");
    for (option, value) in options(env) {
        text.push_str(&format!("{option} = {value}\n"));
    }
    text
}

/// The options, the platform's over the environment's.
fn options(env: &Environment) -> BTreeMap<String, String> {
    let sizing = &env.sizing;
    let major = env.release.spec.odoo.major();
    let timeout = env.spec.odoo.request_timeout;
    let mut options: BTreeMap<String, String> = [
        ("log_handler", ":INFO,werkzeug:WARNING"),
        ("limit_request", "8192"),
        ("limit_time_real_cron", "3600"),
    ]
    .into_iter()
    .map(|(option, value)| (option.to_owned(), value.to_owned()))
    .collect();
    options.insert("limit_time_cpu".into(), (timeout / 2).to_string());
    options.extend(
        env.spec
            .odoo
            .config
            .iter()
            .map(|(option, value)| (option.0.clone(), value.0.clone())),
    );
    let mut set = |option: &str, value: String| options.insert(option.to_owned(), value);
    set("addons_path", "/mnt/extra-addons".into());
    set("data_dir", "/var/lib/odoo".into());
    set("db_host", DATABASE_SERVICE.into());
    set("db_port", POSTGRESQL.to_string());
    set("db_user", DATABASE_OWNER.into());
    set("db_name", env.database_name());
    set("db_sslmode", "require".into());
    set("db_maxconn", sizing.connections_per_process.to_string());
    set("list_db", "False".into());
    set("proxy_mode", "True".into());
    // Odoo 20 listens on the loopback address unless it is told otherwise.
    set("http_interface", "0.0.0.0".into());
    set("http_port", HTTP.to_string());
    set("gevent_port", GEVENT.to_string());
    set("workers", sizing.workers.to_string());
    // Scheduled actions run in pods of their own; the threaded server of development runs them itself.
    set("max_cron_threads", "0".into());
    set("limit_memory_soft", WORKER_MEMORY_SOFT.to_string());
    set("limit_memory_hard", WORKER_MEMORY_HARD.to_string());
    set("limit_time_real", timeout.to_string());
    set("server_wide_modules", server_wide_modules(env).join(","));
    if major >= 18 {
        set("db_maxconn_gevent", sizing.connections_per_process.to_string());
        set("limit_time_worker_cron", "3600".into());
    }
    match (major, env.spec.odoo.demo_data) {
        (19.., demo) => set("with_demo", if demo { "True" } else { "False" }.into()),
        (_, true) => set("without_demo", "False".into()),
        (_, false) => set("without_demo", "all".into()),
    };
    options
}

/// `rpc` must be named from 19 on, where it became a module, or remote calls only work on hosts that lead to a database.
fn server_wide_modules(env: &Environment) -> Vec<String> {
    let release = &env.release.spec;
    let mut modules = vec!["base".to_owned()];
    if release.odoo.major() >= 19 {
        modules.push("rpc".into());
    }
    modules.push("web".into());
    if release.sessions == Sessions::Redis {
        modules.push("session_redis".into());
    }
    if release.queue {
        modules.push("queue_job".into());
    }
    if env.spec.filestore.backend == FilestoreBackend::Bucket {
        modules.push("server_environment".into());
    }
    for module in &release.server_wide_modules {
        if !modules.contains(&module.0) {
            modules.push(module.0.clone());
        }
    }
    modules
}

/// The bucket of the attachments as OCA's `fs_attachment` takes it; the keys come from the environment. Only production
/// sweeps away files that nothing refers to.
fn attachments(env: &Environment) -> String {
    let storage = &env.cluster.spec.object_storage;
    let sweep = if env.spec.tier == Tier::Production {
        "True"
    } else {
        "False"
    };
    format!(
        "[fs_storage.attachments]\n\
         protocol = s3\n\
         options = {{\"endpoint_url\": \"{}\", \"client_kwargs\": {{\"region_name\": \"{}\"}}}}\n\
         directory_path = {}\n\
         use_as_default_for_attachments = True\n\
         autovacuum_gc = {sweep}\n\
         optimizes_directory_path = True\n\
         force_db_for_default_attachment_rules = {{\"image/\": 51200, \"application/javascript\": 0, \"text/css\": 0}}\n",
        storage.endpoint,
        storage.region,
        env.bucket("attachments"),
    )
}

/// Modules that the database must have: the release's and the environment's.
fn modules(env: &Environment) -> Vec<&str> {
    let mut modules: Vec<&str> = Vec::new();
    for module in env.release.spec.modules.iter().chain(&env.spec.odoo.modules) {
        if !modules.contains(&module.0.as_str()) {
            modules.push(&module.0);
        }
    }
    modules
}

/// Installs into an empty database, upgrades a used one, and proves the result: `odoo -u` of a module that does not
/// exist ends with success, so the states in the database are what counts.
fn migrate(env: &Environment) -> String {
    let wanted = modules(env).join(",");
    let upgrade = match env.release.spec.upgrade.tool {
        UpgradeTool::ClickOdoo => format!(
            "click-odoo-update -c {MOUNT}/odoo.conf -d {} --ignore-core-addons --watcher-max-seconds 60",
            env.database_name()
        ),
        UpgradeTool::Odoo => "run_odoo -u \"$wanted\"".to_owned(),
    };
    let database = env.database_name();
    format!(
        r#"#!/bin/sh
# Brings the database to the release: installs into an empty one, upgrades a used one, proves the result.
set -eu
wanted={wanted}

query() {{
  psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$1"
}}

run_odoo() {{
  odoo --config={MOUNT}/odoo.conf -d {database} --stop-after-init --no-http --workers=0 --max-cron-threads=0 "$@"
}}

not_installed() {{
  query "SELECT coalesce(string_agg(name, ','), '') FROM unnest(string_to_array('$wanted', ',')) AS name
         WHERE NOT EXISTS (SELECT FROM public.ir_module_module m WHERE m.name = name.name AND m.state = 'installed')"
}}

if [ "$(query "SELECT to_regclass('public.ir_module_module') IS NOT NULL")" = f ]; then
  echo "installing $wanted"
  run_odoo -i "$wanted"
else
  echo "upgrading"
  {upgrade}
  missing=$(not_installed)
  if [ -n "$missing" ]; then
    echo "installing $missing"
    run_odoo -i "$missing"
  fi
fi

missing=$(not_installed)
if [ -n "$missing" ]; then
  echo "not installed afterwards: $missing" >&2
  exit 1
fi

# The database exporter reads the queues of Odoo under a role of its own.
for table in ir_cron mail_mail queue_job; do
  if [ "$(query "SELECT to_regclass('public.$table') IS NOT NULL AND to_regrole('cnpg_metrics_exporter') IS NOT NULL")" = t ]; then
    query "GRANT SELECT ON public.$table TO cnpg_metrics_exporter"
  fi
done
"#
    )
}

#[cfg(test)]
mod tests {
    use crate::fixture::{component, environment};

    fn conf(settings: &str, replace: &[(&str, &str)]) -> String {
        super::odoo_conf(&environment(settings, replace))
    }

    #[test]
    fn options_of_19() {
        insta::assert_snapshot!(conf("", &[]), @r#"
        [options]
        addons_path = /mnt/extra-addons
        data_dir = /var/lib/odoo
        db_host = db-rw
        db_maxconn = 8
        db_maxconn_gevent = 8
        db_name = hartmann
        db_port = 5432
        db_sslmode = require
        db_user = odoo
        gevent_port = 8072
        http_interface = 0.0.0.0
        http_port = 8069
        limit_memory_hard = 2147483648
        limit_memory_soft = 1610612736
        limit_request = 8192
        limit_time_cpu = 300
        limit_time_real = 600
        limit_time_real_cron = 3600
        limit_time_worker_cron = 3600
        list_db = False
        log_handler = :INFO,werkzeug:WARNING
        max_cron_threads = 0
        proxy_mode = True
        server_wide_modules = base,rpc,web,session_redis
        with_demo = False
        workers = 4
        "#);
    }

    #[test]
    fn options_of_17_are_those_that_17_knows() {
        insta::assert_snapshot!(conf("", &[("odoo: \"19.0\"", "odoo: \"17.0\"")]), @r#"
        [options]
        addons_path = /mnt/extra-addons
        data_dir = /var/lib/odoo
        db_host = db-rw
        db_maxconn = 8
        db_name = hartmann
        db_port = 5432
        db_sslmode = require
        db_user = odoo
        gevent_port = 8072
        http_interface = 0.0.0.0
        http_port = 8069
        limit_memory_hard = 2147483648
        limit_memory_soft = 1610612736
        limit_request = 8192
        limit_time_cpu = 300
        limit_time_real = 600
        limit_time_real_cron = 3600
        list_db = False
        log_handler = :INFO,werkzeug:WARNING
        max_cron_threads = 0
        proxy_mode = True
        server_wide_modules = base,web,session_redis
        without_demo = all
        workers = 4
        "#);
    }

    #[test]
    fn a_dedicated_database_is_named_and_not_filtered() {
        let conf = conf("", &[]);
        assert!(conf.contains("db_name = hartmann\n") && !conf.contains("dbfilter"));
    }

    #[test]
    fn the_file_is_a_secret_where_the_environment_is_not_read() {
        let objects = component(
            "configuration",
            &environment("", &[("odoo: \"19.0\"", "odoo: \"18.0\"")]),
        );
        let secret = objects.iter().find(|object| object.kind == "ExternalSecret").unwrap();
        let file = secret
            .value
            .pointer("/spec/target/template/data/odoo.conf")
            .unwrap()
            .as_str()
            .unwrap();
        assert!(file.contains("admin_passwd = {{ .password }}"), "{file}");
        assert!(objects[0].value.pointer("/data/odoo.conf").is_none());
    }

    #[test]
    fn a_changed_option_makes_another_object() {
        let name = |settings: &str| super::config_name(&environment(settings, &[]));
        assert_ne!(name(""), name("  odoo: {config: {limit_time_real_cron: \"5400\"}}\n"));
    }

    #[test]
    fn only_production_sweeps_the_bucket() {
        let bucket = "  filestore: {backend: bucket}\n";
        let file = |replace: &[(&str, &str)]| super::attachments(&environment(bucket, replace));
        assert!(file(&[]).contains("autovacuum_gc = True"));
        assert!(file(&[("tier: production", "tier: training")]).contains("autovacuum_gc = False"));
    }

    #[test]
    fn the_script_holds_nothing_that_flux_substitutes() {
        assert!(!super::migrate(&environment("", &[])).contains("${"));
    }
}
