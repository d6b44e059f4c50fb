//! Waivers: which findings need not hold, who says so, and until when.
//!
//! A waiver that does nothing, does more than it must, or counts for too long is itself a finding. Days are compared
//! with the day of the build, never with the clock.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::diagnostic::{Finding, Level, Waived, nearest};
use crate::model::{Fleet, Waiver};
use crate::text::glob;

/// Days before its end at which a waiver is announced.
const SOON: i64 = 14;

/// The waivers of a workspace, and what each has waived so far.
#[derive(Debug)]
pub struct Waivers<'a> {
    fleet: &'a Fleet,
    used: Vec<Mutex<BTreeSet<Use>>>,
}

/// What one finding took of a waiver.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    level: Level,
    policy: String,
    subject: String,
    object: Option<(String, String)>,
    field: String,
}

impl<'a> Waivers<'a> {
    /// Takes the waivers of a workspace.
    pub fn new(fleet: &'a Fleet) -> Self {
        let used = all(fleet).iter().map(|_| Mutex::default()).collect();
        Self { fleet, used }
    }

    /// Checks what the waivers say of policies and of the fleet; `known` are the codes that can be waived.
    pub fn check(&self, known: &BTreeSet<&str>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for waiver in all(self.fleet) {
            policies(waiver, known, &mut findings);
            self.subject(waiver, &mut findings);
        }
        findings
    }

    /// Marks the findings that a waiver covers. One that has expired covers nothing; the finding then says so.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings {
            for (waiver, used) in all(self.fleet).iter().zip(&self.used) {
                let Some(needed) = covered(waiver, finding) else {
                    continue;
                };
                used.lock().unwrap_or_else(PoisonError::into_inner).insert(needed);
                if self.days_left(waiver) < 0 {
                    let what = format!("the waiver `{}` ended on {}", waiver.name, waiver.spec.expires);
                    finding.related.push((waiver.locate("/expires"), what));
                } else if finding.waived_by.is_none() {
                    finding.waived_by = Some(waived(waiver));
                }
            }
        }
    }

    /// Says what is wrong with the waivers, once all findings have been seen.
    pub fn close(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (waiver, used) in all(self.fleet).iter().zip(&self.used) {
            let used = used.lock().unwrap_or_else(PoisonError::into_inner);
            if used.is_empty() {
                findings.push(unused(waiver));
                continue;
            }
            self.lifetime(waiver, &used, &mut findings);
            self.breadth(waiver, &used, &mut findings);
        }
        findings
    }

    fn days_left(&self, waiver: &Waiver) -> i64 {
        let (today, end) = (self.fleet.today.day(), waiver.spec.expires.day());
        let span = today.until(end);
        span.map_or(0, |span| i64::from(span.get_days()))
    }

    fn subject(&self, waiver: &Waiver, findings: &mut Vec<Finding>) {
        let subject = &waiver.spec.subject;
        if subject.environments.is_empty() && subject.clusters.is_empty() {
            findings.push(
                Finding::error(
                    "waiver-without-subject",
                    format!("the waiver `{}` is about nothing", waiver.name),
                )
                .at(waiver.document.locate_key("/spec/subject"))
                .help("name its `environments`, or its `clusters`"),
            );
        }
        let environments: Vec<String> = self.fleet.environments.iter().map(|it| it.id()).collect();
        let clusters: Vec<String> = self.fleet.clusters.iter().map(|it| it.name.to_string()).collect();
        for (list, name, patterns, known) in [
            ("environments", "environment", &subject.environments, environments),
            ("clusters", "cluster", &subject.clusters, clusters),
        ] {
            for (index, pattern) in patterns.iter().enumerate() {
                if !known.iter().any(|known| glob::matches(pattern, known)) {
                    let help = match nearest(pattern, known.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "remove it, or name one that exists".into(),
                    };
                    let place = waiver.locate(&format!("/subject/{list}/{index}"));
                    let message = format!("no {name} is called `{pattern}`");
                    findings.push(Finding::new("unused-waiver", Level::Warn, message).at(place).help(help));
                }
            }
        }
    }

    /// How long a waiver may still count depends on the worst that it waives.
    fn lifetime(&self, waiver: &Waiver, used: &BTreeSet<Use>, findings: &mut Vec<Finding>) {
        let days = &self.fleet.platform.spec.waiver_days;
        let Some(worst) = used.iter().map(|needed| needed.level).min() else {
            return;
        };
        let longest = match worst {
            Level::Error | Level::Deny => days.deny,
            Level::Warn => days.warn,
            Level::Audit => days.audit,
        };
        let left = self.days_left(waiver);
        let end = &waiver.spec.expires;
        if left > i64::from(longest) {
            let message = format!("the waiver `{}` still counts for {left} days, until {end}", waiver.name);
            let help = format!(
                "what it waives is of level `{}`: end it within {longest} days, or raise `waiverDays.{}` of the platform",
                worst.name(),
                worst.name()
            );
            findings.push(
                Finding::new("long-waiver", Level::Deny, message)
                    .at(waiver.locate("/expires"))
                    .help(help),
            );
        } else if (0..=SOON).contains(&left) {
            let message = format!("the waiver `{}` ends on {end}, in {left} days", waiver.name);
            findings.push(
                Finding::new("waiver-ends-soon", Level::Warn, message)
                    .at(waiver.locate("/expires"))
                    .help(format!(
                        "mend what it waives, or ask {} for more time",
                        waiver.spec.owner
                    )),
            );
        }
    }

    /// Every entry must be needed, and a pattern must be needed in all that it stands for.
    fn breadth(&self, waiver: &Waiver, used: &BTreeSet<Use>, findings: &mut Vec<Finding>) {
        let spec = &waiver.spec;
        let mut say = |pointer: String, message: String, help: String| {
            let place = waiver.locate(&pointer);
            findings.push(Finding::new("broad-waiver", Level::Warn, message).at(place).help(help));
        };
        let name = waiver.name.as_str();
        for (index, policy) in spec.policies.iter().enumerate() {
            if !used.iter().any(|needed| needed.policy == policy.as_str()) {
                let message = format!("the waiver `{name}` does not need `{policy}`");
                say(format!("/policies/{index}"), message, "remove it from the list".into());
            }
        }
        let subjects: BTreeSet<&str> = used.iter().map(|needed| needed.subject.as_str()).collect();
        for (list, patterns) in [
            ("environments", &spec.subject.environments),
            ("clusters", &spec.subject.clusters),
        ] {
            for (index, pattern) in patterns.iter().enumerate() {
                let needed: Vec<&str> = subjects.iter().copied().filter(|it| matches(pattern, it)).collect();
                let covers = self.subjects(list).filter(|it| matches(pattern, it)).count();
                if covers > needed.len() {
                    let pointer = format!("/subject/{list}/{index}");
                    let (message, help) = too_much(name, pattern, covers, &needed, list);
                    say(pointer, message, help);
                }
            }
        }
        objects(waiver, used, &mut say);
    }

    fn subjects(&self, list: &str) -> impl Iterator<Item = String> {
        let environments = self.fleet.environments.iter().map(|it| it.id());
        let clusters = self.fleet.clusters.iter().map(|it| it.name.to_string());
        let (environments, clusters) = match list {
            "environments" => (Some(environments), None),
            _ => (None, Some(clusters)),
        };
        environments.into_iter().flatten().chain(clusters.into_iter().flatten())
    }
}

