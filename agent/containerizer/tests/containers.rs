// SPDX-License-Identifier: Apache-2.0

//! Real containers, from launch to end, across restarts of the agent.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod harness;

use std::fs;

use harness::{Agent, shell};
use mesos_agent_state::{
    ProbeKey,
    input::{ContainerExit, LaunchFailure, ProbeOutcome},
    output::Probe,
    recovery::RecoveredContainer,
};
use mesos_proto::v1::{
    CommandInfo, ContainerInfo, RLimitInfo, Resource, Volume, container_info,
    r_limit_info::{RLimit, r_limit},
    value,
};

#[tokio::test]
async fn a_command_runs_in_its_sandbox_and_its_status_is_told() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("pwd; echo $GREETING; echo oops >&2; exit 7"));
    let pid = agent.launched(&container).await;
    assert_eq!(agent.exited(&container).await, Some(7 << 8));
    let sandbox = agent.sandbox("c");
    let output = fs::read_to_string(sandbox.join("stdout")).unwrap();
    assert_eq!(output, format!("{}\nhello\n", sandbox.display()));
    assert_eq!(fs::read_to_string(sandbox.join("stderr")).unwrap(), "oops\n");
    let pids = agent.runtime_file("c", "pid");
    assert_eq!(pids.lines().next(), Some(pid.to_string().as_str()));
    agent.containerizer.forget(&container);
    harness::eventually("the runtime directory to go", || !agent.runtime("c").exists()).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_looks_as_in_mesos() {
    let mut agent = Agent::new();
    let command = CommandInfo { shell: Some(false), ..shell("/nonexistent/binary") };
    let container = agent.launch("c", command);
    agent.launched(&container).await;
    assert_eq!(agent.exited(&container).await, Some(1 << 8));
    let errors = fs::read_to_string(agent.sandbox("c").join("stderr")).unwrap();
    assert_eq!(errors, "Failed to execute command: No such file or directory\n");
}

#[tokio::test]
async fn an_unknown_user_fails_the_sandbox_in_mesos_words() {
    let mut agent = Agent::new();
    let mut spec = agent.spec("c", shell("true"));
    spec.user = Some("no-such-user".to_owned());
    let failure = agent.fails(spec).await;
    let text = "Failed to chown directory to 'no-such-user': No such user 'no-such-user'";
    assert_eq!(failure, LaunchFailure::Sandbox(text.to_owned()));
}

#[tokio::test]
async fn a_task_of_another_user_runs_as_that_user() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: changing the user needs root");
        return;
    }
    let mut agent = Agent::new();
    let mut spec = agent.spec("c", shell("id -un && touch mine && test -O stdout"));
    spec.user = Some("nobody".to_owned());
    let container = agent.start(spec);
    assert_eq!(agent.exited(&container).await, Some(0));
    let output = fs::read_to_string(agent.sandbox("c").join("stdout")).unwrap();
    assert_eq!(output, "nobody\n");
}

