// SPDX-License-Identifier: Apache-2.0

//! Makes a container's sandbox, as Mesos lays it out.
//!
//! ```text
//! …/executors/<executor>/runs/            0755, the agent's
//! …/executors/<executor>/runs/<container> 0750, the user's: the sandbox
//!     stdout, stderr                      0644, the user's
//! …/executors/<executor>/runs/latest      -> the absolute path of the newest sandbox
//! ```
//!
//! `stdout` and `stderr` are made before anything of the task or of its
//! archives can put something else in their place, and are only ever opened by
//! the agent without following links.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use mesos_launcher::spec::Identity;

use crate::{
    user::{self, UserError},
    words,
};

/// Why a sandbox could not be made. The texts are those of Mesos.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A directory could not be made.
    #[error("Failed to create directory '{}': {}", path.display(), words::of(error))]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The user is not known here.
    #[error("Failed to chown directory to '{user}': {error}")]
    User {
        /// The user's name.
        user: String,
        /// What is wrong with it.
        error: UserError,
    },
    /// The sandbox could not be given to the user.
    #[error("Failed to chown directory to '{user}': {}", words::of(error))]
    Owner {
        /// The user's name.
        user: String,
        /// What the system said.
        error: io::Error,
    },
    /// `stdout` or `stderr` could not be made.
    #[error("Failed to create '{}': {}", path.display(), words::of(error))]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The `latest` link could not be set.
    #[error(
        "Failed to symlink '{}' to '{}': {}",
        target.display(), link.display(), words::of(error)
    )]
    Latest {
        /// The sandbox.
        target: PathBuf,
        /// The link.
        link: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A sandbox that is ready to be worked in.
#[derive(Debug)]
pub struct Sandbox {
    /// Who owns it and whom the container runs as; none for the agent's own user.
    pub identity: Option<Identity>,
    /// The container's standard output, opened for appending.
    pub stdout: File,
    /// The container's standard error, opened for appending.
    pub stderr: File,
}

/// Makes the sandbox `path` for `user` and lets `latest` point to it. Blocks.
///
/// # Errors
/// When the user is unknown or the file system refuses; what was made by then stays.
pub fn create(path: &Path, latest: &Path, user: Option<&str>) -> Result<Sandbox, SandboxError> {
    let identity = make_directory(path, user)?;
    point(latest, path)?;
    let open = |name| open_log(&path.join(name), user, identity.as_ref());
    let (stdout, stderr) = (open("stdout")?, open("stderr")?);
    Ok(Sandbox { identity, stdout, stderr })
}

fn make_directory(path: &Path, user: Option<&str>) -> Result<Option<Identity>, SandboxError> {
    let failed = |error| SandboxError::Directory { path: path.to_owned(), error };
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o755).create(parent).map_err(failed)?;
    }
    DirBuilder::new().mode(0o750).create(path).map_err(failed)?;
    // The mode above was cut by the agent's umask.
    fs::set_permissions(path, Permissions::from_mode(0o750)).map_err(failed)?;
    let Some(user) = user else { return Ok(None) };
    let identity = user::identity(user)
        .map_err(|error| SandboxError::User { user: user.to_owned(), error })?;
    chown(path, Some(identity.uid), Some(identity.gid))
        .map_err(|error| SandboxError::Owner { user: user.to_owned(), error })?;
    Ok(user::to_become(identity))
}

fn open_log(
    path: &Path,
    user: Option<&str>,
    identity: Option<&Identity>,
) -> Result<File, SandboxError> {
    let failed = |error| SandboxError::File { path: path.to_owned(), error };
    let file = OpenOptions::new()
        .append(true)
        .create_new(true)
        .mode(0o644)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)
        .map_err(failed)?;
    if let (Some(user), Some(identity)) = (user, identity) {
        std::os::unix::fs::fchown(&file, Some(identity.uid), Some(identity.gid))
            .map_err(|error| SandboxError::Owner { user: user.to_owned(), error })?;
    }
    Ok(file)
}

fn point(link: &Path, target: &Path) -> Result<(), SandboxError> {
    let failed =
        |error| SandboxError::Latest { target: target.to_owned(), link: link.to_owned(), error };
    match symlink(target, link) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // Replaced in one step: the link is never missing. Its first name is this sandbox's
            // own, since others may be made at the same time.
            let own = target.file_name().unwrap_or_default().to_string_lossy();
            let unfinished = link.with_file_name(format!(".latest-{own}"));
            symlink(target, &unfinished).map_err(failed)?;
            fs::rename(&unfinished, link).map_err(failed)
        }
        other => other.map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_sandbox_is_laid_out_as_mesos_does() {
        let root = tempfile::tempdir().unwrap();
        let runs = root.path().join("executors/e/runs");
        create(&runs.join("one"), &runs.join("latest"), None).unwrap();
        create(&runs.join("two"), &runs.join("latest"), None).unwrap();
        assert_eq!(mode(&runs), 0o755);
        assert_eq!(mode(&runs.join("one")), 0o750);
        assert_eq!(mode(&runs.join("two/stdout")), 0o644);
        assert_eq!(mode(&runs.join("two/stderr")), 0o644);
        assert_eq!(fs::read_link(runs.join("latest")).unwrap(), runs.join("two"));
        assert_eq!(fs::read_dir(&runs).unwrap().count(), 3);
    }

    #[test]
    fn an_unknown_user_is_refused_in_mesos_words() {
        let root = tempfile::tempdir().unwrap();
        let error =
            create(&root.path().join("c"), &root.path().join("latest"), Some("nobody-here"))
                .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Failed to chown directory to 'nobody-here': No such user 'nobody-here'"
        );
    }

    #[test]
    fn a_sandbox_belongs_to_its_user() {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: giving a directory away needs root");
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let sandbox = root.path().join("c");
        create(&sandbox, &root.path().join("latest"), Some("nobody")).unwrap();
        let nobody = user::identity("nobody").unwrap().uid;
        for path in [&sandbox, &sandbox.join("stdout"), &sandbox.join("stderr")] {
            assert_eq!(fs::metadata(path).unwrap().uid(), nobody, "{}", path.display());
        }
    }

    #[test]
    fn a_sandbox_is_never_taken_over() {
        let root = tempfile::tempdir().unwrap();
        let sandbox = root.path().join("c");
        create(&sandbox, &root.path().join("latest"), None).unwrap();
        let error = create(&sandbox, &root.path().join("latest"), None).unwrap_err();
        assert!(matches!(error, SandboxError::Directory { .. }), "{error}");
    }
}
