//! The pages of what is said of the objects of the policy controller of Sigstore.
//!
//! One page for each idea, not for each check.

use crate::diagnostic::codes::Code;

pub(super) const POLICY: Code = Code {
    id: "image-policy",
    title: "an image policy that says nothing about who may sign",
    why: "An authority is a key, an identity or a fixed verdict. An identity names its issuer and its subject, literally or as a regular expression; without it anybody's signature would do.",
    fix: "add the identity that signs in your pipeline",
    bad: "apiVersion: policy.sigstore.dev/v1beta1\n\
          kind: ClusterImagePolicy\n\
          metadata: {name: platform}\n\
          spec:\n\
          \x20 images:\n\
          \x20 - {glob: registry.hartmann-bau.example/**}\n\
          \x20 authorities:\n\
          \x20 - keyless:\n\
          \x20     url: https://fulcio.sigstore.dev",
    good: "apiVersion: policy.sigstore.dev/v1beta1\n\
          kind: ClusterImagePolicy\n\
          metadata: {name: platform}\n\
          spec:\n\
          \x20 images:\n\
          \x20 - {glob: registry.hartmann-bau.example/**}\n\
          \x20 authorities:\n\
          \x20 - keyless:\n\
          \x20     url: https://fulcio.sigstore.dev\n\
          \x20     identities:\n\
          \x20     - {issuer: https://token.actions.example, subjectRegExp: \"^https://git.hartmann-bau.example/.+$\"}",
};