#[tokio::test]
async fn what_cannot_be_isolated_is_refused() {
    let mut agent = Agent::new();
    let with = |change: &dyn Fn(&mut ContainerInfo)| {
        let mut info = ContainerInfo {
            r#type: container_info::Type::Mesos as i32,
            ..ContainerInfo::default()
        };
        change(&mut info);
        Some(info)
    };
    let mut spec = agent.spec("volume", shell("true"));
    spec.container_info = with(&|info| info.volumes.push(Volume::default()));
    let text = "Volumes in ContainerInfo is not supported".to_owned();
    assert_eq!(agent.fails(spec).await, LaunchFailure::Container(text));
    let mut spec = agent.spec("docker", shell("true"));
    spec.container_info = with(&|info| info.r#type = container_info::Type::Docker as i32);
    assert_eq!(agent.fails(spec).await, LaunchFailure::Unsupported);
}

#[tokio::test]
async fn limits_of_the_container_are_set() {
    let mut agent = Agent::new();
    let mut spec = agent.spec("c", shell("ulimit -n"));
    let limit =
        RLimit { r#type: Some(r_limit::Type::RlmtNofile as i32), soft: Some(99), hard: Some(100) };
    spec.container_info = Some(ContainerInfo {
        r#type: container_info::Type::Mesos as i32,
        rlimit_info: Some(RLimitInfo { rlimits: vec![limit] }),
        ..ContainerInfo::default()
    });
    let container = agent.start(spec);
    assert_eq!(agent.exited(&container).await, Some(0));
    assert_eq!(fs::read_to_string(agent.sandbox("c").join("stdout")).unwrap(), "99\n");
}

#[tokio::test]
async fn open_files_are_limited_unless_the_container_says_otherwise() {
    let mut agent = Agent::new();
    agent.config.open_files = Some((55, 66));
    let mut agent = agent.restart();
    let container = agent.launch("c", shell("ulimit -n; ulimit -H -n"));
    assert_eq!(agent.exited(&container).await, Some(0));
    assert_eq!(fs::read_to_string(agent.sandbox("c").join("stdout")).unwrap(), "55\n66\n");
}

#[tokio::test]
async fn a_signal_ends_a_container_that_listens_to_it() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("sleep 1000"));
    agent.launched(&container).await;
    agent.containerizer.signal(&container, libc::SIGTERM);
    assert_eq!(agent.exited(&container).await, Some(libc::SIGTERM));
}

#[tokio::test]
async fn a_destroyed_container_leaves_no_process() {
    let mut agent = Agent::new();
    let script = "trap '' TERM; setsid sleep 1000 & echo $! > other; sleep 1000";
    let container = agent.launch("c", shell(script));
    let launcher = agent.launched(&container).await;
    let other = agent.sandbox("c").join("other");
    harness::eventually("the daemon", || {
        fs::read_to_string(&other).is_ok_and(|t| t.ends_with('\n'))
    })
    .await;
    let other = fs::read_to_string(other).unwrap();
    agent.containerizer.destroy(&container);
    assert_eq!(agent.exited(&container).await, Some(libc::SIGKILL));
    for pid in [launcher.to_string(), other.trim().to_owned()] {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} lives");
    }
}

#[tokio::test]
async fn a_container_whose_launcher_is_killed_is_swept_up() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("sleep 1000 & echo $! > other; sleep 1000"));
    let launcher = agent.launched(&container).await;
    let other = agent.sandbox("c").join("other");
    harness::eventually("the child", || {
        fs::read_to_string(&other).is_ok_and(|t| t.ends_with('\n'))
    })
    .await;
    let other: i32 = fs::read_to_string(other).unwrap().trim().parse().unwrap();
    harness::kill(launcher);
    assert_eq!(agent.exited(&container).await, None);
    harness::eventually("the child's end", || !harness::is_alive(other)).await;
}

#[tokio::test]
async fn containers_survive_the_agent_and_their_ends_are_not_lost() {
    let mut agent = Agent::new();
    let ended = agent.launch("ended", shell("exit 3"));
    let lives = agent.launch("lives", shell("while ! test -e go; do sleep 0.01; done; exit 4"));
    let pid = agent.launched(&lives).await;
    assert_eq!(agent.exited(&ended).await, Some(3 << 8));

    let mut agent = agent.restart();
    let found = agent.containerizer.recover().await.unwrap();
    let exit = ContainerExit { status: Some(3 << 8), limitation: None };
    assert_eq!(found[&ended], RecoveredContainer::Exited(exit));
    assert_eq!(found[&lives], RecoveredContainer::Running { pid });
    fs::write(agent.sandbox("lives").join("go"), "").unwrap();
    assert_eq!(agent.exited(&lives).await, Some(4 << 8));
}

