// SPDX-License-Identifier: Apache-2.0

//! Finds out who a named user is on this machine.
//!
//! A look-up may ask a directory service and take its time: call it on a thread
//! that may block.

use std::ffi::CString;

use mesos_launcher::spec::Identity;
use nix::unistd::{User, geteuid, getgrouplist};

/// Why a user cannot be used. The texts are those of Mesos.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no such user.
    #[error("No such user '{0}'")]
    Unknown(String),
    /// The look-up itself failed.
    #[error("Failed to get the user '{name}': {error}")]
    LookUp {
        /// The user's name.
        name: String,
        /// What the system said.
        error: nix::Error,
    },
}

/// The ids of the user `name`, with all groups the machine puts that user in.
///
/// # Errors
/// When there is no such user, or the machine cannot tell.
pub fn identity(name: &str) -> Result<Identity, UserError> {
    let unknown = || UserError::Unknown(name.to_owned());
    let failed = |error| UserError::LookUp { name: name.to_owned(), error };
    let c_name = CString::new(name).map_err(|_| unknown())?;
    let user = User::from_name(name).map_err(failed)?.ok_or_else(unknown)?;
    let groups = getgrouplist(&c_name, user.gid).map_err(failed)?;
    Ok(Identity {
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
        groups: groups.into_iter().map(nix::unistd::Gid::as_raw).collect(),
    })
}

/// Whom a process has to become to run as `identity`: nobody, if the agent is not root and so
/// can only be that user itself.
pub fn to_become(identity: Identity) -> Option<Identity> {
    geteuid().is_root().then_some(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_known_everywhere() {
        let root = identity("root").unwrap();
        assert_eq!((root.uid, root.gid), (0, 0));
        assert!(root.groups.contains(&0));
    }

    #[test]
    fn an_unknown_user_is_named() {
        for name in ["no-such-user", "nul\0byte"] {
            let text = identity(name).unwrap_err().to_string();
            assert_eq!(text, format!("No such user '{name}'"));
        }
    }
}
