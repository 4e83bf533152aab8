// SPDX-License-Identifier: Apache-2.0

//! How many files the agent may have open, and what its containers get.
//!
//! Every container takes the agent two descriptors and every executor a
//! connection, which the usual limit of 1024 does not hold. The agent raises its
//! own; containers keep the one the agent was started with, because programs
//! exist that suffer from a high one.

use std::{io, sync::OnceLock};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The limits of open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenFiles {
    /// The soft and the hard limit that the process was started with.
    pub(crate) at_start: (u64, u64),
    /// How many it may have open now.
    pub(crate) now: u64,
}

/// Raises the limit of open files as far as the system allows.
///
/// # Errors
/// When the system does not tell, or refuses what it allows.
pub(crate) fn raise_open_files() -> io::Result<OpenFiles> {
    static AT_START: OnceLock<(u64, u64)> = OnceLock::new();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // Several agents may share the process: the first one sees what it was started with.
    let at_start = *AT_START.get_or_init(|| (soft, hard));
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(OpenFiles { at_start, now: hard })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_may_open_all_it_can_and_remembers_what_it_had() {
        let first = raise_open_files().unwrap();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!((soft, hard), (first.now, first.now));
        assert_eq!(raise_open_files().unwrap(), first);
    }
}
