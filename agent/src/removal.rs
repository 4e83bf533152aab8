// SPDX-License-Identifier: Apache-2.0

//! Removes what garbage collection gave up, on a thread of its own.
//!
//! A sandbox may hold millions of files, and checkpoints must not wait for
//! their removal. What is to go is first moved into a trash directory beside
//! what stays, by the thread that writes checkpoints and in their order: from
//! then on its path is free. What lies in the trash is removed here, and what an
//! agent leaves there that dies meanwhile, by its next life.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc,
};

use mesos_agent_state::Input;
use tokio::sync::mpsc::UnboundedSender;

/// The trash directory in a work directory.
const TRASH: &str = ".trash";

/// How a path is removed; blocks as long as it takes.
type Remove = fn(&Path) -> io::Result<()>;

/// Something in the trash.
#[derive(Debug)]
struct Job {
    /// What it was called.
    path: String,
    /// Where it lies.
    trash: PathBuf,
}

/// The thread that removes. It is not waited for: it goes on in the agent's next life.
#[derive(Debug)]
pub struct Removals {
    trash: PathBuf,
    /// Makes the names in the trash unique; those of a former life are other ones.
    next: u64,
    jobs: mpsc::Sender<Job>,
}

impl Removals {
    /// Starts the thread, which reports to `inputs`.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(work_dir: &Path, inputs: UnboundedSender<Input>) -> io::Result<Removals> {
        Self::start_with(remove, work_dir, inputs)
    }

    fn start_with(
        remove: Remove,
        work_dir: &Path,
        inputs: UnboundedSender<Input>,
    ) -> io::Result<Removals> {
        let trash = work_dir.join(TRASH);
        let (jobs, queue) = mpsc::channel::<Job>();
        let old = trash.clone();
        std::thread::Builder::new().name("removals".to_owned()).spawn(move || {
            for left in leftovers(&old) {
                if let Err(error) = remove(&left) {
                    tracing::warn!(%error, "cannot remove {}", left.display());
                }
            }
            for Job { path, trash } in queue {
                let input = match remove(&trash) {
                    Ok(()) => Input::PathRemoved { path },
                    Err(error) => Input::PathNotRemoved { path, reason: error.to_string() },
                };
                // An agent that is going away hears nothing any more, and need not.
                let _ = inputs.send(input);
            }
        })?;
        Ok(Removals { trash, next: 0, jobs })
    }

    /// Frees a path at once; the thread tells when all of it is gone. Returns what is to be told
    /// if there is nothing for the thread to do.
    pub fn remove(&mut self, path: String) -> Option<Input> {
        match self.discard(Path::new(&path)) {
            Ok(trash) => {
                let sent = self.jobs.send(Job { path, trash });
                assert!(sent.is_ok(), "the removal thread ends only with its queue");
                None
            }
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some(Input::PathRemoved { path })
            }
            Err(error) => Some(Input::PathNotRemoved { path, reason: error.to_string() }),
        }
    }

    /// Moves something into the trash.
    fn discard(&mut self, path: &Path) -> io::Result<PathBuf> {
        fs::symlink_metadata(path)?;
        fs::create_dir_all(&self.trash)?;
        loop {
            let trash = self.trash.join(self.next.to_string());
            self.next += 1;
            if fs::symlink_metadata(&trash).is_ok() {
                // Of a former life.
                continue;
            }
            return match fs::rename(path, &trash) {
                // Another file system is mounted there: it has to be removed in its place, in
                // order, however long that takes.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    remove(path).map(|()| trash)
                }
                moved => moved.map(|()| trash),
            };
        }
    }
}

fn leftovers(trash: &Path) -> Vec<PathBuf> {
    fs::read_dir(trash).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// A path becomes free, and is reported, whatever was there.
    #[test]
    fn a_path_is_free_at_once_and_gone_later() {
        // Removing takes as long as the test wants.
        fn held_up(path: &Path) -> io::Result<()> {
            let deadline = Instant::now() + Duration::from_secs(20);
            while path.join("held").exists() && Instant::now() < deadline {
                std::thread::yield_now();
            }
            remove(path)
        }
        let root = tempfile::tempdir().unwrap();
        let (sender, mut inputs) = unbounded_channel();
        let mut removals = Removals::start_with(held_up, root.path(), sender).unwrap();
        let sandbox = root.path().join("sandbox");
        fs::create_dir_all(sandbox.join("deep")).unwrap();
        fs::write(sandbox.join("held"), "").unwrap();
        let path = sandbox.display().to_string();
        assert_eq!(removals.remove(path.clone()), None);
        assert!(!sandbox.exists());
        fs::create_dir(&sandbox).unwrap();
        assert!(inputs.try_recv().is_err(), "it is not gone yet");
        fs::remove_file(root.path().join(TRASH).join("0/held")).unwrap();
        assert_eq!(inputs.blocking_recv(), Some(Input::PathRemoved { path }));
        assert!(sandbox.exists(), "what came later stays");
        assert_eq!(fs::read_dir(root.path().join(TRASH)).unwrap().count(), 0);
    }

    #[test]
    fn what_a_former_life_left_in_the_trash_goes_and_is_not_taken_for_new() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(TRASH).join("0/deep")).unwrap();
        let (sender, mut inputs) = unbounded_channel();
        let mut removals = Removals::start(root.path(), sender).unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        let path = file.display().to_string();
        assert_eq!(removals.remove(path.clone()), None);
        assert_eq!(inputs.blocking_recv(), Some(Input::PathRemoved { path: path.clone() }));
        assert_eq!(fs::read_dir(root.path().join(TRASH)).unwrap().count(), 0);
        let again = removals.remove(path.clone());
        assert_eq!(again, Some(Input::PathRemoved { path }), "it was gone already");
    }
}
