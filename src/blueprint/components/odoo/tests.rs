//! What guards the pods of Odoo.

use serde_json::json;

use crate::fixture::{component, environment, yaml_of};
use crate::manifest::Object;

fn at(object: &Object, pointer: &str) -> serde_json::Value {
    object.value.pointer(pointer).cloned().unwrap_or_default()
}

fn of(settings: &str, replace: &[(&str, &str)]) -> Vec<Object> {
    component("odoo", &environment(settings, replace))
}

#[test]
fn web_deployment() {
    insta::assert_snapshot!(yaml_of("Deployment", "web", &of("", &[])), @r#"
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: hartmann-production
      labels:
        app.kubernetes.io/component: web
        app.kubernetes.io/managed-by: formwork
        app.kubernetes.io/name: odoo
        formwork/cost-centre: "4100"
        formwork/environment: production
        formwork/tenant: hartmann
        formwork/tier: production
      annotations:
        argocd.argoproj.io/sync-wave: "4"
    spec:
      progressDeadlineSeconds: 900
      revisionHistoryLimit: 5
      selector:
        matchLabels:
          app.kubernetes.io/component: web
          app.kubernetes.io/name: odoo
      strategy:
        rollingUpdate:
          maxSurge: 1
          maxUnavailable: 0
        type: RollingUpdate
      template:
        metadata:
          labels:
            app.kubernetes.io/component: web
            app.kubernetes.io/managed-by: formwork
            app.kubernetes.io/name: odoo
            formwork/cost-centre: "4100"
            formwork/environment: production
            formwork/tenant: hartmann
            formwork/tier: production
        spec:
          automountServiceAccountToken: false
          containers:
          - name: odoo
            command:
            - odoo
            - --config=/etc/odoo/odoo.conf
            env:
            - name: PGHOST
              value: db-rw
            - name: PGPORT
              value: "5432"
            - name: PGUSER
              value: odoo
            - name: PGDATABASE
              value: hartmann
            - name: PGSSLMODE
              value: require
            - name: PGPASSWORD
              valueFrom:
                secretKeyRef:
                  key: password
                  name: db-app
            - name: ODOO_HTTP_SOCKET_TIMEOUT
              value: "10"
            - name: ODOO_ADMIN_PASSWD
              valueFrom:
                secretKeyRef:
                  key: password
                  name: odoo-admin
            - name: ODOO_SESSION_REDIS
              value: "1"
            - name: ODOO_SESSION_REDIS_URL
              valueFrom:
                secretKeyRef:
                  key: url
                  name: valkey-session
            - name: ODOO_SESSION_REDIS_PREFIX
              value: hartmann-production
            image: registry.formwork.example/erp/odoo:19.0-20261008@sha256:9bf832744e8d8c7459658b56320ab31b1f80bfb19f2640081292751614b3f142
            lifecycle:
              preStop:
                sleep:
                  seconds: 15
            livenessProbe:
              failureThreshold: 6
              httpGet:
                path: /web/health
                port: gevent
              periodSeconds: 20
              timeoutSeconds: 10
            ports:
            - name: http
              containerPort: 8069
              protocol: TCP
            - name: gevent
              containerPort: 8072
              protocol: TCP
            readinessProbe:
              failureThreshold: 3
              httpGet:
                path: /web/health
                port: http
              periodSeconds: 10
              timeoutSeconds: 5
            resources:
              limits:
                ephemeral-storage: 2Gi
                memory: 4Gi
              requests:
                cpu: "1"
                ephemeral-storage: 512Mi
                memory: 1610Mi
            securityContext:
              allowPrivilegeEscalation: false
              capabilities:
                drop:
                - ALL
              readOnlyRootFilesystem: true
            startupProbe:
              failureThreshold: 60
              httpGet:
                path: /web/health?db_server_status=1
                port: http
              periodSeconds: 5
              timeoutSeconds: 5
            volumeMounts:
            - name: config
              mountPath: /etc/odoo
              readOnly: true
            - name: data
              mountPath: /var/lib/odoo
            - name: tmp
              mountPath: /tmp
          enableServiceLinks: false
          priorityClassName: odoo-live
          securityContext:
            fsGroup: 101
            fsGroupChangePolicy: OnRootMismatch
            runAsGroup: 101
            runAsNonRoot: true
            runAsUser: 100
            seccompProfile:
              type: RuntimeDefault
          serviceAccountName: web
          terminationGracePeriodSeconds: 660
          topologySpreadConstraints:
          - labelSelector:
              matchLabels:
                app.kubernetes.io/component: web
                app.kubernetes.io/name: odoo
            matchLabelKeys:
            - pod-template-hash
            maxSkew: 1
            topologyKey: topology.kubernetes.io/zone
            whenUnsatisfiable: ScheduleAnyway
          - labelSelector:
              matchLabels:
                app.kubernetes.io/component: web
                app.kubernetes.io/name: odoo
            matchLabelKeys:
            - pod-template-hash
            maxSkew: 1
            topologyKey: kubernetes.io/hostname
            whenUnsatisfiable: ScheduleAnyway
          volumes:
          - name: config
            projected:
              sources:
              - configMap:
                  name: odoo-5a93b8ff
          - name: data
            persistentVolumeClaim:
              claimName: filestore
          - name: tmp
            emptyDir:
              sizeLimit: 1Gi
    "#);
}

#[test]
fn cron_deployment_answers_probes_on_the_event_loop() {
    let objects = of("", &[]);
    let container = "/spec/template/spec/containers/0";
    assert_eq!(
        at(&objects[1], &format!("{container}/command")),
        json!([
            "odoo",
            "--config=/etc/odoo/odoo.conf",
            "--workers=-1",
            "--max-cron-threads=2"
        ])
    );
    assert_eq!(
        at(&objects[1], &format!("{container}/livenessProbe/httpGet/port")),
        "gevent"
    );
    assert_eq!(at(&objects[1], &format!("{container}/ports/0/containerPort")), 8072);
    assert_eq!(
        at(&objects[1], "/spec/template/spec/terminationGracePeriodSeconds"),
        3660
    );
}

#[test]
fn user_is_a_number_that_fits_the_image() {
    for (series, user, group) in [("19.0", 100, 101), ("18.0", 100, 101), ("17.0", 101, 101)] {
        let objects = of("", &[("odoo: \"19.0\"", &format!("odoo: \"{series}\""))]);
        let context = at(&objects[0], "/spec/template/spec/securityContext");
        assert_eq!(
            (context["runAsUser"].as_i64(), context["runAsGroup"].as_i64()),
            (Some(user), Some(group)),
            "{series}"
        );
        assert_eq!(context["fsGroup"], group);
    }
}

#[test]
fn service_links_are_off() {
    for object in of("", &[]).iter().filter(|object| object.kind == "Deployment") {
        assert_eq!(at(object, "/spec/template/spec/enableServiceLinks"), false);
    }
}

#[test]
fn threaded_server_has_no_event_loop() {
    let objects = of("  odoo: {workers: 0}\n", &[("tier: production", "tier: development")]);
    assert_eq!(
        at(
            &objects[0],
            "/spec/template/spec/containers/0/livenessProbe/httpGet/port"
        ),
        "http"
    );
    assert_eq!(
        at(&objects[0], "/spec/template/spec/containers/0/ports")
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(at(&objects[2], "/spec/ports").as_array().map(Vec::len), Some(1));
}

#[test]
fn websocket_health_is_never_probed() {
    let text = of("", &[])
        .iter()
        .map(|object| object.value.to_string())
        .collect::<String>();
    assert!(!text.contains("/websocket/health"));
}

#[test]
fn only_known_odoo_variables_reach_the_container() {
    let objects = of("", &[("modules: [base", "queue: true\n  modules: [base")]);
    let allowed = ["ODOO_ADMIN_PASSWD", "ODOO_HTTP_SOCKET_TIMEOUT"];
    for variable in at(&objects[0], "/spec/template/spec/containers/0/env")
        .as_array()
        .unwrap()
    {
        let name = variable["name"].as_str().unwrap();
        let known =
            allowed.contains(&name) || name.starts_with("ODOO_SESSION_REDIS") || name.starts_with("ODOO_QUEUE_JOB_");
        assert!(known || !name.starts_with("ODOO_"), "{name}");
    }
}

#[test]
fn passwords_stay_off_the_command_line() {
    for object in of("", &[]) {
        assert!(
            !at(&object, "/spec/template/spec/containers/0/command")
                .to_string()
                .contains("password")
        );
    }
}

#[test]
fn autoscaler_owns_the_replicas_it_may_change() {
    assert!(at(&of("", &[])[0], "/spec/replicas").is_null());
    let fixed = of("  autoscaling: {minimum: 3, maximum: 3}\n", &[]);
    assert_eq!(at(&fixed[0], "/spec/replicas"), 3);
}

#[test]
fn grace_outlasts_the_longest_request() {
    let objects = of("  odoo: {requestTimeout: 1800}\n", &[]);
    assert_eq!(
        at(&objects[0], "/spec/template/spec/terminationGracePeriodSeconds"),
        1860
    );
}
