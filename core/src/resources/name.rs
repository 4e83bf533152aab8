// SPDX-License-Identifier: Apache-2.0

//! Names of resources.

use std::{borrow::Borrow, cmp::Ordering, fmt, sync::Arc};

/// The name of a resource; the usual ones need no memory and compare as numbers.
///
/// Ordered alphabetically.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `cpus`: processors, or shares of them.
    Cpus,
    /// `mem`: memory, in megabytes.
    Mem,
    /// `disk`: disk space, in megabytes.
    Disk,
    /// `gpus`: whole graphics processors.
    Gpus,
    /// `ports`: TCP and UDP ports.
    Ports,
    /// Any other; never one of the above.
    Other(Arc<str>),
}

impl Name {
    /// The name that `text` spells.
    pub fn new(text: &str) -> Self {
        match text {
            "cpus" => Name::Cpus,
            "mem" => Name::Mem,
            "disk" => Name::Disk,
            "gpus" => Name::Gpus,
            "ports" => Name::Ports,
            other => Name::Other(other.into()),
        }
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        match self {
            Name::Cpus => "cpus",
            Name::Mem => "mem",
            Name::Disk => "disk",
            Name::Gpus => "gpus",
            Name::Ports => "ports",
            Name::Other(text) => text,
        }
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name::new(text)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
