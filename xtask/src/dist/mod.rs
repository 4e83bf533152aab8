// SPDX-License-Identifier: Apache-2.0

//! Makes what people install: archives, a Debian package, wheels, jars, and their checksums.
//!
//! Everything lands in `target/dist`. The same commit gives the same archives and the same Debian
//! package on the same machine: names are sorted, owners are root, times are the commit's (or
//! `SOURCE_DATE_EPOCH`). Jars contain the time of their making.

mod archive;
mod check;
pub mod crates;
mod daemons;
mod debian;
mod elf;
pub mod image;
mod languages;
mod library;
mod manual;
pub mod nix;
pub mod notices;
mod sbom;

use crate::{
    chores::{root, succeed, target},
    packages,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What all parts need to know.
pub struct Dist {
    /// Where the finished files go.
    pub folder: PathBuf,
    /// Where the parts put what only they need.
    pub work: PathBuf,
    /// Of the workspace.
    pub version: &'static str,
    /// The time written into archives: seconds since 1970.
    pub epoch: u64,
}

/// What the files are made for.
pub const PLATFORM: &str = "x86_64-linux";

type Part = (&'static str, fn(&Dist) -> Result<()>);

/// In the order they are made; a later part may use what an earlier one made.
const PARTS: [Part; 6] = [
    ("daemons", daemons::make),
    ("library", library::make),
    ("languages", languages::make),
    ("debian", debian::make),
    ("sbom", sbom::make),
    ("check", check::make),
];

/// Makes all, or the parts named.
pub fn dist(wanted: &[&str]) -> Result<()> {
    let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
        bail!("dist has no part '{unknown}'; there are {}", names.join(", "));
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        bail!("packages are made on Linux for x86_64 only");
    }
    // The languages build as they do for the tests.
    packages::ensure_installed()?;
    packages::ensure(&packages::FOR_DIST)?;
    let dist = Dist::begin(wanted.is_empty())?;
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.contains(&name) {
            eprintln!("dist: {name}");
            part(&dist).with_context(|| format!("making '{name}'"))?;
        }
    }
    dist.write_checksums()?;
    dist.show()
}

impl Dist {
    /// Begins with empty folders if all is to be made, else with what is there.
    fn begin(all: bool) -> Result<Self> {
        let folder = target().join("dist");
        let work = target().join("dist-work");
        if all {
            for old in [&folder, &work].into_iter().filter(|old| old.exists()) {
                fs::remove_dir_all(old).with_context(|| format!("emptying {}", old.display()))?;
            }
        }
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(&work)?;
        Ok(Self { folder, work, version: env!("CARGO_PKG_VERSION"), epoch: epoch()? })
    }

    /// An empty folder for one part.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.work.join(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("emptying {}", path.display()))?;
        }
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// The finished files, by name.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn write_checksums(&self) -> Result<()> {
        let names: Vec<String> =
            self.files()?.iter().map(|file| name_of(file)).filter(|n| n != "SHA256SUMS").collect();
        ensure!(!names.is_empty(), "nothing was made");
        let sums = output(Command::new("sha256sum").args(&names).current_dir(&self.folder))?;
        fs::write(self.folder.join("SHA256SUMS"), sums)?;
        Ok(())
    }

    fn show(&self) -> Result<()> {
        eprintln!("\n  {}", self.folder.display());
        for file in self.files()? {
            eprintln!("  {:>9}  {}", megabytes(file.metadata()?.len()), name_of(&file));
        }
        Ok(())
    }
}

/// The last part of a path.
pub fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A size as people read it.
pub fn megabytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "two digits are shown")]
    let amount = bytes as f64 / 1e6;
    format!("{amount:.2} MB")
}

/// Runs a command and gives what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.output().with_context(|| format!("starting {shown}"))?;
    ensure!(
        output.status.success(),
        "{shown} failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    String::from_utf8(output.stdout).with_context(|| format!("{shown} did not print UTF-8"))
}

/// Copies a file to a place whose folder may be missing.
pub fn place(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let text = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    write(to, &text, mode)
}

/// Writes a file into a folder that may be missing.
pub fn write(to: &Path, content: &[u8], mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = to.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(to, content).with_context(|| format!("writing {}", to.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// Strips symbols that nothing needs at run time.
pub fn strip(file: &Path, how: &str) -> Result<()> {
    let mut command = Command::new("strip");
    command.arg(how).arg(file);
    succeed(command)
}

/// The time written into archives: seconds since 1970.
pub fn epoch() -> Result<u64> {
    if let Ok(given) = env::var("SOURCE_DATE_EPOCH") {
        return given.parse().with_context(|| {
            format!("SOURCE_DATE_EPOCH is '{given}', not a number of seconds since 1970")
        });
    }
    let time = output(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))
        .context("not a git checkout; set SOURCE_DATE_EPOCH")?;
    Ok(time.trim().parse()?)
}
