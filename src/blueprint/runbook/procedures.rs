//! What is done on purpose: restart, roll back, restore, look into the database.
//!
//! A restore is a change of the environment's file like any other; only what must not run meanwhile is stopped by hand.

use crate::blueprint::names::{BACKUP_PLUGIN, BACKUP_STORE, DATABASE_OWNER, DATABASE_SECRET};
use crate::manifest::Object;
use crate::model::{Autoscaler, Engine, Environment};

pub(super) fn restart(env: &Environment) -> String {
    let namespace = &env.namespace;
    format!(
        "## Restart

Pods are replaced one by one; requests in progress end first.

```sh
kubectl -n {namespace} rollout restart deployment/web deployment/cron
kubectl -n {namespace} rollout status deployment/web
```

The database restarts its standbys first; the primary is away for seconds:

```sh
kubectl cnpg restart db -n {namespace}
```

"
    )
}

pub(super) fn roll_back(env: &Environment, objects: &[Object]) -> String {
    let Environment { namespace, release, .. } = env;
    let (file, release) = (file(env), &release.name);
    let job = objects
        .iter()
        .find(|object| object.kind == "Job")
        .map_or("JOB", |job| job.name.as_str());
    format!(
        "## Roll back a release

Odoo cannot take a database back to an earlier release. Ask first what the migration did:

```sh
kubectl -n {namespace} logs job/{job} --tail=200
```

1. It changed nothing: set `release:` in `{file}` from `{release}` to the release before, run `formwork`, and merge.
2. It changed tables: do that, and restore to the moment before the job began. People lose what they did since; if that
   is more than the release is worth, go forward with a mended one instead.

"
    )
}

pub(super) fn restore(env: &Environment, objects: &[Object]) -> String {
    let namespace = &env.namespace;
    let (file, folder) = (
        file(env),
        format!("{}/environments/{}", env.platform.spec.repository.path, env.id()),
    );
    let owner = &env.tenant.spec.owner;
    let incarnation = env.spec.backup.incarnation;
    let next = incarnation + 1;
    let (pause, stop, start, patch) = (pause(env), stop(env), start(env), recovery(env, objects));
    format!(
        "## Restore to a point in time

The database is made anew from the archive; what was written after the chosen moment is gone. Attachments stay: those
that are newer than the database are merely not referred to. Agree on the moment with <{owner}>.

1. Pause the delivery, so that nothing starts too early: {pause}.
2. Stop Odoo:

   ```sh
{stop}   ```

3. In `{file}`, raise the incarnation from {incarnation} to {next}, so that the new database does not write into the
   archive of the old one, and say where to recover from:

   ```yaml
{patch}   ```

4. Run `formwork` and merge. Then make room; the class of the volumes retains them until somebody deletes them:

   ```sh
   kubectl -n {namespace} delete clusters.postgresql.cnpg.io db
   ```

5. Make the new one from what was merged, and watch it recover:

   ```sh
   kubectl apply --server-side --force-conflicts -f {folder}/database
   kubectl cnpg status db -n {namespace}
   ```

6. Prove it before people come back: the last invoice is older than the moment, the number of users is right. Take a
   base backup of the new incarnation at once:

   ```sh
   kubectl cnpg backup db -n {namespace} --method plugin --plugin-name {BACKUP_PLUGIN}
   ```

7. Start Odoo and resume the delivery. The override may stay: it has no effect on a database that exists, and tells
   where this one came from.

   ```sh
{start}   ```

"
    )
}

fn pause(env: &Environment) -> String {
    match env.cluster.spec.gitops.engine {
        Engine::Argocd => format!(
            "in Argo CD, switch off the automated sync of the application of `{}`",
            env.id()
        ),
        Engine::Flux => format!("`flux suspend kustomization`, for each one of `{}`", env.id()),
    }
}