fn matches(pattern: &str, text: impl AsRef<str>) -> bool {
    glob::matches(pattern, text.as_ref())
}

fn all(fleet: &Fleet) -> &[Waiver] {
    &fleet.platform.policies.waivers
}

fn policies(waiver: &Waiver, known: &BTreeSet<&str>, findings: &mut Vec<Finding>) {
    for (index, policy) in waiver.spec.policies.iter().enumerate() {
        if !known.contains(policy.as_str()) {
            let help = match nearest(policy.as_str(), known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`formwork explain` lists all; what an API server would refuse cannot be waived".into(),
            };
            let message = format!("there is no policy `{policy}` that could be waived");
            let place = waiver.locate(&format!("/policies/{index}"));
            findings.push(Finding::error("unknown-policy", message).at(place).help(help));
        }
    }
}

/// What a finding takes of a waiver, if that covers it.
fn covered(waiver: &Waiver, finding: &Finding) -> Option<Use> {
    let (policy, subject) = (finding.policy.as_ref()?, finding.subject.as_ref()?);
    let spec = &waiver.spec;
    let patterns = match subject.contains('/') {
        true => &spec.subject.environments,
        false => &spec.subject.clusters,
    };
    let object = finding.object.as_ref().map(|it| (it.kind.clone(), it.name.clone()));
    let field = finding.field.clone().unwrap_or_default();
    let objects = &spec.subject.objects;
    let has_object = objects.is_empty()
        || object.as_ref().is_some_and(|(kind, name)| {
            objects
                .iter()
                .any(|it| matches(&it.kind, kind) && matches(&it.name, name))
        });
    let fields = &spec.subject.fields;
    let covers = finding.level != Level::Error
        && spec.policies.iter().any(|it| it.as_str() == policy)
        && patterns.iter().any(|pattern| matches(pattern, subject))
        && has_object
        && (fields.is_empty() || fields.iter().any(|pattern| matches(pattern, &field)));
    covers.then(|| Use {
        level: finding.level,
        policy: policy.clone(),
        subject: subject.clone(),
        object,
        field,
    })
}

