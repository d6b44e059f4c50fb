//! The checks of strings that every Kubernetes API server makes (`k8s.io/apimachinery`, `util/validation`).
//!
//! Each function returns the server's own messages, word for word and in its order; an empty list means accepted.

mod addresses;
mod names;

pub use addresses::{is_valid_cidr, is_valid_cidr_legacy, is_valid_ip, is_valid_ip_legacy};
pub(in crate::text) use addresses::{network, parse_cidr_sloppy};
pub use names::{
    LABEL_LENGTH, SUBDOMAIN_LENGTH, is_config_map_key, is_dns1035_label, is_dns1123_label, is_dns1123_subdomain,
    is_domain_prefixed_path, is_env_var_name, is_fully_qualified_domain_name, is_http_header_name, is_qualified_name,
    is_relaxed_env_var_name, is_valid_label_value, is_valid_percent, is_valid_port_name, is_wildcard_dns1123_subdomain,
};

pub use super::quantity::is_quantity;
