//! The objects of one unit, its files, and how a file is read back.

use std::sync::Arc;

use serde_json::Value;

use crate::blueprint::{self, Unit};
use crate::diagnostic::{Finding, Source};
use crate::emit::{self, File};
use crate::manifest::Object;
use crate::references::{self, Inventories, Origin, World};
use crate::{defaults, workspace};

/// The objects of one unit.
pub(super) struct Made {
    pub(super) objects: Vec<Object>,
    /// What delivers an environment.
    pub(super) delivered: Vec<Object>,
}

impl Made {
    /// The references of a unit that lead nowhere.
    pub(super) fn dangling(&self, unit: &Unit, inventories: &Inventories) -> Vec<Finding> {
        let all = self.objects.iter().chain(&self.delivered);
        let Some(inventory) = inventories.get(unit.cluster().name.as_str()) else {
            return Vec::new();
        };
        let world = match unit {
            Unit::Environment(environment) => World::of_environment(all, environment.namespace.as_str(), inventory),
            Unit::Cluster(..) => World::of_cluster(all, Origin::Cluster, inventory),
            Unit::Delivery(..) => World::of_cluster(all, Origin::Delivery, inventory),
        };
        let found = references::check(&world).into_iter();
        found.map(|found| found.finding).collect()
    }

    pub(super) fn files(&self, unit: &Unit) -> Vec<File> {
        let mut files = emit::render(&unit.folder(), &self.objects);
        if let Some(environment) = unit.environment() {
            files.extend(emit::render(
                &format!("delivery/{}", environment.cluster.name),
                &self.delivered,
            ));
            files.push(File {
                path: format!("runbooks/{}.md", environment.id()),
                text: blueprint::runbook(environment, &self.objects),
            });
        }
        files
    }
}

/// An object as the server completes it.
pub(super) fn defaulted(mut object: Value) -> Value {
    defaults::apply(&mut object);
    object
}

/// What a file says that somebody else may have changed since; nothing when it is no manifest.
pub(super) fn parsed(bytes: Vec<u8>) -> Option<Value> {
    let source = Source {
        path: String::new(),
        text: String::from_utf8(bytes).ok()?,
    };
    let (documents, _) = workspace::parse(&Arc::new(source));
    documents
        .into_iter()
        .next()
        .map(|document| Value::clone(&document.value))
}
