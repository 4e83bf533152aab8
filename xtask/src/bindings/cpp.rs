// SPDX-License-Identifier: Apache-2.0

//! C++: a CMake package, and the examples and tests built against it as its users do.

use super::{Language, folder};
use crate::chores::{bin_dir, cargo, root, succeed, target};
use anyhow::Result;
use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
};

/// See the module.
pub const LANGUAGE: Language = Language { name: "C++", build, test, framework };

/// The installed package.
fn prefix() -> PathBuf {
    folder("cpp").join("prefix")
}

/// A folder that CMake builds in.
fn built(name: &str) -> PathBuf {
    folder("cpp").join(name)
}

/// Configures and builds a CMake project of this repository.
fn cmake(project: &str, into: &Path, definitions: &[String]) -> Result<()> {
    let mut configure = Command::new("cmake");
    configure.arg("--log-level=WARNING").arg("-S").arg(root().join(project)).arg("-B").arg(into);
    // A machine's own choice of compiler flags does not decide whether this passes.
    configure.env_remove("CXXFLAGS").args(definitions).stdout(std::process::Stdio::null());
    succeed(configure)?;
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let mut build = Command::new("cmake");
    build.arg("--build").arg(into).args(["--parallel", &jobs.to_string(), "--", "--quiet"]);
    succeed(build)
}

/// Builds the library against a libmesos.so and installs the package.
fn install(library: &Path, kind: &str, build: &Path, into: &Path) -> Result<()> {
    let protos = folder("cpp").join("protos");
    let mut write = cargo(&["run", "--quiet", "--package", "mesos-protos", "--"]);
    write.arg(&protos);
    succeed(write)?;
    let definitions = [
        format!("-DCMAKE_BUILD_TYPE={kind}"),
        format!("-DCMAKE_INSTALL_PREFIX={}", into.display()),
        format!("-DMESOS_PROTOS={}", protos.display()),
        format!("-DMESOS_LIBRARY={}", library.display()),
        "-DMESOS_WERROR=ON".to_owned(),
    ];
    cmake("bindings/cpp", build, &definitions)?;
    let mut install = Command::new("cmake");
    install.arg("--install").arg(build).stdout(std::process::Stdio::null());
    succeed(install)
}

fn build() -> Result<()> {
    succeed(cargo(&["build", "--quiet", "--package", "libmesos"]))?;
    install(&target().join("debug/libmesos.so"), "", &built("library"), &prefix())?;
    cmake("examples/cpp", &built("examples"), &[found()])
}

/// Where CMake finds the package.
fn found() -> String {
    format!("-DCMAKE_PREFIX_PATH={}", prefix().display())
}

fn test() -> Result<()> {
    cmake("bindings/cpp/tests", &built("tests"), &[found()])?;
    let mut tests = cargo(&["test", "--package", "mesos-cpp", "--", "--ignored"]);
    tests.env("MESOS_TEST_BINARIES", bin_dir());
    tests.env("MESOS_CPP_TESTS", folder("cpp"));
    succeed(tests)
}

fn framework(master: &str) -> Result<Command> {
    let mut command = Command::new(built("examples").join("test-framework"));
    command.arg(format!("--master={master}"));
    Ok(command)
}

/// Installs the package of a release build into a folder.
pub fn package(into: &Path) -> Result<()> {
    succeed(cargo(&["build", "--quiet", "--release", "--package", "libmesos"]))?;
    install(&target().join("release/libmesos.so"), "Release", &built("release"), into)
}
