// SPDX-License-Identifier: Apache-2.0

//! The C++ half of the library's archive: program and project of its README.

use super::cluster::{Cluster, Wanted, blocks, greets};
use crate::{
    chores::root,
    dist::{Dist, output},
};
use anyhow::{Context, Result};
use std::{fs, path::Path, process::Command};

/// Does nothing where the archive, unpacked in `prefix`, has no C++.
pub fn check(dist: &Dist, prefix: &Path, cluster: &Cluster) -> Result<()> {
    if !prefix.join("lib/cmake/Mesos").is_dir() {
        eprintln!("  there is no C++ library to check");
        return Ok(());
    }
    let folder = dist.scratch("check-cpp")?;
    let document = fs::read_to_string(root().join("bindings/cpp/README.md"))?;
    for (language, file) in [("cpp", "hello.cpp"), ("cmake", "CMakeLists.txt")] {
        let block = blocks(&document, language).into_iter().next();
        let block = block.with_context(|| format!("the README shows no {language}"))?;
        fs::write(folder.join(file), block)?;
    }
    let build = folder.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&folder).arg("-B").arg(&build);
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    output(&mut configure)?;
    output(Command::new("cmake").arg("--build").arg(&build))?;
    let mut hello = Command::new(build.join("hello"));
    greets(hello.arg(cluster.address()), &Wanted::Saying("hello TASK_FINISHED\n"))
        .context("the program of the README")
}
