//! Where an environment may run, how it is reached and what it reaches: names, cluster, release, hosts, networks.

use super::Demands;
use super::parts::registry;
use crate::diagnostic::{Finding, Level, nearest};
use crate::model::spec::*;

/// Namespaces are the longest part of composed names. Flux labels what it applies with the name of its Kustomization,
/// `<namespace>-<component>`, and a label holds 63 characters.
const LONGEST_NAMESPACE: usize = 48;
/// S3 allows 63 characters; the longest purpose is `-attachments`.
const LONGEST_BUCKET: usize = 63;
/// The link-local network, where clouds answer with credentials.
const METADATA: &str = "169.254.0.0/16";

impl Demands<'_> {
    pub(super) fn names(&mut self) {
        let env = self.environment;
        let length = env.namespace.len();
        if length > LONGEST_NAMESPACE {
            let message = format!("the namespace `{}` has {length} characters", env.namespace);
            let help = format!(
                "shorten the name of the tenant or of the environment: with the dash between them, they have at most \
                 {LONGEST_NAMESPACE} characters"
            );
            let finding = Finding::error("name-too-long", message);
            self.findings.push(finding.at(env.locate("")).help(help));
        }
        let bucket = env.bucket("attachments");
        if bucket.len() > LONGEST_BUCKET {
            let message = format!("the bucket `{bucket}` has {} characters", bucket.len());
            let help = format!("shorten the prefix: the name of a bucket has at most {LONGEST_BUCKET} characters");
            let place = env.cluster.locate("/objectStorage/prefix");
            self.findings
                .push(Finding::error("name-too-long", message).at(place).help(help));
        }
        if env.hosts.is_empty() {
            let message = "no host can be made from the environment, the tenant and the cluster's domain";
            self.refuse("bad-host", "", message, "set `hosts`");
        }
    }

    pub(super) fn cluster(&mut self) {
        let env = self.environment;
        let (cluster, tier) = (&env.cluster, env.spec.tier.as_str());
        let name = &cluster.name;
        if !cluster.spec.tiers.is_empty() && !cluster.spec.tiers.contains(&env.spec.tier) {
            let message = format!("`{name}` takes no {tier} environments");
            let help = format!("choose another cluster, or add `{tier}` to its `tiers`");
            self.lacking("tier-not-allowed", "/tiers", message, help);
        }
        if cluster.secret_store(env.spec.tier).is_none() {
            let message = format!("`{name}` has no secret store for {tier}");
            let help = format!("add `{tier}` to the `tiers` of one of the cluster's `secretStores`");
            self.lacking("missing-secret-store", "/secretStores", message, help);
        }
        if cluster.spec.storage_classes.shared.is_none() {
            let message = format!("`{name}` has no storage that many pods can mount");
            let help = "add `shared` to the cluster's `storageClasses`";
            self.lacking("missing-storage-class", "/storageClasses", message, help);
        }
        for add_on in self.needed().into_iter().filter(|add_on| !cluster.has(*add_on)) {
            let add_on = add_on.as_str();
            let message = format!("`{name}` has no `{add_on}`, which the environment needs");
            let help = format!("add `{add_on}` to the cluster's `addOns`");
            self.lacking("missing-add-on", "/addOns", message, help);
        }
    }

    /// The add-ons that serve the environment's objects.
    fn needed(&self) -> Vec<AddOn> {
        let env = self.environment;
        let mut needed = vec![
            AddOn::Traefik,
            AddOn::CertManager,
            AddOn::CloudnativePg,
            AddOn::ExternalSecrets,
        ];
        needed.extend(env.spec.backup.enabled.then_some(AddOn::BarmanCloud));
        needed.extend((env.cluster.spec.autoscaler == Autoscaler::Keda).then_some(AddOn::Keda));
        if env.spec.monitoring.alerts {
            needed.extend([AddOn::Prometheus, AddOn::BlackboxExporter]);
        }
        needed
    }

    /// Refuses the choice of the cluster, and shows what the cluster says.
    fn lacking(&mut self, code: &'static str, field: &str, message: String, help: impl Into<String>) {
        let says = self.environment.cluster.document.locate_key(&format!("/spec{field}"));
        self.say(
            Finding::error(code, message)
                .with(says, "what the cluster has")
                .help(help),
            "/cluster",
        );
    }

    pub(super) fn release(&mut self) {
        let env = self.environment;
        let (release, tier) = (&env.release, env.spec.tier);
        let name = &release.name;
        if !release.spec.tiers.is_empty() && !release.spec.tiers.contains(&tier) {
            let tier = tier.as_str();
            let message = format!("`{name}` is not released for {tier}");
            let help = format!("add `{tier}` to its `tiers` once it has passed the tier before, or choose another");
            let says = release.document.locate_key("/spec/tiers");
            let finding = Finding::error("release-tier", message).with(says, "what it is released for");
            self.say(finding.help(help), "/release");
        }
        if let Some(finding) = registry(&env.platform, &release.spec.image) {
            self.findings
                .push(finding.at(release.locate("/image")).field("/spec/image"));
        }
        self.odoo_series();
        let needed = "fs_attachment_s3";
        let has = release.spec.modules.iter().any(|module| module.0 == needed);
        if env.spec.filestore.backend == FilestoreBackend::Bucket && !has {
            let message =
                format!("attachments in a bucket need the module `{needed}`, which `{name}` does not install");
            let help = "add it to the release's `modules`, or write `backend: volume`";
            self.refuse("missing-module", "/filestore/backend", message, help);
        }
        let version = env.spec.database.version;
        if !env.platform.spec.images.postgresql.contains_key(&version.to_string()) {
            let message = format!("the platform has no image of PostgreSQL {version}");
            let help = "add one to the platform's `images.postgresql`";
            let says = env.platform.document.locate_key("/spec/images/postgresql");
            let finding = Finding::error("dangling-reference", message).with(says, "the images of the platform");
            self.say(finding.help(help), "/database/version");
        }
    }

    fn odoo_series(&mut self) {
        let release = &self.environment.release;
        let series = &release.spec.odoo;
        let finding = match series.major() {
            ..18 => {
                let message = format!("Odoo {series} has had no standard support since September 2026");
                Finding::new("odoo-out-of-support", Level::Warn, message).help("plan the move to 18.0 or 19.0")
            }
            18 | 19 => return,
            20.. => {
                let message = format!("the blueprint has not been proved with Odoo {series}");
                Finding::new("odoo-unverified", Level::Warn, message).help("keep it out of production")
            }
        };
        self.findings
            .push(finding.at(release.locate("/odoo")).field("/spec/odoo"));
    }

    pub(super) fn ingress(&mut self) {
        let env = self.environment;
        self.hosts();
        if let Some(issuer) = &env.spec.ingress.issuer {
            let known: Vec<&str> = env
                .cluster
                .spec
                .issuers
                .iter()
                .map(|known| known.name.as_str())
                .collect();
            if !known.contains(&issuer.as_str()) {
                let message = format!("`{}` has no issuer `{issuer}`", env.cluster.name);
                let near = nearest(issuer.as_str(), known.iter().copied());
                let help = near.map_or_else(
                    || format!("its issuers are `{}`", known.join("`, `")),
                    |near| format!("did you mean `{near}`?"),
                );
                self.refuse("dangling-reference", "/ingress/issuer", message, help);
            }
        }
        let ingress = &env.spec.ingress;
        if !env.spec.tier.is_live() && ingress.allow_from.is_empty() && ingress.forward_auth.is_none() {
            let message = format!("`{}` is open to the internet", env.id());
            let help = "set `ingress.allowFrom` or `ingress.forwardAuth`, here or as a default";
            let finding = Finding::new("open-to-everyone", Level::Warn, message);
            self.say(finding.help(help), "/ingress/allowFrom");
        }
    }

    fn hosts(&mut self) {
        let env = self.environment;
        let domains = || env.tenant.spec.domains.iter().chain([&env.cluster.spec.domain]);
        for (index, host) in env.spec.hosts.iter().enumerate() {
            let pointer = format!("/hosts/{index}");
            let inside = domains().any(|domain| host == domain || host.as_str().ends_with(&format!(".{domain}")));
            if !inside {
                let known: Vec<String> = domains().map(|domain| format!("`{domain}`")).collect();
                let message = format!("`{host}` lies in no domain of the tenant or the cluster");
                let known = known.join(" or ");
                let help = format!("choose a host in {known}, or add its domain to the tenant's `domains`");
                self.refuse("host-outside-zone", &pointer, message, help);
            }
            if env.spec.hosts.iter().take(index).any(|earlier| earlier == host) {
                let message = format!("`{host}` is listed twice");
                self.refuse("duplicate-host", &pointer, message, "remove one");
            }
        }
    }
    pub(super) fn egress(&mut self) {
        for (index, network) in self.environment.spec.egress.networks.iter().enumerate() {
            if network.cidr.overlaps(METADATA) {
                let message = format!("`{}` covers the cloud's metadata service in {METADATA}", network.cidr);
                let help = "name the networks that are meant; `egress.internet` is for public addresses";
                self.refuse(
                    "metadata-exposed",
                    &format!("/egress/networks/{index}/cidr"),
                    message,
                    help,
                );
            }
        }
    }
}
