// SPDX-License-Identifier: Apache-2.0

//! Writes checkpoints, in order, on a thread of its own.
//!
//! | what    | how                                                                  |
//! |---------|----------------------------------------------------------------------|
//! | replace | a temporary file beside it, renamed over it                          |
//! | append  | written at the end; undone if it could not be written whole          |
//! | link    | a new link beside it, renamed over it                                |
//! | remove  | moved into the trash, from where another thread removes it           |
//!
//! What a reboot does not end (the agent's own description, its reservations and
//! volumes, that it drains) is flushed to the disk before it is reported as
//! stored. What is below `frameworks/` speaks of processes, which a reboot ends
//! anyway: it survives a crash of the agent at any moment, and is left to the
//! system to flush. Flushing it would cost every task some ten disk flushes.
//!
//! A write that fails is reported and not tried again; later ones go on.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::mpsc,
};

use mesos_agent_state::{Input, WriteKey, output::Store};
use tokio::sync::mpsc::UnboundedSender;

use crate::removal::Removals;

/// Something to do on the disk.
#[derive(Debug)]
enum Job {
    Store { write: WriteKey, path: String, store: Store },
    Remove { path: String },
}

/// The thread that writes. Its queue is emptied before the thread ends.
#[derive(Debug)]
pub struct Disk {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Disk {
    /// Starts the threads, which report to `inputs`.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(work_dir: &Path, inputs: UnboundedSender<Input>) -> io::Result<Disk> {
        let (sender, jobs) = mpsc::channel();
        let mut removals = Removals::start(work_dir, inputs.clone())?;
        let thread =
            std::thread::Builder::new().name("checkpoints".to_owned()).spawn(move || {
                for job in jobs {
                    if let Some(input) = carry_out(job, &mut removals) {
                        // An agent that is going away hears nothing any more, and need not.
                        let _ = inputs.send(input);
                    }
                }
            })?;
        Ok(Disk { jobs: Some(sender), thread: Some(thread) })
    }

    /// Writes a checkpoint after all earlier ones.
    pub fn store(&self, write: WriteKey, path: String, store: Store) {
        self.queue(Job::Store { write, path, store });
    }

    /// Removes a path after all earlier writes.
    pub fn remove(&self, path: String) {
        self.queue(Job::Remove { path });
    }

    fn queue(&self, job: Job) {
        let queued = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        assert!(queued, "the checkpoint thread ends only with the agent");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread panicked");
        }
    }
}

fn carry_out(job: Job, removals: &mut Removals) -> Option<Input> {
    match job {
        Job::Store { write, path, store } => Some(match self::store(Path::new(&path), &store) {
            Ok(()) => Input::CheckpointStored { write },
            Err(error) => {
                tracing::error!(%error, "cannot write {path}");
                Input::CheckpointFailed { write, reason: error.to_string() }
            }
        }),
        Job::Remove { path } => removals.remove(path),
    }
}

fn store(path: &Path, store: &Store) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("/"));
    make_directories(path, parent)?;
    let flush = Flush::of(path);
    match store {
        Store::Replace(content) => {
            let unfinished = beside(path);
            let mut options = OpenOptions::new();
            // As Mesos leaves them: what was renamed into place is the agent's alone.
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&unfinished)?;
            file.write_all(content)?;
            flush.file(&file)?;
            fs::rename(unfinished, path)?;
            flush.directory(parent)
        }
        Store::Append(content) => append(path, content, flush),
        Store::Link(target) => {
            let unfinished = beside(path);
            match fs::remove_file(&unfinished) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
            symlink(target, &unfinished)?;
            fs::rename(unfinished, path)?;
            flush.directory(parent)
        }
    }
}

/// The directories of Mesos's layout are open to all but `runs/<container>`, which is the
/// group's to read.
fn make_directories(path: &Path, parent: &Path) -> io::Result<()> {
    if parent.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
    let run = path
        .ancestors()
        .find(|path| path.parent().is_some_and(|runs| runs.ends_with("runs")))
        .filter(|run| !run.ends_with("latest"));
    match run {
        Some(run) if run.is_dir() => fs::set_permissions(run, PermissionsExt::from_mode(0o750)),
        Some(_) | None => Ok(()),
    }
}

