//! The ConfigMap or Secret that is used has the key that is used.
//!
//! Where a controller makes it, its keys follow from what it is made from.

use crate::references::configuration::{Keys, Use};
use crate::references::ends::End;
use crate::references::findings::shown;
use crate::references::node::text;
use crate::references::{Check, Findings, Node, World};

pub(super) const CHECK: Check = Check {
    id: "key-missing",
    title: "a ConfigMap or Secret does not have the key that is used",
    why: "The object exists, so nothing looks wrong until the container is to start: a variable without its key stops \
          it, a file without its key keeps the volume from being mounted.",
    fix: "use a key that is there, or add it",
    bad: "apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: database}
spec:
  secretStoreRef: {name: vault}
  data: [{secretKey: password, remoteRef: {key: database}}]
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: vault}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web
      env: [{name: PGPASSWORD, valueFrom: {secretKeyRef: {name: database, key: passwd}}}]",
    good: "apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: database}
spec:
  secretStoreRef: {name: vault}
  data: [{secretKey: password, remoteRef: {key: database}}]
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: vault}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web
      env: [{name: PGPASSWORD, valueFrom: {secretKeyRef: {name: database, key: password}}}]",
    check,
};

fn check(world: &World<'_>, findings: &mut Findings<'_, '_>) {
    for used in &world.uses {
        let wanted: Vec<(String, &str)> = match used.keys {
            Keys::All => continue,
            Keys::One(field, key) => vec![(format!("/{field}"), key)],
            Keys::Items(items) => {
                let items = items.iter().enumerate();
                let key = items.filter_map(|(index, item)| Some((format!("/items/{index}/key"), text(item, "key")?)));
                key.collect()
            }
        };
        held(world, used, &wanted, findings);
    }
}

fn held(world: &World<'_>, used: &Use<'_>, wanted: &[(String, &str)], findings: &mut Findings<'_, '_>) {
    let products = world.find(End {
        group: "",
        kind: used.kind,
        namespace: used.by.namespace,
        name: used.name,
    });
    let mut known = Vec::new();
    for product in products {
        let Some(keys) = product.keys() else {
            return;
        };
        known.extend(keys);
    }
    let Some(first) = products.first() else {
        return;
    };
    for (field, key) in wanted.iter().filter(|(_, key)| !known.contains(key)) {
        let makers: Vec<Node<'_>> = products.iter().map(|product| product.by).collect();
        let pointer = used.place.reference() + field;
        let message = format!(
            "{} uses key `{key}` of {}, which does not have it",
            used.by.called(),
            first.called(used.kind, used.name)
        );
        findings
            .contradiction(used.by, pointer, &makers, message)
            .help(format!("its keys are {}", shown(&known)));
    }
}
