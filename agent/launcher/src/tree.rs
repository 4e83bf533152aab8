// SPDX-License-Identifier: Apache-2.0

//! The processes below one process.
//!
//! The kernel lists the children of each thread in
//! `/proc/<pid>/task/<tid>/children`, so a walk costs what the tree costs,
//! however many other processes there are. Where the kernel was built without
//! those files, the parents of all processes are read instead.
//!
//! A walk is a snapshot of something that moves: a process may fork behind it.
//! Who must catch all of them repeats the walk until nothing new turns up.

use std::{collections::BTreeMap, fs, path::PathBuf};

/// The process ids below `root`, parents before their children, without `root` itself.
pub fn descendants(root: u32) -> Vec<u32> {
    if fs::metadata("/proc/self/task").is_ok() && has_children_files() {
        walk(root, children_of)
    } else {
        let by_parent = all_by_parent();
        walk(root, |pid| by_parent.get(&pid).cloned().unwrap_or_default())
    }
}

/// How often the tree is walked to stop one that keeps forking.
const FREEZE_ROUNDS: usize = 64;

/// Sends SIGKILL to every process below `root`, stopping all of them first so that none forks
/// away from a walk. `root` itself is left alone.
pub fn kill_below(root: u32) {
    let mut stopped: Vec<u32> = Vec::new();
    for _ in 0..FREEZE_ROUNDS {
        let fresh: Vec<u32> =
            descendants(root).into_iter().filter(|pid| !stopped.contains(pid)).collect();
        if fresh.is_empty() {
            break;
        }
        for pid in fresh {
            send(pid, libc::SIGSTOP);
            stopped.push(pid);
        }
    }
    for pid in descendants(root) {
        send(pid, libc::SIGKILL);
    }
}

/// Sends a signal; a process that has gone meanwhile is as good as reached.
fn send(pid: u32, signal: i32) {
    // SAFETY: kill touches no memory. The id is that of a process below another one, never 0
    // or negative, which would mean groups.
    unsafe { libc::kill(pid.cast_signed(), signal) };
}

/// The process ids of a session, given by its leader.
///
/// They are what is left of a container whose launcher was killed: nobody is
/// their subreaper any more, but a session stays together.
pub fn session_members(session: u32) -> Vec<u32> {
    all_processes().filter(|pid| stat_field(*pid, SESSION) == Some(session)).collect()
}

/// The parent of a process; none when there is no such process.
pub fn parent_of(pid: u32) -> Option<u32> {
    stat_field(pid, PARENT)
}

/// Fields of `/proc/<pid>/stat`, counted from the one after the command's name.
const PARENT: usize = 1;
const SESSION: usize = 3;

fn has_children_files() -> bool {
    let pid = std::process::id();
    fs::metadata(format!("/proc/{pid}/task/{pid}/children")).is_ok()
}

fn walk(root: u32, children: impl Fn(u32) -> Vec<u32>) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let mut next = 0;
    let mut parent = root;
    loop {
        for child in children(parent) {
            // A process that was re-parented during the walk would show twice.
            if child != root && !found.contains(&child) {
                found.push(child);
            }
        }
        let Some(&pid) = found.get(next) else { return found };
        next += 1;
        parent = pid;
    }
}

fn children_of(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        let list: PathBuf = thread.path().join("children");
        // A thread that ended meanwhile has handed its children to another one.
        let Ok(text) = fs::read_to_string(list) else { continue };
        children.extend(text.split_ascii_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
    }
    children
}

fn all_by_parent() -> BTreeMap<u32, Vec<u32>> {
    let mut by_parent: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for pid in all_processes() {
        if let Some(parent) = parent_of(pid) {
            by_parent.entry(parent).or_default().push(pid);
        }
    }
    by_parent
}

fn all_processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn stat_field(pid: u32, field: usize) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the command may hold blanks and parentheses; what follows it may not.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(field)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A shell with a child that has a child, all waiting for the end of their input.
    fn family() -> Child {
        Command::new("/bin/sh")
            .args(["-c", "sh -c 'cat; :' <&0; :"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn wait_for(mut condition: impl FnMut() -> bool) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !condition() {
            assert!(std::time::Instant::now() < deadline, "the condition was never met");
            std::thread::yield_now();
        }
    }

    #[test]
    fn grandchildren_come_after_children() {
        let mut child = family();
        wait_for(|| descendants(child.id()).len() == 2);
        let found = descendants(child.id());
        assert_eq!(parent_of(found[0]), Some(child.id()));
        assert_eq!(parent_of(found[1]), Some(found[0]));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(descendants(child.id()), Vec::<u32>::new());
    }

    #[test]
    fn both_ways_to_list_agree() {
        let mut child = family();
        wait_for(|| descendants(child.id()).len() == 2);
        let by_parent = all_by_parent();
        let slow = walk(child.id(), |pid| by_parent.get(&pid).cloned().unwrap_or_default());
        assert_eq!(slow, descendants(child.id()));
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn a_session_knows_its_members() {
        let own = std::process::id();
        let session = stat_field(own, SESSION).unwrap();
        assert!(session_members(session).contains(&own));
    }
}
