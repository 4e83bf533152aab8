// SPDX-License-Identifier: Apache-2.0

//! How many files the agent may have open, and what its containers get.
//!
//! Every container takes the agent two descriptors and every executor a
//! connection, which the usual limit of 1024 does not hold. The agent raises its
//! own; containers keep the one the agent was started with, because programs
//! exist that suffer from a high one.

use std::{io, sync::OnceLock};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files as far as the system allows. Returns the soft and the hard
/// limit that the process was started with.
///
/// # Errors
/// When the system does not tell, or refuses what it allows.
pub(crate) fn raise_open_files() -> io::Result<(u64, u64)> {
    static AT_START: OnceLock<(u64, u64)> = OnceLock::new();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // Several agents may share the process: the first one sees what it was started with.
    let at_start = *AT_START.get_or_init(|| (soft, hard));
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(at_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_may_open_all_it_can_and_remembers_what_it_had() {
        let at_start = raise_open_files().unwrap();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
        assert_eq!(raise_open_files().unwrap(), at_start);
    }
}