fn waived(waiver: &Waiver) -> Waived {
    Waived {
        waiver: waiver.name.to_string(),
        owner: waiver.spec.owner.clone(),
        reason: waiver.spec.reason.clone(),
        ticket: waiver.spec.ticket.clone(),
        until: waiver.spec.expires.to_string(),
    }
}

fn unused(waiver: &Waiver) -> Finding {
    let message = format!("the waiver `{}` waives nothing", waiver.name);
    Finding::new("unused-waiver", Level::Warn, message)
        .at(waiver.document.locate("/metadata/name"))
        .help("remove it: what it waived is mended, or it never covered it")
}

fn too_much(waiver: &str, pattern: &str, covers: usize, needed: &[&str], list: &str) -> (String, String) {
    match needed {
        [] => (
            format!("the waiver `{waiver}` is not needed in `{pattern}`"),
            format!("remove it from `{list}`"),
        ),
        names => (
            format!(
                "the waiver `{waiver}` covers {covers} {list} with `{pattern}` and is needed in {}",
                names.len()
            ),
            format!("write `{list}: [{}]`", names.join(", ")),
        ),
    }
}

/// The objects and fields of a waiver: each entry is needed, and names what it is needed for.
fn objects(waiver: &Waiver, used: &BTreeSet<Use>, say: &mut impl FnMut(String, String, String)) {
    let (name, subject) = (&waiver.name, &waiver.spec.subject);
    let needed: BTreeSet<&(String, String)> = used.iter().filter_map(|it| it.object.as_ref()).collect();
    let listed = |objects: &[&(String, String)]| {
        let items = objects
            .iter()
            .map(|(kind, name)| format!("{{kind: {kind}, name: {name}}}"));
        format!("write `objects: [{}]`", items.collect::<Vec<_>>().join(", "))
    };
    if subject.objects.is_empty() && !needed.is_empty() && used.iter().all(|it| it.object.is_some()) {
        let message = format!(
            "the waiver `{name}` covers any object and is needed for {}",
            needed.len()
        );
        say(
            "/subject".into(),
            message,
            listed(&needed.iter().copied().collect::<Vec<_>>()),
        );
    }
    for (index, object) in subject.objects.iter().enumerate() {
        let meant: Vec<_> = needed
            .iter()
            .copied()
            .filter(|(kind, name)| matches(&object.kind, kind) && matches(&object.name, name))
            .collect();
        let pointer = format!("/subject/objects/{index}");
        let (kind, pattern) = (&object.kind, &object.name);
        if meant.is_empty() {
            let message = format!("the waiver `{name}` is not needed for {kind} `{pattern}`");
            say(pointer, message, "remove it from `objects`".into());
        } else if meant.len() == 1 && (glob::is_pattern(kind) || glob::is_pattern(pattern)) {
            let message = format!("the waiver `{name}` covers {kind} `{pattern}` and is needed for one object");
            say(pointer, message, listed(&meant));
        }
    }
    for (index, field) in subject.fields.iter().enumerate() {
        if !used.iter().any(|it| matches(field, &it.field)) {
            let message = format!("the waiver `{name}` is not needed for the field `{field}`");
            say(
                format!("/subject/fields/{index}"),
                message,
                "remove it from `fields`".into(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::ObjectReference;
    use crate::fixture::fleet;
    use std::fmt::Write;

    const WAIVER: &str = "
---
apiVersion: formwork/v1alpha1
kind: Waiver
metadata: {name: connector}
spec:
  policies: [unpinned-image]
  subject: {environments: [hartmann/production], objects: [{kind: Deployment, name: connector}]}
  reason: the vendor publishes digests in January
  owner: it@hartmann.example
  ticket: OPS-118
  expires: 2027-01-31
";

    fn finding(level: Level, object: &str) -> Finding {
        let mut finding = Finding::new("unpinned-image", level, "no digest");
        finding.policy = Some("unpinned-image".into());
        finding.subject = Some("hartmann/production".into());
        finding.object = Some(ObjectReference {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            namespace: Some("hartmann-production".into()),
            name: object.into(),
        });
        finding
    }

    /// What becomes of findings about some Deployments, and what is said of the waiver itself.
    fn judged(replace: &[(&str, &str)], level: Level, objects: &[&str]) -> String {
        let replace: Vec<_> = replace.iter().map(|(from, to)| (*from, *to)).collect();
        let fleet = fleet(WAIVER, &replace);
        let waivers = Waivers::new(&fleet);
        let mut said = waivers.check(&BTreeSet::from(["unpinned-image", "missing-probe"]));
        let mut findings: Vec<_> = objects.iter().map(|object| finding(level, object)).collect();
        waivers.apply(&mut findings);
        said.extend(waivers.close());
        let mut text = String::new();
        for finding in &findings {
            let name = &finding.object.as_ref().unwrap().name;
            let _ = write!(
                text,
                "{name}: {:?}",
                finding.waived_by.as_ref().map(|waived| &waived.waiver)
            );
            finding
                .related
                .iter()
                .for_each(|(_, what)| text += &format!(" ({what})"));
            text.push('\n');
        }
        for finding in said {
            let place = finding.location.unwrap();
            let shown = place.source.text.get(place.span.clone()).unwrap_or_default();
            let _ = writeln!(
                text,
                "{} {} at {shown:?}: {} ({})",
                finding.level.name(),
                finding.code,
                finding.message,
                finding.help.unwrap_or_default()
            );
        }
        text
    }

    #[test]
    fn a_waiver_covers_what_it_names_and_no_more() {
        insta::assert_snapshot!(judged(&[], Level::Deny, &["connector", "web"]), @r#"
        connector: Some("connector")
        web: None
        "#);
    }

    #[test]
    fn an_expired_waiver_gives_the_finding_back() {
        insta::assert_snapshot!(judged(&[("2027-01-31", "2026-11-21")], Level::Deny, &["connector"]), @"connector: None (the waiver `connector` ended on 2026-11-21)");
        insta::assert_snapshot!(judged(&[("2027-01-31", "2026-11-22")], Level::Deny, &["connector"]), @r#"
        connector: Some("connector")
        warn waiver-ends-soon at "2026-11-22": the waiver `connector` ends on 2026-11-22, in 0 days (mend what it waives, or ask it@hartmann.example for more time)
        "#);
    }

    #[test]
    fn the_longest_life_depends_on_the_level() {
        let end = &[("2027-01-31", "2027-03-31")];
        insta::assert_snapshot!(judged(end, Level::Deny, &["connector"]), @r#"
        connector: Some("connector")
        deny long-waiver at "2027-03-31": the waiver `connector` still counts for 129 days, until 2027-03-31 (what it waives is of level `deny`: end it within 90 days, or raise `waiverDays.deny` of the platform)
        "#);
        assert_eq!(
            judged(end, Level::Warn, &["connector"]),
            judged(&[], Level::Warn, &["connector"])
        );
    }

    #[test]
    fn what_is_not_needed_is_said() {
        insta::assert_snapshot!(judged(&[], Level::Deny, &[]), @r#"warn unused-waiver at "connector": the waiver `connector` waives nothing (remove it: what it waived is mended, or it never covered it)"#);
        let wide = [
            ("[unpinned-image]", "[unpinned-image, missing-probe]"),
            ("hartmann/production]", "\"*/*\", hartmann/stagging]"),
            (
                "{kind: Deployment, name: connector}",
                "{kind: Deployment, name: \"*\"}, {kind: Job, name: migrate}",
            ),
        ];
        insta::assert_snapshot!(judged(&wide, Level::Deny, &["connector"]), @r#"
        connector: Some("connector")
        warn unused-waiver at "hartmann/stagging": no environment is called `hartmann/stagging` (remove it, or name one that exists)
        warn broad-waiver at "missing-probe": the waiver `connector` does not need `missing-probe` (remove it from the list)
        warn broad-waiver at "{": the waiver `connector` covers Deployment `*` and is needed for one object (write `objects: [{kind: Deployment, name: connector}]`)
        warn broad-waiver at "{": the waiver `connector` is not needed for Job `migrate` (remove it from `objects`)
        "#);
        let anything = [(", objects: [{kind: Deployment, name: connector}]", "")];
        insta::assert_snapshot!(judged(&anything, Level::Deny, &["connector", "web"]), @r#"
        connector: Some("connector")
        web: Some("connector")
        warn broad-waiver at "{": the waiver `connector` covers any object and is needed for 2 (write `objects: [{kind: Deployment, name: connector}, {kind: Deployment, name: web}]`)
        "#);
    }

    #[test]
    fn mistakes_are_errors() {
        let wrong = [
            ("[unpinned-image]", "[unpined-image]"),
            ("environments: [hartmann/production]", "environments: []"),
        ];
        insta::assert_snapshot!(judged(&wrong, Level::Deny, &[]), @r#"
        error unknown-policy at "unpined-image": there is no policy `unpined-image` that could be waived (did you mean `unpinned-image`?)
        error waiver-without-subject at "subject": the waiver `connector` is about nothing (name its `environments`, or its `clusters`)
        warn unused-waiver at "connector": the waiver `connector` waives nothing (remove it: what it waived is mended, or it never covered it)
        "#);
    }
}
