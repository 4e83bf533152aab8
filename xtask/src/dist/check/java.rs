// SPDX-License-Identifier: Apache-2.0

//! The jars in an empty Maven project, and the program of their README.

use super::cluster::{Cluster, blocks, greets};
use crate::{
    chores::root,
    dist::{Dist, name_of, output},
};
use anyhow::{Context, Result};
use std::{fs, process::Command};

/// The goal that runs a project's program; the README says the same.
const RUN: &str = "org.codehaus.mojo:exec-maven-plugin:3.1.0:java";

/// Does nothing where there are no jars.
pub fn check(dist: &Dist, cluster: &Cluster) -> Result<()> {
    let files = dist.files()?;
    let Some(pom) = files.iter().find(|file| name_of(file).ends_with(".pom")) else {
        eprintln!("  there are no jars to check");
        return Ok(());
    };
    for classifier in ["", "linux-x86_64"] {
        let jar = match classifier {
            "" => pom.with_extension("jar"),
            platform => {
                let stem = pom.file_stem().context("the name of the pom")?.to_string_lossy();
                pom.with_file_name(format!("{stem}-{platform}.jar"))
            }
        };
        let mut install = Command::new("mvn");
        install.args(["-q", "--batch-mode", "install:install-file"]);
        install.arg(format!("-Dfile={}", jar.display()));
        install.arg(format!("-DpomFile={}", pom.display()));
        if !classifier.is_empty() {
            install.arg(format!("-Dclassifier={classifier}"));
        }
        output(&mut install)?;
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
    let mut compile = Command::new("mvn");
    output(compile.args(["-q", "--batch-mode", "compile"]).current_dir(&folder))?;
    let mut hello = Command::new("mvn");
    hello.args(["-q", "--batch-mode", RUN, "-Dexec.mainClass=Hello"]).current_dir(&folder);
    greets(&mut hello).context("the program of the README")
}
