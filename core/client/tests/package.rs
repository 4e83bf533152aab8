// SPDX-License-Identifier: Apache-2.0

//! The crate can be packaged: all that it needs is in it, and it needs nothing that cannot be
//! published.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, process::Command};

fn cargo(arguments: &[&str]) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(cargo).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_package_holds_its_sources_and_its_readme() {
    let list = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
    for file in ["Cargo.toml", "README.md", "src/lib.rs", "src/v0/mod.rs", "src/local/mod.rs"] {
        assert!(list.lines().any(|line| line == file), "{file} is not in {list}");
    }
}

#[test]
fn every_dependency_can_be_named_by_its_version() {
    let metadata = cargo(&["metadata", "--format-version=1", "--no-deps", "--offline"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let own = |name: &str| packages.iter().find(|it| it["name"] == name);
    let mut wanted = vec!["mesos-client".to_owned()];
    let mut seen = 0;
    while let Some(name) = wanted.pop() {
        let Some(package) = own(&name) else { continue };
        seen += 1;
        for field in ["description", "license", "repository"] {
            assert!(package[field].is_string(), "{name} has no {field}");
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"] == "dev" {
                continue;
            }
            let needed = dependency["name"].as_str().unwrap();
            assert_ne!(dependency["req"], "*", "{name} needs {needed} in any version");
            wanted.push(needed.to_owned());
        }
    }
    assert!(seen >= 7, "the crates of this workspace below it were looked at: {seen}");
}
