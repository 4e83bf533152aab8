// SPDX-License-Identifier: Apache-2.0

//! The jars in an empty Maven project, and the program of their README.

use super::cluster::{Cluster, Wanted, blocks, greets};
use crate::{
    chores::root,
    dist::{Dist, name_of, notices, output},
};
use anyhow::{Context, Result, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The goal that runs a project's program; the README says the same.
const RUN: &str = "org.codehaus.mojo:exec-maven-plugin:3.1.0:java";

/// Does nothing where there are no jars.
pub fn check(dist: &Dist, cluster: &Cluster) -> Result<()> {
    let files = dist.files()?;
    let Some(pom) = files.iter().find(|file| name_of(file).ends_with(".pom")) else {
        eprintln!("  there are no jars to check");
        return Ok(());
    };
    let repository = repository(dist)?;
    for classifier in ["", "linux-x86_64"] {
        let jar = match classifier {
            "" => pom.with_extension("jar"),
            platform => {
                let stem = pom.file_stem().context("the name of the pom")?.to_string_lossy();
                pom.with_file_name(format!("{stem}-{platform}.jar"))
            }
        };
        let mut install = maven(&repository);
        install.arg("install:install-file");
        install.arg(format!("-Dfile={}", jar.display()));
        install.arg(format!("-DpomFile={}", pom.display()));
        if !classifier.is_empty() {
            install.arg(format!("-Dclassifier={classifier}"));
        }
        output(&mut install)?;
        if !classifier.is_empty() {
            let listed = output(Command::new("jar").arg("tf").arg(&jar))?;
            let wanted = format!("META-INF/{}", notices::FILE);
            ensure!(listed.lines().any(|line| line == wanted), "{} lacks {wanted}", jar.display());
        }
    }

    let folder = dist.scratch("check-java")?;
    let document = fs::read_to_string(root().join("bindings/java/README.md"))?;
    let first = |language: &str| {
        blocks(&document, language)
            .into_iter()
            .next()
            .with_context(|| format!("the README shows no {language}"))
    };
    let classes = folder.join("src/main/java");
    fs::create_dir_all(&classes)?;
    fs::write(folder.join("pom.xml"), first("xml")?)?;
    fs::write(classes.join("Hello.java"), cluster.with_address(&first("java")?))?;
    output(maven(&repository).arg("compile").current_dir(&folder))?;
    let mut hello = maven(&repository);
    hello.args([RUN, "-Dexec.mainClass=Hello"]).current_dir(&folder);
    greets(&mut hello, &Wanted::Finished).context("the program of the README")
}

/// A repository of our own, so that nothing is installed into the user's; it begins with a copy of
/// what the user's has downloaded.
fn repository(dist: &Dist) -> Result<PathBuf> {
    let own = dist.scratch("check-java-repository")?;
    let home = env::var_os("HOME").map(PathBuf::from).context("HOME is not set")?;
    let downloaded = home.join(".m2/repository");
    if downloaded.is_dir() {
        output(Command::new("cp").args(["--recursive"]).arg(downloaded.join(".")).arg(&own))?;
    }
    // What earlier installations have left there must not be what is checked.
    let ours = own.join("io/github/mesos-rs");
    if ours.exists() {
        fs::remove_dir_all(ours)?;
    }
    Ok(own)
}

fn maven(repository: &Path) -> Command {
    let mut command = Command::new("mvn");
    command.args(["-q", "--batch-mode"]);
    command.arg(format!("-Dmaven.repo.local={}", repository.display()));
    command
}
