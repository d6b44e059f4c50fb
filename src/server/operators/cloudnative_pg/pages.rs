//! The pages of what is said of the objects of CloudNativePG.
//!
//! Each is a record that `formwork explain` prints, and its examples are its test.

mod around;
mod life;
mod settings;

pub(super) use around::{ARCHIVE, BACKUP, DATABASE, FIVE_FIELDS, POOLER, SCHEDULE};
pub(super) use life::{BOOTSTRAP, CHANGE, EXTERNAL_CLUSTER, RECOVERY_TARGET, REPLICA, SHRUNK, STORAGE, TABLESPACE};
pub(super) use settings::{ACCESS, IMAGE, MANAGED, NAME, PARAMETER, POD, RESOURCES, SLOTS, SYNCHRONOUS, WAL};
