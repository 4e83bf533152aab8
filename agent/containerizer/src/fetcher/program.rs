// SPDX-License-Identifier: Apache-2.0

//! The program `mesos-fetcher`, around its work: reads what to do from the
//! environment, becomes the task's user, and reports by its exit status.

use std::{io, path::Path, process::ExitCode};

use mesos_launcher::spec::Identity;

use super::{form, work};

/// Fetches into the working directory what the environment says.
pub fn main() -> ExitCode {
    let (identity, job) = match form::read(|name| std::env::var_os(name)) {
        Ok(form) => form,
        Err(error) => return fail(&error.to_string()),
    };
    if let Err(error) = become_user(identity.as_ref()) {
        return fail(&format!("Failed to fetch as the user of the task: {error}"));
    }
    match job.run(Path::new(".")) {
        Ok(()) => ExitCode::SUCCESS,
        // It is in the log already, beside the URI it is about.
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(text: &str) -> ExitCode {
    work::log(text);
    ExitCode::FAILURE
}

/// For good, and before anything of the task is looked at.
fn become_user(identity: Option<&Identity>) -> io::Result<()> {
    let Some(Identity { uid, gid, groups }) = identity else { return Ok(()) };
    // SAFETY: the array lives during the call; all calls change this process, which has one
    // thread, and nothing else.
    let done = unsafe {
        libc::setgroups(groups.len(), groups.as_ptr()) == 0
            && libc::setgid(*gid) == 0
            && libc::setuid(*uid) == 0
            // The change of the user has cleared it: nothing outlives the launcher.
            && libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == 0
    };
    if done { Ok(()) } else { Err(io::Error::last_os_error()) }
}
