// SPDX-License-Identifier: Apache-2.0

//! The list of everything that is inside of what is shipped, as CycloneDX.
//!
//! Made of what cargo has resolved: every crate that ends in a program or a library, with its
//! licence and the hash that `Cargo.lock` pins.

use super::{Dist, crates, output};
use crate::chores::root;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

/// Writes the list beside the packages.
pub fn make(dist: &Dist) -> Result<()> {
    let file = dist.folder.join(format!("mesos-rs-{}.cdx.json", dist.version));
    fs::write(file, text(dist)?)?;
    Ok(())
}

/// The list.
pub fn text(dist: &Dist) -> Result<String> {
    let metadata = crates::metadata()?;
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let date = output(Command::new("date").args([
        "-u",
        "+%Y-%m-%dT%H:%M:%SZ",
        "-d",
        &format!("@{}", dist.epoch),
    ]))?;
    let document = list(&metadata, &checksums(&lock), dist.version, date.trim())?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The hashes in `Cargo.lock`, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut sums = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key));
            line.map(|line| line.trim_matches([' ', '=', '"']).to_owned())
        };
        if let (Some(name), Some(version), Some(sum)) =
            (value("name"), value("version"), value("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    sums
}

fn list(
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
    version: &str,
    date: &str,
) -> Result<Value> {
    let packages = crates::packages(metadata);
    let dependencies = crates::dependencies(metadata);
    let shipped = crates::reachable(&packages, &dependencies, &crates::shipped());

    let mut components = Vec::new();
    let mut graph = Vec::new();
    for id in &shipped {
        let package = packages.get(id).with_context(|| format!("{id} is not described"))?;
        components.push(component(package, checksums)?);
        let of = dependencies.get(id).into_iter().flatten();
        let of: BTreeSet<String> =
            of.filter_map(|id| packages.get(id)).map(|package| purl(package)).collect();
        graph.push(json!({ "ref": purl(package), "dependsOn": of }));
    }
    let by_reference = |key: &'static str| {
        move |one: &Value, other: &Value| one[key].as_str().cmp(&other[key].as_str())
    };
    components.sort_by(by_reference("bom-ref"));
    graph.sort_by(by_reference("ref"));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": date,
            "component": {
                "type": "application",
                "bom-ref": "mesos-rs",
                "name": "mesos-rs",
                "version": version,
                "licenses": [{ "expression": "Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": graph,
    }))
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Result<Value> {
    let name = package["name"].as_str().context("a package has a name")?;
    let version = package["version"].as_str().context("a package has a version")?;
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(package),
        "name": name,
        "version": version,
        "purl": purl(package),
    });
    if let Some(licence) = crates::licence(package) {
        component["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some(sum) = checksums.get(&(name.to_owned(), version.to_owned())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    if let Some(url) = package["repository"].as_str() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": url }]);
    }
    Ok(component)
}

fn purl(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    format!("pkg:cargo/{}@{}", text("name"), text("version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::crates::values;

    fn package(name: &str, source: Value, licence: &str) -> Value {
        json!({ "id": format!("id-{name}"), "name": name, "version": "1.0.0", "source": source,
                "license": licence, "repository": null })
    }

    fn needs(name: &str, kind: Value) -> Value {
        json!({ "pkg": format!("id-{name}"), "dep_kinds": [{ "kind": kind }] })
    }

    fn listed() -> Value {
        let metadata = json!({
            "packages": [
                package("mesos-master", Value::Null, "Apache-2.0"),
                package("used", json!("registry"), "MIT/Apache-2.0"),
                package("for-tests", json!("registry"), "MIT"),
                package("xtask", Value::Null, "Apache-2.0"),
            ],
            "resolve": { "nodes": [
                { "id": "id-mesos-master",
                  "deps": [needs("used", Value::Null), needs("for-tests", json!("dev"))] },
                { "id": "id-used", "deps": [] },
            ] },
        });
        let lock = "\n[[package]]\nname = \"used\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n";
        list(&metadata, &checksums(lock), "0.1.0", "2026-01-01T00:00:00Z").unwrap()
    }

    #[test]
    fn what_is_shipped_is_listed_and_nothing_else() {
        let document = listed();
        let names: Vec<&Value> = values(&document["components"]).map(|c| &c["name"]).collect();
        assert_eq!(names, ["mesos-master", "used"]);
        let graph = json!([
            { "ref": "pkg:cargo/mesos-master@1.0.0", "dependsOn": ["pkg:cargo/used@1.0.0"] },
            { "ref": "pkg:cargo/used@1.0.0", "dependsOn": [] },
        ]);
        assert_eq!(document["dependencies"], graph);
    }

    #[test]
    fn licences_are_expressions_and_hashes_come_from_the_lock_file() {
        let used = &listed()["components"][1];
        assert_eq!(used["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(used["hashes"][0]["content"], "abc");
    }
}
