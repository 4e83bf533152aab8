// SPDX-License-Identifier: Apache-2.0

//! Every scenario of the table, in C and in Rust.

use std::{fs, net::TcpListener, path::Path, process::Command};

use mesos_integration::ClusterBuilder;
use serde::Deserialize;

use crate::{
    compile::{compile, run, text},
    rust_scenarios,
};

#[derive(Deserialize)]
struct Table {
    scenario: Vec<Scenario>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    #[serde(rename = "about")]
    _about: String,
    master: Master,
    lines: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Master {
    Cluster,
    Nobody,
    NoQuorum,
    Malformed,
}

fn scenarios() -> Vec<Scenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bindings/scenarios.toml");
    let table: Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(!table.scenario.is_empty());
    table.scenario
}

/// An address at which nothing listens: one that is taken, but not for listening.
fn nobody() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// Acts out every scenario with `act` and compares what was printed.
async fn all(act: impl Fn(&str, &str) -> Result<String, String> + Send + Sync + Copy + 'static) {
    let cluster = ClusterBuilder::new().agents(0).start().await.unwrap();
    let (listener, nobody) = nobody();
    drop(listener);
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let master = match scenario.master {
            Master::Cluster => cluster.master.address().to_owned(),
            Master::Nobody => nobody.clone(),
            Master::NoQuorum => format!("zk://{nobody},{nobody}/mesos"),
            Master::Malformed => "127.0.0.1:port".to_owned(),
        };
        let name = scenario.name.clone();
        let printed = tokio::task::spawn_blocking(move || act(&name, &master)).await.unwrap();
        let printed = printed.unwrap_or_else(|error| format!("failed: {error}"));
        let lines: Vec<&str> = printed.lines().collect();
        let as_said = lines.len() == scenario.lines.len()
            && lines.iter().zip(&scenario.lines).all(|(line, said)| line.starts_with(said));
        if !as_said {
            wrong.push(format!("{}: {lines:?} instead of {:?}", scenario.name, scenario.lines));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_scenario_ends_as_said_in_c() {
    let program = Box::leak(Box::new(compile("scenarios", &["-fsanitize=address"])));
    let path: &'static Path = &program.path;
    all(move |name, master| {
        let output = run(Command::new(path).args([name, master]));
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(text(&output))
        }
    })
    .await;
    fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn every_scenario_ends_as_said_in_rust() {
    all(|name, master| Ok(rust_scenarios::act(name, master))).await;
}