fn append(path: &Path, content: &[u8], flush: Flush) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o644).open(path)?;
    let length = file.metadata()?.len();
    if let Err(error) = file.write_all(content) {
        // Half a record would spoil all that follow.
        file.set_len(length)?;
        return Err(error);
    }
    flush.file(&file)?;
    if length == 0 { flush.directory(path.parent().unwrap_or(Path::new("/"))) } else { Ok(()) }
}

/// Whether a write must survive a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flush {
    Now,
    Never,
}

impl Flush {
    fn of(path: &Path) -> Flush {
        let speaks_of_processes = path.components().any(|part| part.as_os_str() == "frameworks");
        if speaks_of_processes { Flush::Never } else { Flush::Now }
    }

    fn file(self, file: &File) -> io::Result<()> {
        match self {
            Flush::Now => file.sync_data(),
            Flush::Never => Ok(()),
        }
    }

    /// Makes a new name in a directory last.
    fn directory(self, directory: &Path) -> io::Result<()> {
        match self {
            Flush::Now => File::open(directory)?.sync_data(),
            Flush::Never => Ok(()),
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn what_outlives_a_reboot_is_flushed() {
        for path in ["/work/meta/slaves/S0/slave.info", "/work/meta/resources/resources.info"] {
            assert_eq!(Flush::of(Path::new(path)), Flush::Now, "{path}");
        }
        let update = "/work/meta/slaves/S0/frameworks/f/executors/e/runs/c/tasks/t/task.updates";
        assert_eq!(Flush::of(Path::new(update)), Flush::Never);
    }

    #[test]
    fn writes_reach_the_disk_in_order_and_are_reported() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name).display().to_string();
        let (sender, mut inputs) = unbounded_channel();
        let disk = Disk::start(&root.path().join("work"), sender).unwrap();
        let info = path("meta/runs/c/slave.info");
        disk.store(WriteKey(1), info.clone(), Store::Replace(Bytes::from_static(b"old")));
        disk.store(WriteKey(2), info.clone(), Store::Replace(Bytes::from_static(b"new")));
        for (key, part) in [(3, b"a"), (4, b"b")] {
            disk.store(WriteKey(key), path("log"), Store::Append(Bytes::from_static(part)));
        }
        disk.store(WriteKey(5), path("latest"), Store::Link("one".to_owned()));
        disk.store(WriteKey(6), path("latest"), Store::Link("two".to_owned()));
        disk.store(WriteKey(7), path("log/below/a/file"), Store::Append(Bytes::new()));
        disk.remove(path("log"));
        disk.remove(path("never/there"));
        drop(disk);
        assert_eq!(fs::read(&info).unwrap(), b"new");
        assert_eq!(fs::read_link(path("latest")).unwrap(), Path::new("two"));
        let run = fs::metadata(path("meta/runs/c")).unwrap();
        assert_eq!(run.permissions().mode() & 0o777, 0o750);
        for key in 1..=6 {
            let stored = Input::CheckpointStored { write: WriteKey(key) };
            assert_eq!(inputs.try_recv().unwrap(), stored);
        }
        assert!(matches!(
            inputs.try_recv().unwrap(),
            Input::CheckpointFailed { write: WriteKey(7), .. }
        ));
        let mut gone = [inputs.blocking_recv(), inputs.blocking_recv()];
        gone.sort_by_key(|input| format!("{input:?}"));
        let removed = |name: &str| Some(Input::PathRemoved { path: path(name) });
        assert_eq!(gone, [removed("log"), removed("never/there")]);
        assert!(!Path::new(&path("log")).exists());
        // The link, `meta`, and `work` with an empty trash.
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 3, "nothing unfinished is left");
    }
}
