// SPDX-License-Identifier: Apache-2.0

//! Python: a wheel by maturin, in a virtual environment of its own.

use super::{Language, folder};
use crate::{
    chores::{bin_dir, cargo, root, succeed, target},
    dist::{self, crates, notices},
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// See the module.
pub const LANGUAGE: Language = Language { name: "Python", build, test, framework };

fn source() -> PathBuf {
    root().join("bindings/python")
}

/// The interpreter of the virtual environment.
fn interpreter() -> PathBuf {
    folder("python").join("venv/bin/python")
}

fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new(interpreter());
    command.args(arguments).current_dir(source()).env("CARGO_TARGET_DIR", target());
    command
}

/// Makes the environment, unless it has what the requirements say already.
fn prepare() -> Result<()> {
    let wanted = fs::read_to_string(source().join("requirements.txt"))?;
    let installed = folder("python").join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    fs::create_dir_all(folder("python"))?;
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(folder("python").join("venv"));
    succeed(make)?;
    succeed(pip(&["-r", "requirements.txt"]))?;
    fs::write(installed, wanted)?;
    Ok(())
}

fn pip(arguments: &[&str]) -> Command {
    let mut command = python(&["-m", "pip", "--quiet", "--disable-pip-version-check", "install"]);
    command.args(arguments);
    command
}

/// Makes the wheel, the only one in `into`.
fn wheel(profile: &str, into: &Path) -> Result<PathBuf> {
    if into.exists() {
        for entry in fs::read_dir(into)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "whl") {
                fs::remove_file(path)?;
            }
        }
    }
    let mut build = python(&["-m", "maturin", "build", "--quiet", "--profile", profile]);
    build.arg("--interpreter").arg(interpreter()).arg("--out").arg(into);
    succeed(build)?;
    let mut wheels = fs::read_dir(into)?.filter_map(|entry| Some(entry.ok()?.path()));
    wheels
        .find(|path| path.extension().is_some_and(|it| it == "whl"))
        .context("maturin has made no wheel")
}

fn build() -> Result<()> {
    prepare()?;
    let wheel = wheel("dev", &folder("python").join("wheels"))?;
    let mut install = pip(&["--force-reinstall", "--no-deps"]);
    install.arg(wheel);
    succeed(install)
}

fn test() -> Result<()> {
    let protos = folder("python").join("protos");
    let mut write = cargo(&["run", "--quiet", "--package", "mesos-protos", "--"]);
    write.arg(&protos);
    succeed(write)?;
    let mut tests = python(&["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    tests.env("MESOS_TEST_BINARIES", bin_dir()).env("MESOS_TEST_PROTOS", protos);
    succeed(tests)
}

fn framework(master: &str) -> Result<Command> {
    let mut command = Command::new(interpreter());
    command.arg(root().join("examples/python/test_framework.py")).arg(master);
    Ok(command)
}

/// The largest wheel that is acceptable.
const WHEEL_BYTES_MAX: u64 = 15 << 20;

/// Puts the wheel of a release build into a folder.
pub fn package(into: &Path) -> Result<()> {
    prepare()?;
    let wheel = wheel("release", into)?;
    let notices = folder("python").join(notices::FILE);
    fs::write(&notices, notices::text(crates::OF_PYTHON)?)?;
    let mut finish = python(&[]);
    finish.arg(root().join("packaging/wheel/finish.py")).arg(&wheel).arg(notices);
    finish.arg(dist::epoch()?.to_string());
    succeed(finish)?;
    let size = fs::metadata(&wheel)?.len();
    ensure!(size <= WHEEL_BYTES_MAX, "{} has {size} bytes", wheel.display());
    let mut archive = python(&["-m", "maturin", "sdist", "--out"]);
    archive.arg(into);
    succeed(archive)
}
