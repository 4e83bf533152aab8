// SPDX-License-Identifier: Apache-2.0

//! The flags of an agent in folders of its own, and the programs it needs.

use std::path::Path;

use mesos_agent::flags::AgentFlags;
use mesos_flags::{Loaded, Source};

use crate::master::Master;

/// The flags of an agent that looks for `master`; `more` replace what is given here.
pub fn flags(master: &Master, root: &Path, more: &[&str]) -> AgentFlags {
    build_launcher();
    let mut arguments = vec![
        format!("--master={}", master.address),
        "--ip=127.0.0.1".to_owned(),
        "--port=0".to_owned(),
        "--hostname=localhost".to_owned(),
        format!("--work_dir={}", root.join("work").display()),
        format!("--runtime_dir={}", root.join("run").display()),
        "--resources=cpus:4;mem:4096;disk:10240;ports:[31000-32000]".to_owned(),
        "--registration_backoff_factor=10ms".to_owned(),
    ];
    for flag in more {
        let (name, _) = flag.split_once('=').unwrap_or((flag, ""));
        arguments.retain(|known| !known.starts_with(&format!("{name}=")));
        arguments.push((*flag).to_owned());
    }
    let source = Source {
        program: "mesos-agent",
        arguments: &arguments,
        environment: &[],
        prefix: "MESOS_",
        read_file: &|path| std::fs::read_to_string(path),
    };
    match mesos_flags::load(&source).unwrap() {
        Loaded::Flags(flags, _) => flags,
        Loaded::Help(_) | Loaded::Version => panic!("neither was asked for"),
    }
}

/// Builds the launcher of the same build if it is not there.
fn build_launcher() {
    static BUILT: std::sync::Once = std::sync::Once::new();
    BUILT.call_once(|| {
        let test = std::env::current_exe().unwrap();
        if test.parent().unwrap().parent().unwrap().join("mesos-launcher").exists() {
            return;
        }
        let mut build = std::process::Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "mesos-launcher"]);
        assert!(build.status().unwrap().success(), "the launcher cannot be built");
    });
}
