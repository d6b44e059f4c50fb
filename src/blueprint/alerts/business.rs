//! Alerts on what Odoo should have done by now: scheduled actions, mail, jobs.
//!
//! Odoo has no metrics of its own; the database exporter asks its tables.

use super::Severity::Warning;
use super::{Alert, always};
use crate::model::Environment;

pub(super) const ALERTS: &[Alert] = &[
    Alert {
        name: "ActionsOverdue",
        severity: Warning,
        applies: always,
        expression: r#"max(cnpg_odoo_cron_overdue{namespace="$namespace"}) > 0"#,
        lasts: "30m",
        summary: "scheduled actions are overdue",
        meaning: "Mail, bank imports, reminders and follow-ups wait. The pages work.",
        looks: &[
            "kubectl -n $namespace get pods -l app.kubernetes.io/component=cron",
            "kubectl -n $namespace logs deployment/cron --since=1h --tail=200",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c \"SELECT id, cron_name, nextcall, lastcall FROM ir_cron WHERE active AND nextcall < now() at time zone 'utc' ORDER BY nextcall LIMIT 10\"",
        ],
        remedy: "No cron pod ready: start there. One action that runs for hours: its name is in the log; it is killed at \
            its time limit. All of them late: raise `odoo.cronThreads` or `odoo.cronPods` in `$file`.",
    },
    Alert {
        name: "ActionsFailing",
        severity: Warning,
        applies: always,
        expression: r#"max(cnpg_odoo_cron_failing{namespace="$namespace"}) > 0"#,
        lasts: "1h",
        summary: "scheduled actions fail again and again",
        meaning: "Odoo switches an action off after several failures in a row, and then it is silent.",
        looks: &[
            "kubectl -n $namespace logs deployment/cron --since=6h | grep -B2 -A20 'Traceback' | tail -80",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c 'SELECT id, cron_name, failure_count, first_failure_date FROM ir_cron WHERE failure_count > 0 ORDER BY 3 DESC'",
        ],
        remedy: "Hand the traceback to whoever looks after the module. When it is mended, run the action once by hand \
            (Settings, Technical, Scheduled Actions) and see that it is still active.",
    },
    Alert {
        name: "MailBacklog",
        severity: Warning,
        applies: sends_mail,
        expression: r#"max(cnpg_odoo_mail_outgoing{namespace="$namespace"}) > 200
or max(delta(cnpg_odoo_mail_failed{namespace="$namespace"}[1h])) > 10"#,
        lasts: "30m",
        summary: "mail is not sent",
        meaning: "Quotations, invoices and password resets do not reach people.",
        looks: &[
            "kubectl -n $namespace logs deployment/cron --since=1h | grep -iE 'mail|smtp' | tail -50",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c \"SELECT state, failure_type, left(failure_reason, 80), count(*) FROM mail_mail WHERE state IN ('outgoing', 'exception') GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 10\"",
        ],
        remedy: "One reason for all: the mail server refuses the password or the sender, or is not reached (ports 465 \
            and 587 must be open: `egress.mail`). A campaign of thousands: wait. After mending, choose *Retry* on the \
            failed mails in Odoo.",
    },
    Alert {
        name: "QueueBacklog",
        severity: Warning,
        applies: queues,
        expression: r#"sum(cnpg_odoo_queue_jobs{namespace="$namespace",state=~"pending|enqueued"}) > 1000
or max(delta(cnpg_odoo_queue_jobs{namespace="$namespace",state="failed"}[1h])) > 10"#,
        lasts: "30m",
        summary: "jobs pile up or fail",
        meaning: "What was promised for later (exports, synchronisations, mass updates) does not happen.",
        looks: &[
            "kubectl -n $namespace logs deployment/cron --since=1h | grep queue_job | tail -50",
            "kubectl -n $namespace exec -it svc/db-rw -c postgres -- psql $database -c \"SELECT channel, state, count(*), min(date_created) FROM queue_job WHERE state NOT IN ('done', 'cancelled') GROUP BY 1, 2 ORDER BY 3 DESC\"",
        ],
        remedy: "Nothing is started: restart the cron pods, since one of them leads the queue. Failed jobs: read their \
            reason in Odoo (Job Queue, Jobs), mend it, and requeue them.",
    },
];

fn sends_mail(env: &Environment) -> bool {
    env.spec.egress.mail
}

fn queues(env: &Environment) -> bool {
    env.release.spec.queue
}
