// SPDX-License-Identifier: Apache-2.0

//! The C++ half of the library's archive: the example `hello`, in a CMake project of its own.

use super::cluster::{Cluster, Wanted, greets};
use crate::{
    chores::root,
    dist::{Dist, name_of, output},
};
use anyhow::Result;
use std::{fs, path::Path, process::Command};

const PROJECT: &str = "\
cmake_minimum_required(VERSION 3.16)
project(hello CXX)
find_package(Mesos REQUIRED)
add_executable(hello hello.cpp)
target_link_libraries(hello Mesos::mesos)
";

/// Does nothing where the archive, unpacked in `prefix`, has no C++.
pub fn check(dist: &Dist, prefix: &Path, cluster: &Cluster) -> Result<()> {
    if !prefix.join("lib/cmake/Mesos").is_dir() {
        eprintln!("  there is no C++ library to check");
        return Ok(());
    }
    let folder = dist.scratch("check-cpp")?;
    let examples = root().join("examples/cpp");
    for entry in fs::read_dir(&examples)? {
        let path = entry?.path();
        let name = name_of(&path);
        if name == "hello.cpp" || name.ends_with(".hpp") {
            fs::copy(&path, folder.join(name))?;
        }
    }
    fs::write(folder.join("CMakeLists.txt"), PROJECT)?;
    let build = folder.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&folder).arg("-B").arg(&build);
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    output(&mut configure)?;
    output(Command::new("cmake").arg("--build").arg(&build))?;
    let mut hello = Command::new(build.join("hello"));
    greets(hello.arg(cluster.address()), &Wanted::Exactly("Hello, Mesos\n"))
}