/// An autoscaler of KEDA would start the pods again.
fn stop(env: &Environment) -> String {
    let namespace = &env.namespace;
    let web = if scaled_by_keda(env) {
        format!("kubectl -n {namespace} annotate scaledobject web autoscaling.keda.sh/paused-replicas=0")
    } else {
        format!("kubectl -n {namespace} scale deployment/web --replicas=0")
    };
    lines(&[
        web,
        format!("kubectl -n {namespace} scale deployment/cron --replicas=0"),
    ])
}

fn start(env: &Environment) -> String {
    let Environment { namespace, sizing, .. } = env;
    let web = if scaled_by_keda(env) {
        format!("kubectl -n {namespace} annotate scaledobject web autoscaling.keda.sh/paused-replicas-")
    } else {
        format!(
            "kubectl -n {namespace} scale deployment/web --replicas={}",
            sizing.minimum
        )
    };
    lines(&[
        web,
        format!(
            "kubectl -n {namespace} scale deployment/cron --replicas={}",
            sizing.cron_pods
        ),
    ])
}

fn scaled_by_keda(env: &Environment) -> bool {
    env.sizing.minimum != env.sizing.maximum && env.cluster.spec.autoscaler == Autoscaler::Keda
}

/// What goes into the environment's file.
fn recovery(env: &Environment, objects: &[Object]) -> String {
    let next = env.spec.backup.incarnation + 1;
    let (database, archive) = (env.database_name(), archive(objects));
    let yaml = format!(
        "spec:
  backup:
    incarnation: {next}
  overrides:
    - kind: Cluster
      name: db
      reason: restored to YYYY-MM-DDTHH:MM:SSZ because of …
      patch:
        spec:
          bootstrap:
            initdb: null
            recovery:
              source: origin
              database: {database}
              owner: {DATABASE_OWNER}
              secret:
                name: {DATABASE_SECRET}
              recoveryTarget:
                targetTime: \"YYYY-MM-DDTHH:MM:SSZ\"
          externalClusters:
            - name: origin
              plugin:
                name: {BACKUP_PLUGIN}
                parameters:
                  barmanObjectName: {BACKUP_STORE}
                  serverName: {archive}"
    );
    lines(&yaml.lines().map(str::to_owned).collect::<Vec<_>>())
}

/// The name under which the database archives now.
fn archive(objects: &[Object]) -> &str {
    let cluster = objects
        .iter()
        .find(|object| object.kind == "Cluster" && object.group() == "postgresql.cnpg.io");
    let plugins = cluster.and_then(|cluster| cluster.value.pointer("/spec/plugins")?.as_array());
    let name = plugins
        .into_iter()
        .flatten()
        .find_map(|plugin| plugin.pointer("/parameters/serverName")?.as_str());
    name.unwrap_or("SERVER_NAME")
}

/// Lines inside a numbered item.
fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("   {line}\n")).collect()
}

pub(super) fn psql(env: &Environment) -> String {
    let Environment { namespace, .. } = env;
    let database = env.database_name();
    format!(
        "## Open psql

As superuser, on the primary. Reading is harmless; write only what was reviewed, and inside a transaction.

```sh
kubectl -n {namespace} exec -it svc/db-rw -c postgres -- psql {database}
```
"
    )
}

