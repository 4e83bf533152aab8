// SPDX-License-Identifier: Apache-2.0

//! The daemons and the command-line programs, as an archive that runs from any folder.

use super::{Dist, PLATFORM, archive, crates, elf, manual, megabytes, notices, place, strip};
use crate::chores::{cargo, root, succeed, target};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// A program that is shipped.
pub struct Program {
    /// Its file's name.
    pub name: &'static str,
    /// Where it belongs on a machine.
    pub folder: &'static str,
    /// For its manual page: what it does, and the section. `None` for programs that only other
    /// programs call.
    pub manual: Option<(&'static str, u8)>,
}

/// All of them.
pub const PROGRAMS: [Program; 6] = [
    Program {
        name: "mesos-master",
        folder: "usr/sbin",
        manual: Some(("decides what runs where in a Mesos cluster", 8)),
    },
    Program {
        name: "mesos-agent",
        folder: "usr/sbin",
        manual: Some(("runs the tasks of a Mesos cluster on a machine", 8)),
    },
    Program {
        name: "mesos-execute",
        folder: "usr/bin",
        manual: Some(("runs one command on a Mesos cluster", 1)),
    },
    Program {
        name: "mesos-local",
        folder: "usr/bin",
        manual: Some(("runs a Mesos cluster in one process", 1)),
    },
    Program { name: "mesos-launcher", folder: "usr/libexec/mesos", manual: None },
    Program { name: "mesos-fetcher", folder: "usr/libexec/mesos", manual: None },
];

/// Builds, strips, packs.
pub fn make(dist: &Dist) -> Result<()> {
    let mut arguments = vec!["build", "--release", "--locked", "--bins"];
    for package in ["mesos-master", "mesos-agent", "mesos-launcher", "mesos-cli"] {
        arguments.extend(["--package", package]);
    }
    succeed(cargo(&arguments))?;

    let top = format!("mesos-rs-{}", dist.version);
    let parent = dist.scratch("daemons")?;
    let folder = parent.join(&top);
    for program in &PROGRAMS {
        let file = folder.join("bin").join(program.name);
        place(&target().join("release").join(program.name), &file, 0o755)?;
        strip(&file, "--strip-all")?;
        let needs = elf::check(&file)?;
        eprintln!(
            "  {:<15} {:>9}  glibc {}.{}",
            program.name,
            megabytes(file.metadata()?.len()),
            needs.glibc.0,
            needs.glibc.1
        );
        if let Some((purpose, section)) = program.manual {
            let page = format!("share/man/man{section}/{}.{section}", program.name);
            let page = folder.join(page);
            super::write(&page, manual::page(&file, purpose, section, dist)?.as_bytes(), 0o644)?;
        }
    }
    for document in ["README.md", "LICENSE", "docs/differences-from-mesos.md", "docs/limits.md"] {
        let name = super::name_of(document.as_ref());
        place(&root().join(document), &folder.join("share/doc/mesos-rs").join(name), 0o644)?;
    }
    let notices = notices::text(crates::OF_PROGRAMS)?;
    let file = folder.join("share/doc/mesos-rs").join(notices::FILE);
    super::write(&file, notices.as_bytes(), 0o644)?;
    archive::pack(dist, &parent, &top, &format!("{top}-{PLATFORM}"))?;
    Ok(())
}

/// Where [`make`] has laid out what is in the archive.
pub fn folder(dist: &Dist) -> Result<PathBuf> {
    let folder = dist.work.join("daemons").join(format!("mesos-rs-{}", dist.version));
    folder.is_dir().then_some(folder).context("make the part 'daemons' first")
}
