//! Whether what an environment runs fits into what it is given: workers, memory, pods, connections, volumes.

use super::{Demands, counted, reserved};
use crate::diagnostic::Finding;
use crate::model::sizing::{RESERVED_CONNECTIONS, Sizing};
use crate::model::spec::*;

impl Demands<'_> {
    pub(super) fn odoo(&mut self) {
        let env = self.environment;
        let sizing = &env.sizing;
        if sizing.workers == 0 && env.spec.tier != Tier::Development {
            let message = "without workers, Odoo serves one request at a time";
            let help = "at least 1 is needed; only development may run the threaded server";
            self.refuse("out-of-range", "/odoo/workers", message, help);
        }
        let least = Sizing::least_web_memory(sizing.workers);
        if sizing.web_memory_limit < least {
            let workers = counted(sizing.workers, "worker");
            let message = format!(
                "{workers} of a web pod do not fit into {}Mi",
                sizing.web_memory_limit >> 20
            );
            let help = format!("write at least `{}Mi`, or run fewer workers in a pod", least >> 20);
            self.refuse("memory-too-small", "/odoo/memory", message, help);
        }
        let scaling = &env.spec.autoscaling;
        if sizing.minimum < scaling.floor {
            let pods = counted(scaling.floor, "web pod");
            let message = format!(
                "`{}` promises at least {pods}, not {}",
                env.resilience.name, sizing.minimum
            );
            let help = format!("write at least {}, or choose another resilience class", scaling.floor);
            self.refuse("too-few-replicas", "/autoscaling/minimum", message, help);
        }
        let minimum = scaling.minimum.unwrap_or(scaling.floor);
        if let Some(maximum) = scaling.maximum.filter(|maximum| *maximum < minimum) {
            let message = format!("the maximum of {maximum} is below the minimum of {minimum}");
            self.refuse(
                "out-of-range",
                "/autoscaling/maximum",
                message,
                "raise `maximum` or lower `minimum`",
            );
        }
        if env.spec.odoo.demo_data && env.spec.tier.is_live() {
            let message = "production takes no demonstration data";
            self.refuse("demo-data", "/odoo/demoData", message, "write `demoData: false`");
        }
        self.volumes();
        self.options();
    }

    fn volumes(&mut self) {
        let spec = &self.environment.spec;
        for (pointer, size) in [
            ("/database/storage", &spec.database.storage),
            ("/cache/storage", &spec.cache.storage),
            ("/filestore/size", &spec.filestore.size),
        ] {
            if size.bytes() < 1 << 30 {
                let message = format!("a volume of `{size}` is too small");
                self.refuse("out-of-range", pointer, message, "the least is `1Gi`");
            }
        }
    }

    pub(super) fn database(&mut self) {
        let env = self.environment;
        let (database, sizing) = (&env.spec.database, &env.sizing);
        let needed = sizing.connection_budget + RESERVED_CONNECTIONS;
        if needed > sizing.max_connections {
            let message = format!(
                "{} and {} may open {} connections, and {RESERVED_CONNECTIONS} are reserved, but PostgreSQL allows {}",
                counted(sizing.maximum, "web pod"),
                counted(sizing.cron_pods, "cron pod"),
                sizing.connection_budget,
                sizing.max_connections
            );
            let help = format!("allow at least {needed}, or fewer pods");
            self.refuse("connection-budget", "/database/maxConnections", message, help);
        }
        let (message, help) = match database.synchronous {
            Synchronous::Required if database.instances < 3 => (
                "with `synchronous: required` the loss of one server stops all writes",
                "use 3 instances, or `synchronous: preferred`",
            ),
            Synchronous::Preferred if database.instances < 2 => (
                "with `synchronous: preferred` one server has no standby to wait for",
                "use 2 instances, or `synchronous: none`",
            ),
            _ => ("", ""),
        };
        if !message.is_empty() {
            self.refuse("standby-impossible", "/database/instances", message, help);
        }
        if sizing.wal_storage < 2 << 30 {
            let message = "the write-ahead log does not fit into so small a volume";
            self.refuse("out-of-range", "/database/walStorage", message, "the least is `2Gi`");
        }
    }

    /// What the platform sets itself nobody else may set.
    fn options(&mut self) {
        let env = self.environment;
        for (OptionName(option), value) in &env.spec.odoo.config {
            let pointer = format!("/odoo/config/{option}");
            if reserved::is_odoo_option(option) {
                let message = format!("`{option}` is set by the platform");
                let help = "remove it; most have a field of their own (`formwork schema Environment`)";
                self.refuse_key("reserved-option", &pointer, message, help);
            }
            // Before Odoo 19 the file is a template of External Secrets.
            if value.0.contains("{{") {
                let message = "`{{` begins a template";
                self.refuse("bad-format", &pointer, message, "write the value without braces");
            }
        }
        for ParameterName(parameter) in env.spec.database.parameters.keys() {
            if reserved::is_database_parameter(parameter) {
                let message = format!("`{parameter}` is set by CloudNativePG");
                let help = match parameter.as_str() {
                    "max_connections" => "set `database.maxConnections` instead",
                    _ => "remove it",
                };
                let pointer = format!("/database/parameters/{parameter}");
                self.refuse_key("reserved-option", &pointer, message, help);
            }
        }
        if reserved::is_database(&env.database_name()) {
            let message = format!(
                "the tenant `{}` has the name of a database of PostgreSQL",
                env.tenant.name
            );
            let place = env.tenant.document.locate("/metadata/name");
            let finding = Finding::error("bad-name", message).at(place).field("/metadata/name");
            self.findings.push(finding.help("give the tenant another name"));
        }
    }
}