#[tokio::test]
async fn a_recovered_container_can_be_destroyed() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("trap '' TERM; while :; do sleep 1; done"));
    agent.launched(&container).await;
    let mut agent = agent.restart();
    agent.containerizer.recover().await.unwrap();
    agent.containerizer.destroy(&container);
    assert_eq!(agent.exited(&container).await, Some(libc::SIGKILL));
}

#[tokio::test]
async fn a_process_id_that_belongs_to_another_process_now_is_not_touched() {
    let agent = Agent::new();
    let directory = agent.runtime("c");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("pid"), std::process::id().to_string()).unwrap();
    let found = agent.containerizer.recover().await.unwrap();
    let container = mesos_agent_state::ContainerId::new("c");
    assert_eq!(found[&container], RecoveredContainer::Exited(ContainerExit::default()));
}

#[tokio::test]
async fn a_check_command_runs_and_is_killed_when_its_time_is_up() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("sleep 1000"));
    agent.launched(&container).await;
    let directory = agent.sandbox("c").display().to_string();
    let probe = |script: &str| Probe::Command {
        command: shell(script),
        user: None,
        environment: vec![],
        directory: directory.clone(),
    };
    let quick = Some(std::time::Duration::from_millis(200));
    let check = probe("echo seen; exit 3");
    agent.containerizer.probe(container.clone(), ProbeKey(1), check, None);
    let outcome = agent.probed(ProbeKey(1)).await;
    assert_eq!(outcome, ProbeOutcome::Exited(3 << 8));
    let check = probe("sleep 1000 & echo $! > checker; wait");
    agent.containerizer.probe(container.clone(), ProbeKey(2), check, quick);
    let outcome = agent.probed(ProbeKey(2)).await;
    assert_eq!(outcome, ProbeOutcome::TimedOut);
    let checker = fs::read_to_string(agent.sandbox("c").join("checker")).unwrap();
    assert!(!harness::is_alive(checker.trim().parse().unwrap()));
    let errors = fs::read_to_string(agent.sandbox("c").join("stderr")).unwrap();
    assert_eq!(errors, "seen\n");
    let check = probe("sleep 1000");
    agent.containerizer.probe(container.clone(), ProbeKey(3), check, None);
    agent.containerizer.destroy(&container);
    let outcome = agent.probed(ProbeKey(3)).await;
    assert_eq!(outcome, ProbeOutcome::Failed("The container has ended".to_owned()));
}

#[tokio::test]
async fn the_use_of_a_container_is_measured() {
    let mut agent = Agent::new();
    let mut spec = agent.spec("c", shell("while :; do :; done"));
    spec.resources = vec![Resource {
        name: "cpus".to_owned(),
        scalar: Some(value::Scalar { value: 0.5 }),
        ..Resource::default()
    }];
    let container = agent.start(spec);
    agent.launched(&container).await;
    harness::eventually("some processor time", || {
        let usage = agent.containerizer.usage(&container, 1.0).unwrap();
        assert_eq!(usage.cpus_soft_limit, Some(0.5));
        usage.cpus_user_time_secs.unwrap() > 0.0 && usage.mem_rss_bytes.unwrap() > 0
    })
    .await;
    agent.containerizer.destroy(&container);
    agent.exited(&container).await;
    assert!(agent.containerizer.usage(&container, 1.0).is_none());
}

#[tokio::test]
async fn a_container_is_destroyed_while_it_fetches() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut agent = Agent::new();
    let container = agent.launch("c", harness::fetching(&format!("http://127.0.0.1:{port}/x")));
    let _never_answered = listener.accept().await.unwrap();
    agent.containerizer.destroy(&container);
    let text = "Container destroyed while fetching".to_owned();
    assert_eq!(agent.failed(&container).await, LaunchFailure::Container(text));
}

