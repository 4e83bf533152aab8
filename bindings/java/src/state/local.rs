// SPDX-License-Identifier: Apache-2.0

//! The store of `LevelDBState`: a folder with a file for each entry.
//!
//! Of LevelDB it has the name and the promise: what was stored survives a crash,
//! and one process at a time has the folder. A file is written beside its place,
//! synchronized and renamed. The database of Apache Mesos cannot be read; a folder
//! that has one is refused.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use prost::Message;

use super::entry::Entry;

/// The longest file name that every file system has, with room for what is added.
const NAME_BYTES_MAX: usize = 240;
/// What a file is called until it is complete.
const UNFINISHED: &str = ".unfinished";
const LOCK: &str = ".lock";

/// An open folder.
#[derive(Debug)]
pub(super) struct LocalStore {
    folder: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl LocalStore {
    /// Opens a folder, which is made if it is not there.
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let failed = |error: io::Error| format!("cannot open {}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(failed)?;
        if folder.join("CURRENT").exists() {
            return Err(format!(
                "{} has a LevelDB database, which mesos-rs does not read: name an empty folder, \
                 and store anew what the old one has",
                folder.display()
            ));
        }
        let lock = File::create(folder.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(format!("{} is in use by another state", folder.display()));
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(LocalStore { folder: folder.to_owned(), _lock: lock })
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Entry>, String> {
        let path = self.path(name)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let entry = Entry::decode(bytes.as_slice())
            .map_err(|error| format!("{} is damaged: {error}", path.display()))?;
        Ok(Some(entry))
    }

    pub(super) fn put(&self, entry: &Entry) -> Result<(), String> {
        let path = self.path(&entry.name)?;
        self.replace(&path, &entry.encode_to_vec())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path(name)?;
        fs::remove_file(&path)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|error| format!("cannot remove {}: {error}", path.display()))
    }

    pub(super) fn names(&self) -> Result<Vec<String>, String> {
        let failed = |error: io::Error| format!("cannot list {}: {error}", self.folder.display());
        let mut names = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(failed)? {
            let file = file.map_err(failed)?.file_name();
            names.extend(file.to_str().and_then(decoded));
        }
        names.sort();
        Ok(names)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.folder.join(UNFINISHED);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(&self.folder)?.sync_all()
    }

    fn path(&self, name: &str) -> Result<PathBuf, String> {
        let file = encoded(name);
        if file.len() > NAME_BYTES_MAX {
            return Err(format!(
                "the name of a variable is too long: {} bytes as a file, at most {NAME_BYTES_MAX}",
                file.len()
            ));
        }
        Ok(self.folder.join(file))
    }
}

/// A file name for a name: `=`, and whatever is no letter, digit, `-` or `_` in hexadecimal.
fn encoded(name: &str) -> String {
    let mut file = "=".to_owned();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => file.push(char::from(byte)),
            _ => file.push_str(&format!("%{byte:02x}")),
        }
    }
    file
}

/// The name that a file name is for; `None` for other files.
fn decoded(file: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = file.strip_prefix('=')?.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}
