// SPDX-License-Identifier: Apache-2.0

//! A Python with third-party clients, installed below the target folder.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// An interpreter and what it needs on its path.
#[derive(Clone, Debug)]
pub struct Python {
    /// The interpreter.
    pub interpreter: PathBuf,
    /// The value of `PYTHONPATH`.
    pub path: PathBuf,
}

/// An interpreter with `wheels` installed, without their dependencies, and with the plain
/// Python files of `sources` (archives of one folder each).
///
/// Installed once; later runs find it as it is.
///
/// # Errors
/// There is no Python, or a package cannot be installed.
pub fn python_with(name: &str, wheels: &[&str], sources: &[&str]) -> Result<Python> {
    let own = env::current_exe().context("finding this test")?;
    let target = own.ancestors().nth(3).context("the target folder")?;
    let folder = target.join("python").join(name);
    let python = Python { interpreter: folder.join("bin/python"), path: folder.join("sources") };
    let done = folder.join("installed");
    if !done.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        install(&python, wheels, sources)?;
        fs::write(done, "")?;
    }
    Ok(python)
}

fn install(python: &Python, wheels: &[&str], sources: &[&str]) -> Result<()> {
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(&python.interpreter);
        command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(arguments);
        command
    };
    run(pip(&["install", "--no-deps", "setuptools<70", "wheel"]).args(wheels))?;
    fs::create_dir_all(&python.path)?;
    for source in sources {
        let mut download = pip(&["download", "--no-deps", "--no-build-isolation"]);
        download.args(["--no-binary", ":all:", "--dest"]).arg(&python.path).arg(source);
        run(&mut download)?;
    }
    for archive in fs::read_dir(&python.path)? {
        unpack(&archive?.path(), &python.path)?;
    }
    Ok(())
}

fn unpack(archive: &Path, into: &Path) -> Result<()> {
    run(Command::new("tar").args(["--strip-components=1", "-xzf"]).arg(archive).arg("-C").arg(into))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("starting {command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed ({}): {errors}", output.status);
    Ok(())
}
