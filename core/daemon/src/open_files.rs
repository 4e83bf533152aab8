// SPDX-License-Identifier: Apache-2.0

//! How many files the process may have open: connections are files too, and the
//! usual limit of 1024 is soon used up.

use std::{io, sync::OnceLock};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// The limits of open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFiles {
    /// The soft and the hard limit that the process was started with. Programs that it starts
    /// are to have these: some suffer from a high one.
    pub at_start: (u64, u64),
    /// How many it may have open now.
    pub now: u64,
}

/// Raises the limit as far as the system allows.
///
/// # Errors
/// When the system does not tell, or refuses what it allows.
pub fn raise() -> io::Result<OpenFiles> {
    static AT_START: OnceLock<(u64, u64)> = OnceLock::new();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // Several daemons may share the process: the first one sees what it was started with.
    let at_start = *AT_START.get_or_init(|| (soft, hard));
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(OpenFiles { at_start, now: hard })
}

/// How many files the process may have open, whether or not that was raised.
pub fn allowed() -> u64 {
    // It can only fail for a resource that does not exist.
    getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_open_all_it_can_and_remembers_what_it_had() {
        let first = raise().expect("allowed");
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("readable");
        assert_eq!((soft, hard), (first.now, first.now));
        assert_eq!(allowed(), first.now);
        assert_eq!(raise().expect("allowed"), first);
    }
}
