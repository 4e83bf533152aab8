// SPDX-License-Identifier: Apache-2.0

//! The archive for C and C++: headers, libraries, and what CMake and pkg-config want to know.

use super::{
    Dist, PLATFORM, archive, crates, elf, languages, megabytes, notices, place, strip, write,
};
use crate::chores::{cargo, root, succeed, target};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path};

/// No larger may the shared library be.
const SIZE_MAX: u64 = 15_000_000;

/// Builds, lays out, packs.
pub fn make(dist: &Dist) -> Result<()> {
    succeed(cargo(&["build", "--release", "--locked", "--package", "libmesos", "--lib"]))?;
    let top = format!("libmesos-{}", dist.version);
    let parent = dist.scratch("library")?;
    let prefix = parent.join(&top);
    languages::package("C++", &prefix)?;
    lay_out(&prefix, dist.version)?;

    let library = prefix.join("lib/libmesos.so");
    let needs = elf::check(&library)?;
    let size = library.metadata()?.len();
    let glibc = needs.glibc;
    eprintln!("  libmesos.so     {:>9}  glibc {}.{}", megabytes(size), glibc.0, glibc.1);
    ensure!(size < SIZE_MAX, "libmesos.so has {size} bytes, more than {SIZE_MAX}");
    archive::pack(dist, &parent, &top, &format!("{top}-{PLATFORM}"))?;
    Ok(())
}

/// Puts the C interface into a prefix.
fn lay_out(prefix: &Path, version: &str) -> Result<()> {
    let release = target().join("release");
    for (library, how) in [("libmesos.so", "--strip-unneeded"), ("libmesos.a", "--strip-debug")] {
        let file = prefix.join("lib").join(library);
        place(&release.join(library), &file, 0o644)?;
        strip(&file, how)?;
    }
    for (from, to) in FILES {
        let text = fs::read_to_string(root().join(from)).with_context(|| from.to_owned())?;
        write(&prefix.join(to), text.replace("@VERSION@", version).as_bytes(), 0o644)?;
    }
    let notices = notices::text(crates::OF_LIBRARY)?;
    let file = prefix.join("share/doc/libmesos").join(notices::FILE);
    write(&file, notices.as_bytes(), 0o644)
}

/// What lies beside the libraries: where it comes from, and where it goes.
const FILES: [(&str, &str); 7] = [
    ("core/ffi/include/mesos.h", "include/mesos.h"),
    ("packaging/library/libmesos.pc.in", "lib/pkgconfig/libmesos.pc"),
    ("packaging/library/libmesosConfig.cmake", "lib/cmake/libmesos/libmesosConfig.cmake"),
    (
        "packaging/library/libmesosConfigVersion.cmake.in",
        "lib/cmake/libmesos/libmesosConfigVersion.cmake",
    ),
    ("packaging/c-example/example.c", "share/doc/libmesos/example/example.c"),
    ("packaging/c-example/CMakeLists.txt", "share/doc/libmesos/example/CMakeLists.txt"),
    ("LICENSE", "share/doc/libmesos/LICENSE"),
];
