// SPDX-License-Identifier: Apache-2.0

//! A directory that names cannot lead out of.
//!
//! The kernel resolves every name with `RESOLVE_BENEATH`: a symbolic link that
//! leads elsewhere, planted by an archive or by anybody else at any moment,
//! makes the call fail instead of being followed. A link itself may be made
//! with any target, since real archives hold links to absolute paths; it is
//! just never followed from here.

use std::{
    ffi::CString,
    fs::{File, OpenOptions, Permissions},
    io,
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::OpenOptionsExt, fs::PermissionsExt},
    },
    path::{Component, Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{AtFlags, OFlag},
    sys::stat::{Mode, mkdirat},
    unistd::{UnlinkatFlags, linkat, symlinkat, unlinkat},
};

/// The logs of the container, which are open already and must stay in place.
const LOGS: [&str; 2] = ["stdout", "stderr"];

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

/// The plain form of a name: no `.` in it, and never a `..` or a leading `/`.
///
/// # Errors
/// When the name leads out of the directory or stands for the directory itself.
pub(super) fn plain(name: &Path) -> io::Result<PathBuf> {
    let mut plain = PathBuf::new();
    for component in name.components() {
        match component {
            Component::Normal(part) => plain.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(refused(name, "leads out of the sandbox"));
            }
        }
    }
    if plain.as_os_str().is_empty() { Err(refused(name, "names no file")) } else { Ok(plain) }
}

fn refused(name: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("'{}' {why}", name.display()))
}

impl Directory {
    pub(super) fn open(path: &Path) -> io::Result<Directory> {
        let directory = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_PATH | libc::O_DIRECTORY | libc::O_NOFOLLOW)
            .open(path)?;
        Ok(Directory(directory.into()))
    }

    /// Makes an empty file, in place of one that is there, and the directories it needs.
    pub(super) fn create(&self, name: &Path, mode: u32) -> io::Result<File> {
        let (parent, file) = self.make_room(name)?;
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
        Ok(File::from(parent.resolve(&file, flags, mode)?))
    }

    /// Opens a file for reading.
    pub(super) fn read(&self, name: &Path) -> io::Result<File> {
        Ok(File::from(self.resolve(&plain(name)?, libc::O_RDONLY | libc::O_NONBLOCK, 0)?))
    }

    /// A file without a name, for reading and writing.
    pub(super) fn scratch(&self) -> io::Result<File> {
        let name = Path::new(".mesos-fetcher-scratch");
        let file = self.create(name, 0o600)?;
        unlinkat(self.0.as_fd(), name, UnlinkatFlags::NoRemoveDir)?;
        Ok(file)
    }

    /// Makes a directory and those above it; one that is there is left as it is.
    pub(super) fn make_directory(&self, name: &Path, mode: u32) -> io::Result<Directory> {
        let mut directory = self.again()?;
        let mut path = PathBuf::new();
        for part in plain(name)?.components() {
            let part = Path::new(part.as_os_str());
            match mkdirat(directory.0.as_fd(), part, Mode::from_bits_truncate(mode)) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(error.into()),
            }
            // From the top each time: a link may lead up, as long as it stays in the sandbox.
            path.push(part);
            directory = Directory(self.resolve(&path, libc::O_PATH | libc::O_DIRECTORY, 0)?);
        }
        Ok(directory)
    }

    /// Makes a symbolic link.
    pub(super) fn link(&self, name: &Path, target: &Path) -> io::Result<()> {
        let (parent, file) = self.make_room(name)?;
        Ok(symlinkat(target, parent.0.as_fd(), &file)?)
    }

    /// Gives a file of this directory a second name.
    pub(super) fn hard_link(&self, name: &Path, existing: &Path) -> io::Result<()> {
        let existing = plain(existing)?;
        let (from, old) = self.parent_of(&existing)?;
        let (to, new) = self.make_room(name)?;
        // Without AT_SYMLINK_FOLLOW a link to elsewhere gets a second name, not what it leads to.
        Ok(linkat(from.0.as_fd(), &old, to.0.as_fd(), &new, AtFlags::empty())?)
    }

    /// Sets the permissions of a file.
    pub(super) fn set_mode(&self, name: &Path, mode: u32) -> io::Result<()> {
        self.read(name)?.set_permissions(Permissions::from_mode(mode))
    }

    /// Removes what is in the way of a new `name` and returns its directory and last part.
    fn make_room(&self, name: &Path) -> io::Result<(Directory, PathBuf)> {
        let name = plain(name)?;
        if LOGS.iter().any(|log| name == Path::new(log)) {
            return Err(refused(&name, "is a log of the container"));
        }
        let (parent, file) = self.parent_of(&name)?;
        match unlinkat(parent.0.as_fd(), &file, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok((parent, file)),
            Err(error) => Err(error.into()),
        }
    }

    /// The directory of a plain name, made if need be, and the name's last part.
    fn parent_of(&self, name: &Path) -> io::Result<(Directory, PathBuf)> {
        let file = PathBuf::from(name.file_name().ok_or_else(|| refused(name, "names no file"))?);
        match name.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => {
                Ok((self.make_directory(parent, 0o755)?, file))
            }
            Some(_) | None => Ok((self.again()?, file)),
        }
    }

    fn again(&self) -> io::Result<Directory> {
        Ok(Directory(self.0.try_clone()?))
    }

    fn resolve(&self, name: &Path, flags: i32, mode: u32) -> io::Result<OwnedFd> {
        let resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS;
        open(self.0.as_raw_fd(), name, flags, mode, resolve).map_err(|error| {
            if error.raw_os_error() == Some(libc::EXDEV) {
                refused(name, "leads out of the sandbox")
            } else {
                error
            }
        })
    }
}

/// Opens a file of this machine for reading, but never through the links of `/proc`,
/// which lead to whatever this process has open.
pub(super) fn open_outside(path: &Path) -> io::Result<File> {
    let flags = libc::O_RDONLY | libc::O_NONBLOCK;
    open(libc::AT_FDCWD, path, flags, 0, libc::RESOLVE_NO_MAGICLINKS).map(File::from)
}

fn open(folder: i32, name: &Path, flags: i32, mode: u32, resolve: u64) -> io::Result<OwnedFd> {
    let name = CString::new(name.as_os_str().as_bytes())?;
    // SAFETY: an all-zero request is valid and means "no flags".
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    how.flags = u64::from((flags | OFlag::O_CLOEXEC.bits()).cast_unsigned());
    how.mode = mode.into();
    how.resolve = resolve;
    // SAFETY: name and request live during the call, the size is the request's own.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_openat2,
            folder,
            name.as_ptr(),
            &raw const how,
            size_of::<libc::open_how>(),
        )
    };
    match i32::try_from(fd) {
        // SAFETY: the kernel has just opened it for us.
        Ok(fd @ 0..) => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        Ok(_) | Err(_) => Err(io::Error::last_os_error()),
    }
}
