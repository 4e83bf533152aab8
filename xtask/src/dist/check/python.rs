// SPDX-License-Identifier: Apache-2.0

//! The wheel in an empty virtual environment, and the programs of its README.

use super::cluster::{Cluster, Wanted, blocks, greets};
use crate::{
    chores::{root, succeed},
    dist::{Dist, name_of, notices, output},
};
use anyhow::{Context, Result, ensure};
use std::{fs, process::Command, time::Instant};

/// No slower may the import be.
const IMPORT_MAX_MS: u128 = 1000;

/// Does nothing where there is no wheel.
pub fn check(dist: &Dist, cluster: &Cluster) -> Result<()> {
    let files = dist.files()?;
    let Some(wheel) = files.iter().find(|file| name_of(file).ends_with(".whl")) else {
        eprintln!("  there is no wheel to check");
        return Ok(());
    };
    let folder = dist.scratch("check-python")?;
    let venv = folder.join("venv");
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&venv);
    succeed(make)?;
    let mut install = Command::new(venv.join("bin/pip"));
    install.args(["--quiet", "--disable-pip-version-check", "install"]).arg(wheel);
    succeed(install)?;

    let python = venv.join("bin/python");
    let start = Instant::now();
    output(Command::new(&python).args(["-c", "import mesos.native"]))?;
    let took = start.elapsed().as_millis();
    eprintln!("  import mesos.native: {took} ms");
    ensure!(took < IMPORT_MAX_MS, "importing took {took} ms");

    let licences =
        "import importlib.metadata as m; print(m.metadata('mesos-rs').get_all('License-File'))";
    let licences = output(Command::new(&python).args(["-c", licences]))?;
    ensure!(licences.contains(notices::FILE), "its licences are {}", licences.trim());

    let document = fs::read_to_string(root().join("bindings/python/README.md"))?;
    let programs = blocks(&document, "python");
    let hellos: Vec<&String> =
        programs.iter().filter(|program| program.contains("127.0.0.1:5050")).collect();
    ensure!(!hellos.is_empty(), "the README shows no program that names a master");
    for (number, hello) in hellos.into_iter().enumerate() {
        let file = folder.join(format!("hello{number}.py"));
        fs::write(&file, cluster.with_address(hello))?;
        greets(Command::new(&python).arg(&file).current_dir(&folder), &Wanted::Finished)
            .with_context(|| format!("program {number} of the README"))?;
    }
    Ok(())
}
