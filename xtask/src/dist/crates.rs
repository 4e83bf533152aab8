// SPDX-License-Identifier: Apache-2.0

//! Which crates end in what is shipped, as cargo has resolved them.
//!
//! What only builds or tests need is left out.

use super::output;
use crate::chores::{cargo, root};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// What the daemons and the command-line programs are built of.
pub const OF_PROGRAMS: &[&str] = &["mesos-agent", "mesos-cli", "mesos-launcher", "mesos-master"];

/// What `libmesos.so` is built of.
pub const OF_LIBRARY: &[&str] = &["libmesos"];

/// What the library in the wheel is built of.
pub const OF_PYTHON: &[&str] = &["mesos-python"];

/// Everything that is shipped.
pub fn shipped() -> Vec<&'static str> {
    [OF_PROGRAMS, OF_LIBRARY, OF_PYTHON].concat()
}

/// What cargo knows of all crates, for the platform that it builds for here.
pub fn metadata() -> Result<Value> {
    let rustc = output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    let mut command = cargo(&["metadata", "--format-version", "1", "--locked"]);
    command.args(["--filter-platform", host.context("rustc does not tell its host")?]);
    Ok(serde_json::from_str(&output(&mut command)?)?)
}

/// The crates by their ids.
pub fn packages(metadata: &Value) -> BTreeMap<&str, &Value> {
    values(&metadata["packages"])
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect()
}

/// What each crate needs at run time.
pub fn dependencies(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let at_run_time =
        |dependency: &&Value| values(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
    values(&metadata["resolve"]["nodes"])
        .filter_map(|node| {
            let of = values(&node["deps"]).filter(at_run_time);
            Some((node["id"].as_str()?, of.filter_map(|d| d["pkg"].as_str()).collect()))
        })
        .collect()
}

/// The ids of our crates named, and of all that they need at run time.
pub fn reachable<'a>(
    packages: &BTreeMap<&'a str, &Value>,
    dependencies: &BTreeMap<&'a str, Vec<&'a str>>,
    roots: &[&str],
) -> BTreeSet<&'a str> {
    let is_root = |package: &Value| {
        package["source"].is_null()
            && package["name"].as_str().is_some_and(|name| roots.contains(&name))
    };
    let mut waiting: Vec<&str> =
        packages.iter().filter(|(_, package)| is_root(package)).map(|(id, _)| *id).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            waiting.extend(dependencies.get(id).into_iter().flatten());
        }
    }
    found
}

/// The licence that a crate names, as SPDX writes it.
pub fn licence(package: &Value) -> Option<String> {
    // As crates wrote it before SPDX.
    let licence = package["license"].as_str()?;
    Some(licence.replace(" / ", " OR ").replace('/', " OR "))
}

/// The items of a list; none of what is no list.
pub fn values(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
