// SPDX-License-Identifier: Apache-2.0

//! Every scenario of the table, in C and in Rust.

use std::{env, fs, net::TcpListener, path::Path, process::Command};

use mesos_integration::{ClusterBuilder, binary};
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
    Local,
    LocalMissing,
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

/// Acts out every scenario with the program that `actor` gives for its name and master, and
/// compares the lines that it has printed, of those which begin with `mark`.
async fn all(mark: &str, actor: impl Fn(&str, &str) -> Command) {
    let cluster = ClusterBuilder::new().agents(0).start().await.unwrap();
    let daemons = binary("mesos-local").unwrap().parent().unwrap().to_owned();
    let (listener, nobody) = nobody();
    drop(listener);
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let empty = tempfile::tempdir().unwrap();
        let temporary = tempfile::tempdir().unwrap();
        let master = match scenario.master {
            Master::Cluster => cluster.master.address().to_owned(),
            Master::Nobody => nobody.clone(),
            Master::NoQuorum => format!("zk://{nobody},{nobody}/mesos"),
            Master::Malformed => "127.0.0.1:port".to_owned(),
            Master::Local | Master::LocalMissing => "local".to_owned(),
        };
        let mut command = actor(&scenario.name, &master);
        let missing = scenario.master == Master::LocalMissing;
        command.env("MESOS_LOCAL_BINARIES", if missing { empty.path() } else { &daemons });
        command.env("TMPDIR", temporary.path());
        let output = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix(mark)).collect();
        let as_said = lines.len() == scenario.lines.len()
            && lines.iter().zip(&scenario.lines).all(|(line, said)| line.starts_with(said));
        if !as_said || !output.status.success() {
            let (name, said, text) = (scenario.name, scenario.lines, text(&output));
            wrong.push(format!("{name}: {lines:?} instead of {said:?}: {text}"));
        }
        let left = fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(left, 0, "nothing is left behind");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_scenario_ends_as_said_in_c() {
    let program = compile("scenarios", &["-fsanitize=address"]);
    all("", |name, master| {
        let mut command = Command::new(&program.path);
        command.args([name, master]);
        command
    })
    .await;
}

/// Tells this program to act out a scenario, and where.
const SCENARIO: &str = "MESOS_TEST_SCENARIO";
const MASTER: &str = "MESOS_TEST_MASTER";

/// Sets its lines apart from those of the test runner.
const MARK: &str = "scenario: ";

#[tokio::test]
async fn every_scenario_ends_as_said_in_rust() {
    all(MARK, |name, master| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "scenarios::the_scenario_of_the_environment"]);
        command.arg("--nocapture");
        command.env(SCENARIO, name).env(MASTER, master);
        command
    })
    .await;
}

#[test]
#[ignore = "run by another test"]
fn the_scenario_of_the_environment() {
    let (Ok(scenario), Ok(master)) = (env::var(SCENARIO), env::var(MASTER)) else { return };
    for line in rust_scenarios::act(&scenario, &master).lines() {
        println!("{MARK}{line}");
    }
}
