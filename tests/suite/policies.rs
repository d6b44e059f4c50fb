//! Policies over time and over parts of the fleet: what is there already, and builds of a part.

use std::fs;

use crate::support::Workspace;

const MOVED: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: moved-costs
  annotations:
    formwork/remedy: open another tenant for the other cost centre
spec:
  matchConstraints:
    resourceRules:
      - {operations: [UPDATE], apiGroups: [\"\"], apiVersions: [v1], resources: [services]}
  validations:
    - expression: object.metadata.labels['formwork/cost-centre'] == oldObject.metadata.labels['formwork/cost-centre']
      messageExpression: \"'costs move from ' + oldObject.metadata.labels['formwork/cost-centre']\"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: moved-costs
spec:
  policyName: moved-costs
  validationActions: [Deny]
";

const WAIVER: &str = "\
apiVersion: formwork/v1alpha1
kind: Waiver
metadata:
  name: costs-of-halvorsen
spec:
  policies: [moved-costs]
  subject: {environments: [halvorsen/production]}
  reason: the firm is split in January, and its costs with it
  owner: drift@halvorsen.example
  ticket: HAL-3
  expires: 2027-01-31
";

/// An update is judged against what is committed, and only what changes is an update.
#[test]
fn a_policy_compares_with_what_is_committed() {
    let workspace = Workspace::small("policies-update");
    workspace.write("policies/moved-costs.yaml", MOVED);
    let first = workspace.run(&["build"]);
    assert_eq!(first.code, 0, "{}", first.err);
    let again = workspace.run(&["check"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let path = "environments/halvorsen/tenant.yaml";
    let tenant = fs::read_to_string(workspace.path(path)).unwrap();
    workspace.write(path, tenant.replace("\"2300\"", "\"2400\""));
    let before = workspace.generated();
    let moved = workspace.run(&["build"]);
    assert_eq!(moved.code, 1, "{}", moved.err);
    assert!(
        moved.err.contains("deny[moved-costs]: costs move from 2300"),
        "{}",
        moved.err
    );
    assert!(moved.err.contains("= help: open another tenant"), "{}", moved.err);
    assert!(workspace.generated() == before, "a build that denies writes nothing");
}

/// Whether a waiver is used can only be told when everything was judged.
#[test]
fn a_part_of_the_fleet_does_not_tell_which_waivers_are_used() {
    let workspace = Workspace::small("policies-part");
    workspace.write("policies/moved-costs.yaml", MOVED);
    workspace.write("policies/waiver.yaml", WAIVER);
    let whole = workspace.run(&["build"]);
    assert!(whole.err.contains("warn[unused-waiver]"), "{}", whole.err);
    let part = workspace.run(&["build", "--only", "halvorsen/*"]);
    assert!(!part.err.contains("unused-waiver"), "{}", part.err);
}
