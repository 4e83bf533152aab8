// SPDX-License-Identifier: Apache-2.0

//! The address of a process: `slave(1)@10.0.0.7:5051`.

use std::{fmt, net::SocketAddr, str::FromStr};

/// A process at an address. Two masters or agents may share an address in
/// tests, so the name is part of the identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Upid {
    /// The process: `master`, `slave(1)`, `slave-observer(3)`, `scheduler-<uuid>`.
    pub id: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Why a text is no process address.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UpidError {
    /// There is no `@`.
    #[error("'{0}' is no process address; expected <process>@<ip>:<port>")]
    NoAt(String),
    /// What follows the `@` is no IP address and port.
    #[error("'{0}' has no valid address after '@'; expected <process>@<ip>:<port>")]
    BadAddress(String),
    /// The name of the process would break the request that is sent to it.
    #[error("{0:?} has blanks, slashes or control characters before '@'")]
    BadProcess(String),
}

impl Upid {
    /// The process `id` at `address`.
    pub fn new(id: impl Into<String>, address: SocketAddr) -> Self {
        Upid { id: id.into(), address }
    }
}

impl FromStr for Upid {
    type Err = UpidError;

    fn from_str(text: &str) -> Result<Self, UpidError> {
        let (id, address) =
            text.rsplit_once('@').ok_or_else(|| UpidError::NoAt(text.to_owned()))?;
        let address = address.parse().map_err(|_| UpidError::BadAddress(text.to_owned()))?;
        if id.contains(|letter: char| !letter.is_ascii_graphic() || "/?#".contains(letter)) {
            return Err(UpidError::BadProcess(text.to_owned()));
        }
        Ok(Upid::new(id, address))
    }
}

impl fmt::Display for Upid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.address)
    }
}
