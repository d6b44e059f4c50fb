//! What must hold of the documents that environments refer to, whoever refers to them.
//!
//! Said once for each document, however many environments use it.

use crate::diagnostic::Finding;
use crate::model::fleet::{Calendar, Cluster, Platform};
use crate::text::Image;

/// Checks the platform's own images.
pub(in crate::model) fn platform(platform: &Platform, findings: &mut Vec<Finding>) {
    let images = &platform.spec.images;
    let own = [
        ("/images/valkey".to_owned(), &images.valkey),
        ("/images/valkeyExporter".to_owned(), &images.valkey_exporter),
    ];
    let databases = images.postgresql.iter();
    let databases = databases.map(|(version, image)| (format!("/images/postgresql/{version}"), image));
    for (pointer, image) in databases.chain(own) {
        if let Some(finding) = registry(platform, image) {
            findings.push(finding.at(platform.locate(&pointer)).field(format!("/spec{pointer}")));
        }
    }
}

/// Whether an image may be used at all.
pub(super) fn registry(platform: &Platform, image: &Image) -> Option<Finding> {
    let registries = &platform.spec.registries;
    if registries.iter().any(|prefix| image.as_str().starts_with(prefix)) {
        return None;
    }
    let listed: Vec<String> = registries.iter().map(|prefix| format!("`{prefix}`")).collect();
    let message = format!("`{image}` comes from a registry that the platform does not list");
    let help = format!("mirror it into {}", listed.join(" or "));
    Some(Finding::error("registry-not-allowed", message).help(help))
}

/// Checks that every add-on of a cluster has a chart.
pub(in crate::model) fn cluster(cluster: &Cluster, findings: &mut Vec<Finding>) {
    let platform = &cluster.platform;
    for (index, add_on) in cluster.spec.add_ons.iter().enumerate() {
        if platform.spec.charts.contains_key(add_on) {
            continue;
        }
        let name = add_on.as_str();
        findings.push(
            Finding::error("missing-add-on", format!("the platform has no chart of `{name}`"))
                .at(cluster.locate(&format!("/addOns/{index}")))
                .with(
                    platform.document.locate_key("/spec/charts"),
                    "the charts of the platform",
                )
                .field(format!("/spec/addOns/{index}"))
                .help(format!("add `{name}` to the platform's `charts`")),
        );
    }
}

/// Checks that windows open and stretches run forwards.
pub(in crate::model) fn calendar(calendar: &Calendar, findings: &mut Vec<Finding>) {
    let spec = &calendar.spec;
    let mut refuse = |pointer: String, message: String, help: &str| {
        let finding = Finding::error("bad-schedule", message).at(calendar.locate(&pointer));
        findings.push(finding.field(format!("/spec{pointer}")).help(help));
    };
    for (list, windows) in [("maintenance", &spec.maintenance), ("peaks", &spec.peaks)] {
        for (index, window) in windows.iter().enumerate() {
            if window.schedule.longest_gap().is_none() {
                let message = format!("`{}` never comes", window.schedule);
                refuse(format!("/{list}/{index}/schedule"), message, "choose a day that exists");
            }
        }
    }
    for (index, hours) in spec.working_hours.iter().enumerate() {
        if hours.from >= hours.to {
            let message = format!("`{}` is not after `{}`", hours.to, hours.from);
            refuse(
                format!("/workingHours/{index}/to"),
                message,
                "end the hours after they begin",
            );
        }
    }
    for (index, freeze) in spec.freezes.iter().enumerate() {
        if freeze.from > freeze.to {
            let message = format!("`{}` is before `{}`", freeze.to, freeze.from);
            refuse(
                format!("/freezes/{index}/to"),
                message,
                "end the freeze after it begins",
            );
        }
    }
}
