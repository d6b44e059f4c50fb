//! What a build takes away from the clusters, so that data does not go unseen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::made::parsed;
use super::{Base, Selection};
use crate::blueprint::Unit;
use crate::diagnostic::Finding;
use crate::emit::Wanted;
use crate::model::Fleet;
use crate::validate::removal;

/// Returns the files of an earlier output that the new one does not have, those of units that are not selected aside.
pub(super) fn paths(base: &dyn Base, wanted: &Wanted, selection: Selection<'_>, units: &[Unit]) -> Vec<String> {
    let wanted: BTreeSet<&str> = wanted.iter().map(|want| &*want.path).collect();
    let others = units.iter().filter(|unit| !selection(unit));
    let kept: Vec<String> = others.flat_map(Unit::prefixes).collect();
    let is_kept = |path: &str| kept.iter().any(|prefix| path.starts_with(prefix.as_str()));
    let mut paths = base.paths();
    paths.retain(|path| !wanted.contains(path.as_str()) && !is_kept(path));
    paths.sort_unstable();
    paths
}

/// Complains about data that goes with removed files.
pub(super) fn check(
    fleet: &Fleet,
    removed: &[String],
    wanted: &Wanted,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<Finding> {
    // The owner of a file, and the file's name, which follows from the identity of its object.
    let names: BTreeSet<(&str, &str)> = match removed.is_empty() {
        true => BTreeSet::new(),
        false => wanted.iter().filter_map(|want| owned(&want.path)).collect(),
    };
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for path in removed.iter().filter(|path| removal::may_hold_data(path)) {
        let Some((owner, name)) = owned(path) else { continue };
        // It only moved to the folder of another component.
        if names.contains(&(owner, name)) {
            continue;
        }
        groups.entry(owner).or_default().extend(read(path).and_then(parsed));
    }
    for owner in left(fleet, removed) {
        let folder = format!("environments/{owner}/");
        let held = wanted.iter().map(|want| &*want.path);
        let held = held.filter(|path| path.starts_with(&folder) && removal::may_hold_data(path));
        groups
            .entry(owner)
            .or_default()
            .extend(held.filter_map(|path| read(path).and_then(parsed)));
    }
    let groups = groups.iter();
    groups
        .filter_map(|(owner, objects)| removal::check(fleet, owner, objects))
        .collect()
}

/// Whose a file is, `tenant/environment` or a cluster, and its name.
fn owned(path: &str) -> Option<(&str, &str)> {
    let (folder, rest) = path.split_once('/')?;
    let (_, name) = path.rsplit_once('/')?;
    let parts = match folder {
        "environments" => 2,
        "clusters" => 1,
        _ => return None,
    };
    let (end, _) = rest.match_indices('/').nth(parts - 1)?;
    Some((rest.get(..end)?, name))
}

/// The environments that leave a cluster but not the fleet: what they held there is deleted there.
fn left<'p>(fleet: &Fleet, removed: &'p [String]) -> BTreeSet<&'p str> {
    let leaves = |path: &'p String| {
        let (cluster, rest) = path.strip_prefix("delivery/")?.split_once("/environments/")?;
        let (end, _) = rest.match_indices('/').nth(1)?;
        let id = rest.get(..end)?;
        let mut environments = fleet.environments.iter();
        let is_elsewhere = environments.any(|it| it.id() == id && it.cluster.name.as_str() != cluster);
        is_elsewhere.then_some(id)
    };
    removed.iter().filter_map(leaves).collect()
}
