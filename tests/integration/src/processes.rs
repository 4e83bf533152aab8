// SPDX-License-Identifier: Apache-2.0

//! Looking at, and cleaning up, what a cluster has started.

use std::{fs, path::Path};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// The processes whose command line, one argument beside the other, contains `text`.
pub fn mentioning(text: &str) -> Vec<Pid> {
    find(|process| {
        fs::read(process.join("cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).replace('\0', " ").contains(text))
    })
}

/// The processes that run exactly this command.
pub fn running(command: &str) -> Vec<Pid> {
    let arguments = format!("{}\0", command.replace(' ', "\0"));
    find(|process| fs::read(process.join("cmdline")).is_ok_and(|line| line == arguments.as_bytes()))
}

/// The processes that work in `folder` or below, or name it on their command line.
pub fn running_in(folder: &Path) -> Vec<Pid> {
    let text = folder.to_string_lossy().into_owned();
    find(|process| {
        fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
            || fs::read(process.join("cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&text))
    })
}

/// Kills everything that still runs in `folder`.
pub(crate) fn kill_all_in(folder: &Path) {
    // A process that is just being started is found the next time round.
    for _ in 0..20 {
        let left = running_in(folder);
        if left.is_empty() {
            return;
        }
        for pid in left {
            // It may have ended meanwhile.
            let _ = kill(pid, Signal::SIGKILL);
        }
        std::thread::yield_now();
    }
}

fn find(matches: impl Fn(&Path) -> bool) -> Vec<Pid> {
    let own = std::process::id().cast_signed();
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let alive = fs::read_to_string(entry.path().join("stat"))
                .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").starts_with(" Z"));
            (pid != own && alive && matches(&entry.path())).then(|| Pid::from_raw(pid))
        })
        .collect()
}
