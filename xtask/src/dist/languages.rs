// SPDX-License-Identifier: Apache-2.0

//! What the bindings themselves know to make: wheels, jars, the C++ part of the C archive.

use super::Dist;
use crate::bindings::{cpp, java, python};
use anyhow::{Context, Result};
use std::path::Path;

/// Makes a binding's packages in a folder.
type Package = fn(&Path) -> Result<()>;

/// Each language; C++ goes into the archive that `library` packs.
const PACKAGES: [(&str, Package); 3] =
    [("C++", cpp::package), ("Python", python::package), ("Java", java::package)];

/// Makes the wheel and the jars.
pub fn make(dist: &Dist) -> Result<()> {
    for (name, _) in PACKAGES.iter().filter(|(name, _)| *name != "C++") {
        package(name, &dist.folder)?;
    }
    Ok(())
}

/// Lets one binding put its packages into a folder.
pub fn package(language: &str, into: &Path) -> Result<()> {
    let known = PACKAGES.iter().find(|(name, _)| *name == language);
    let (name, package) = known.with_context(|| format!("no package for {language}"))?;
    package(into).with_context(|| format!("packing for {name}"))
}