/// What a script has written to a file, once it has.
async fn written(path: &std::path::Path) -> i32 {
    harness::eventually("a process id", || {
        fs::read_to_string(path).is_ok_and(|text| text.ends_with('\n'))
    })
    .await;
    fs::read_to_string(path).unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn a_recovered_container_whose_launcher_is_killed_is_swept_up() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("sleep 1000 & echo $! > other; sleep 1000"));
    let launcher = agent.launched(&container).await;
    let other = written(&agent.sandbox("c").join("other")).await;
    let mut agent = agent.restart();
    agent.containerizer.recover().await.unwrap();
    harness::kill(launcher);
    assert_eq!(agent.exited(&container).await, None);
    harness::eventually("the child's end", || !harness::is_alive(other)).await;
}

#[tokio::test]
async fn a_container_that_is_destroyed_while_it_starts_leaves_no_process() {
    let mut agent = Agent::new();
    // A launcher that has started something and does not get to say so.
    let launcher = agent.directory.path().join("launcher");
    let other = agent.directory.path().join("other");
    let script = format!("#!/bin/sh\nsetsid sleep 1000 &\necho $! > {}\nwait\n", other.display());
    fs::write(&launcher, script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&launcher, mode).unwrap();
    agent.config.launcher = launcher;
    let mut agent = agent.restart();
    let container = agent.launch("c", shell("true"));
    let other = written(&other).await;
    agent.containerizer.destroy(&container);
    let text = "Container destroyed while starting".to_owned();
    assert_eq!(agent.failed(&container).await, LaunchFailure::Container(text));
    harness::eventually("the child's end", || !harness::is_alive(other)).await;
}

#[tokio::test]
async fn a_check_that_cannot_be_ended_times_out_all_the_same() {
    let mut agent = Agent::new();
    let container = agent.launch("c", shell("sleep 1000"));
    agent.launched(&container).await;
    // A launcher that is stopped does not hear what it is told, like one that waits for a disk.
    let what = Probe::Command {
        command: shell("kill -STOP $PPID; echo $$ > checker; sleep 1000"),
        user: None,
        environment: vec![],
        directory: agent.sandbox("c").display().to_string(),
    };
    let quick = Some(std::time::Duration::from_millis(500));
    agent.containerizer.probe(container.clone(), ProbeKey(1), what, quick);
    assert_eq!(agent.probed(ProbeKey(1)).await, ProbeOutcome::TimedOut);
    let checker = written(&agent.sandbox("c").join("checker")).await;
    harness::eventually("the check's end", || !harness::is_alive(checker)).await;
    agent.containerizer.destroy(&container);
    agent.exited(&container).await;
}

#[tokio::test]
async fn a_command_that_is_to_have_secrets_is_refused_without_telling_them() {
    use mesos_proto::v1::{Environment, environment::Variable, environment::variable};
    let mut agent = Agent::new();
    let mut secret = Variable { name: "TOKEN".to_owned(), ..Variable::default() };
    secret.set_type(variable::Type::Secret);
    secret.secret = Some(mesos_proto::v1::Secret {
        value: Some(mesos_proto::v1::secret::Value { data: "hunter2".into() }),
        ..mesos_proto::v1::Secret::default()
    });
    let environment = Some(Environment { variables: vec![secret] });
    let command = CommandInfo { environment, ..shell("true") };
    let LaunchFailure::Container(text) = agent.fails(agent.spec("c", command.clone())).await else {
        panic!("the sandbox is not at fault");
    };
    assert!(text.contains("'TOKEN' is a secret") && !text.contains("hunter2"), "{text}");

    let container = agent.launch("d", shell("sleep 1000"));
    agent.launched(&container).await;
    let check = Probe::Command {
        command,
        user: None,
        environment: vec![],
        directory: agent.sandbox("d").display().to_string(),
    };
    agent.containerizer.probe(container.clone(), ProbeKey(1), check, None);
    assert_eq!(agent.probed(ProbeKey(1)).await, ProbeOutcome::Failed(text));
    agent.containerizer.destroy(&container);
    agent.exited(&container).await;
}