fn file(env: &Environment) -> String {
    format!("environments/{}.yaml", env.id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{component, environment};
    use crate::kinds::cnpg;

    #[test]
    fn restore_of_production() {
        let env = environment("  autoscaling: {minimum: 2, maximum: 4}\n", &[]);
        insta::assert_snapshot!(restore(&env, &component("database", &env)), @r#"
        ## Restore to a point in time

        The database is made anew from the archive; what was written after the chosen moment is gone. Attachments stay: those
        that are newer than the database are merely not referred to. Agree on the moment with <it@hartmann.example>.

        1. Pause the delivery, so that nothing starts too early: in Argo CD, switch off the automated sync of the application of `hartmann/production`.
        2. Stop Odoo:

           ```sh
           kubectl -n hartmann-production annotate scaledobject web autoscaling.keda.sh/paused-replicas=0
           kubectl -n hartmann-production scale deployment/cron --replicas=0
           ```

        3. In `environments/hartmann/production.yaml`, raise the incarnation from 1 to 2, so that the new database does not write into the
           archive of the old one, and say where to recover from:

           ```yaml
           spec:
             backup:
               incarnation: 2
             overrides:
               - kind: Cluster
                 name: db
                 reason: restored to YYYY-MM-DDTHH:MM:SSZ because of …
                 patch:
                   spec:
                     bootstrap:
                       initdb: null
                       recovery:
                         source: origin
                         database: hartmann
                         owner: odoo
                         secret:
                           name: db-app
                         recoveryTarget:
                           targetTime: "YYYY-MM-DDTHH:MM:SSZ"
                     externalClusters:
                       - name: origin
                         plugin:
                           name: barman-cloud.cloudnative-pg.io
                           parameters:
                             barmanObjectName: backup
                             serverName: db-0001
           ```

        4. Run `formwork` and merge. Then make room; the class of the volumes retains them until somebody deletes them:

           ```sh
           kubectl -n hartmann-production delete clusters.postgresql.cnpg.io db
           ```

        5. Make the new one from what was merged, and watch it recover:

           ```sh
           kubectl apply --server-side --force-conflicts -f generated/environments/hartmann/production/database
           kubectl cnpg status db -n hartmann-production
           ```

        6. Prove it before people come back: the last invoice is older than the moment, the number of users is right. Take a
           base backup of the new incarnation at once:

           ```sh
           kubectl cnpg backup db -n hartmann-production --method plugin --plugin-name barman-cloud.cloudnative-pg.io
           ```

        7. Start Odoo and resume the delivery. The override may stay: it has no effect on a database that exists, and tells
           where this one came from.

           ```sh
           kubectl -n hartmann-production annotate scaledobject web autoscaling.keda.sh/paused-replicas-
           kubectl -n hartmann-production scale deployment/cron --replicas=1
           ```
        "#);
    }

    #[test]
    fn what_the_restore_tells_to_write_makes_a_database_from_the_archive() {
        let env = environment("", &[]);
        let text = restore(&env, &component("database", &env));
        let block = text.split("```yaml\n").nth(1).unwrap().split("   ```").next().unwrap();
        let settings: String = block
            .lines()
            .skip(1)
            .map(|line| format!("{}\n", line.strip_prefix("   ").unwrap()))
            .collect();
        let restored = component("database", &environment(&settings, &[]));
        let cluster = restored
            .iter()
            .find_map(|object| object.view::<cnpg::Cluster>())
            .unwrap()
            .spec;
        let bootstrap = cluster.bootstrap.unwrap();
        assert!(bootstrap.initdb.is_none());
        assert_eq!(bootstrap.recovery.unwrap().source.as_deref(), Some("origin"));
        let origin = cluster.external_clusters[0].plugin.clone().unwrap();
        assert_eq!(origin.parameters["serverName"], "db-0001");
        assert_eq!(cluster.plugins[0].parameters["serverName"], "db-0002");
        assert_eq!(
            origin.parameters["barmanObjectName"],
            cluster.plugins[0].parameters["barmanObjectName"]
        );
    }

    #[test]
    fn the_autoscaler_is_held_while_odoo_is_stopped() {
        let keda = environment("  autoscaling: {minimum: 2, maximum: 4}\n", &[]);
        assert!(stop(&keda).contains("annotate scaledobject web autoscaling.keda.sh/paused-replicas=0"));
        assert!(start(&keda).contains("annotate scaledobject web autoscaling.keda.sh/paused-replicas-"));
        let fixed = environment("  autoscaling: {minimum: 2, maximum: 2}\n", &[]);
        assert!(stop(&fixed).contains("scale deployment/web --replicas=0"));
        assert!(start(&fixed).contains("scale deployment/web --replicas=2"));
    }

    #[test]
    fn roll_back_names_the_job() {
        let env = environment("", &[]);
        let jobs = component("migration", &env);
        let text = roll_back(&env, &jobs);
        let log = format!("kubectl -n hartmann-production logs job/{} --tail=200\n", jobs[0].name);
        assert!(text.contains(&log), "{text}");
    }
}
