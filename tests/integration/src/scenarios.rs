// SPDX-License-Identifier: Apache-2.0

//! The table of what drivers do with bad input, `tests/bindings/scenarios.toml`, acted out by the
//! program of some language.

#![allow(clippy::unwrap_used, reason = "tests call it, and it fails as they do")]

use std::{fs, net::TcpListener, path::Path, process::Command};

use serde::Deserialize;

use crate::{ClusterBuilder, binary, program};

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/scenarios.toml");
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
///
/// # Panics
/// A scenario ends otherwise than the table says.
pub async fn act_out(mark: &str, actor: impl Fn(&str, &str) -> Command) {
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
        let output = tokio::task::spawn_blocking(move || program::run(&mut command)).await.unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix(mark)).collect();
        let as_said = lines.len() == scenario.lines.len()
            && lines.iter().zip(&scenario.lines).all(|(line, said)| line.starts_with(said));
        if !as_said || !output.status.success() {
            let (name, said, text) = (scenario.name, scenario.lines, program::text(&output));
            wrong.push(format!("{name}: {lines:?} instead of {said:?}: {text}"));
        }
        let left = fs::read_dir(temporary.path()).unwrap().count();
        assert_eq!(left, 0, "nothing is left behind");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
