//! The pages of what is said of the objects of KEDA.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const REPLICAS: Code = Code {
    id: "scaled-object-replicas",
    title: "bounds of replicas that contradict each other",
    why: "The least is not above the most and above the idle count. CPU and memory alone cannot wake a workload that was scaled to zero, and a fallback needs a trigger that can fail.",
    fix: "correct the number that the message names",
    bad: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 minReplicaCount: 0\n\
          \x20 triggers:\n\
          \x20 - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}",
    good: "apiVersion: keda.sh/v1alpha1\n\
           kind: ScaledObject\n\
           metadata: {name: odoo, namespace: hartmann-bau-production}\n\
           spec:\n\
           \x20 scaleTargetRef: {name: odoo}\n\
           \x20 minReplicaCount: 1\n\
           \x20 triggers:\n\
           \x20 - {type: cpu, metricType: Utilization, metadata: {value: \"60\"}}",
};

pub(super) const TRIGGER: Code = Code {
    id: "scaled-object-trigger",
    title: "triggers that are missing, named twice or cannot be cached",
    why: "An object without triggers scales nothing. Names of triggers are referred to by formulas, so each stands once. CPU, memory and time have no metrics that could be cached.",
    fix: "add the trigger, or rename one of the two",
    bad: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   useCachedMetrics: true\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
    good: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
};

pub(super) const WINDOW: Code = Code {
    id: "scaling-window",
    title: "a window of time that KEDA cannot read",
    why: "Start and end are schedules of five fields in a time zone of the IANA database, and the count is a number above zero. The webhook lets others pass, but the trigger then fails and nothing is scaled.",
    fix: "write minute, hour, day, month and weekday, `0 7 * * 1-5`",
    bad: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
    good: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
};

pub(super) const NAME: Code = Code {
    id: "scaled-object-name",
    title: "a name from which no autoscaler can be named",
    why: "KEDA makes an autoscaler named `keda-hpa-` and the name of the object, and a label of both; a label has at most 63 characters.",
    fix: "shorten the name, or set the name of the autoscaler",
    bad: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: hartmann-bau-production-odoo-web-frontend-with-business-hours, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
    good: "apiVersion: keda.sh/v1alpha1\n\
          kind: ScaledObject\n\
          metadata: {name: odoo-web, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 scaleTargetRef: {name: odoo}\n\
          \x20 triggers:\n\
          \x20 - type: cron\n\
          \x20   metadata: {timezone: Europe/Berlin, start: \"0 7 * * 1-5\", end: 0 19 * * 1-5, desiredReplicas: \"4\"}",
};

pub(super) const AUTHENTICATION: Code = Code {
    id: "trigger-authentication",
    title: "an authentication that is incomplete",
    why: "An identity of a cloud names itself completely, and OAuth needs its client and an address of the web.",
    fix: "add the field that the message names",
    bad: "apiVersion: keda.sh/v1alpha1\n\
          kind: TriggerAuthentication\n\
          metadata: {name: queue, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 podIdentity: {provider: aws, externalID: hartmann-bau}",
    good: "apiVersion: keda.sh/v1alpha1\n\
          kind: TriggerAuthentication\n\
          metadata: {name: queue, namespace: hartmann-bau-production}\n\
          spec:\n\
          \x20 podIdentity: {provider: aws, externalID: hartmann-bau, roleArn: \"arn:aws:iam::123456789012:role/queue\"}",
};
