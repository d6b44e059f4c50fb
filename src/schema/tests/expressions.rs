//! Expressions of policies know the fields of kinds, and no others.

use super::SCHEMAS;
use crate::cel::{Declarations, Environment};
use crate::schema::Kind;

#[test]
fn expressions_know_the_fields() {
    let compile = |kinds: &[&Kind], expression: &str| {
        let (declarations, of) = SCHEMAS.declare(kinds, Declarations::new());
        let environment = Environment::new(declarations.variable("object", of));
        environment.compile(expression).map(|_| ()).map_err(|errors| {
            let error = &errors[0];
            format!("{} {:?}", error.message, error.suggestion)
        })
    };
    let deployment = SCHEMAS.find("apps/v1", "Deployment").unwrap();
    for right in [
        "object.spec.replicas > 1 && object.metadata.labels['a'] == 'b'",
        "object.spec.template.spec.containers.all(c, c.image.contains('@') && has(c.resources.limits))",
        "object.spec.template.spec.containers.all(c, quantity(c.resources.limits['memory']).isLessThan(quantity('1Gi')))",
        "object.spec.strategy.rollingUpdate.maxSurge == 1 || object.spec.strategy.rollingUpdate.maxSurge == '25%'",
        "object.metadata.namespace != '' && object.metadata.__namespace__ != ''",
        "timestamp(object.metadata.creationTimestamp) < timestamp('2026-01-01T00:00:00Z')",
        "object.metadata.?annotations[?'a'].orValue('') == '' && object != null",
    ] {
        assert_eq!(compile(&[deployment], right), Ok(()), "{right}");
    }
    for (wrong, error) in [
        (
            "object.spec.replicsa > 1",
            "undefined field 'replicsa' Some(\"replicas\")",
        ),
        (
            "object.spec.template.spec.containers.all(c, c.imge == '')",
            "undefined field 'imge' Some(\"image\")",
        ),
        (
            "object.spec.replicas == '1'",
            "found no matching overload for '_==_' applied to '(int, string)' None",
        ),
    ] {
        assert_eq!(compile(&[deployment], wrong), Err(error.to_owned()), "{wrong}");
    }
    let definition = SCHEMAS
        .find("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        .unwrap();
    assert_eq!(
        compile(
            &[definition],
            "object.spec.versions.all(v, v.schema.openAPIV3Schema.properties.size() > 0)"
        ),
        Ok(())
    );
    // What one of the kinds has is known, and all containers are alike.
    let cron = SCHEMAS.find("batch/v1", "CronJob").unwrap();
    let both = "object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec.containers : \
                object.spec.template.spec.containers + object.spec.template.spec.ephemeralContainers";
    assert_eq!(compile(&[deployment, cron], both), Ok(()));
    assert_eq!(
        compile(&[deployment, cron], "object.spec.schedul == ''"),
        Err("undefined field 'schedul' Some(\"schedule\")".to_owned())
    );
}
