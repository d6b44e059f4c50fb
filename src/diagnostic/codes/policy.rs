//! The pages of what is wrong with policies themselves.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        id: "policy-error",
        title: "an expression of a policy fails",
        why: "The policy says neither yes nor no, so nobody knows whether it holds. Most often the expression reads a \
              field that is not set.",
        fix: "ask with `has(…)` whether a field is set before it is read, or select it with `.?`",
        bad: "kind: EnvironmentPolicy
spec:
  validations:
    - expression: environment.spec.expires > today",
        good: "kind: EnvironmentPolicy
spec:
  validations:
    - expression: has(environment.spec.expires) && environment.spec.expires > today",
    },
    Code {
        id: "policy-syntax",
        title: "an expression of a policy does not compile",
        why: "A policy that cannot be read holds nothing. Names and types are checked before anything is evaluated, so \
              that a slip does not wait for the one environment that reaches it. In an admission policy the message is \
              the server's; a field of `object` has every type there, so that a bare `object.spec.hostNetwork` is no \
              `bool`.",
        fix: "correct the expression where the caret points",
        bad: "kind: EnvironmentPolicy
spec:
  validations:
    - expression: environment.spec.backup.retension >= duration('720h')",
        good: "kind: EnvironmentPolicy
spec:
  validations:
    - expression: environment.spec.backup.retention >= duration('720h')",
    },
    Code {
        id: "policy-test",
        title: "a policy does not do what its test says",
        why: "The test tells what the policy is meant to deny and to let pass. One of the two is wrong, and everything \
              else the policy says is in doubt.",
        fix: "correct the policy, or the case",
        bad: "kind: PolicyTest
spec:
  policy: short-backups
  accepted:
    - name: a week
      environment: {spec: {backup: {retention: 1w}}}",
        good: "kind: PolicyTest
spec:
  policy: short-backups
  denied:
    - name: a week
      environment: {spec: {backup: {retention: 1w}}}",
    },
    Code {
        id: "policy-without-test",
        title: "no test proves a policy",
        why: "A policy that never complains looks the same as one that everything obeys.",
        fix: "add a `kind: PolicyTest` with a case that it accepts and one that it denies",
        bad: "kind: EnvironmentPolicy
metadata: {name: short-backups}",
        good: "kind: PolicyTest
metadata: {name: short-backups}
spec:
  policy: short-backups
  accepted:
    - name: a month
      environment: {spec: {backup: {retention: 5w}}}
  denied:
    - name: a week
      environment: {spec: {backup: {retention: 1w}}}",
    },
];
