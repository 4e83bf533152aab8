// SPDX-License-Identifier: Apache-2.0

//! The launcher as the agent sees it: a process, a pipe and two files.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

use std::{
    fs::{self, File},
    io::{PipeReader, Read, Seek, Write},
    os::{fd::AsRawFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use mesos_launcher::{
    REPORT_FD, SPEC_FD, destroy_signal,
    report::{self, Report, Stage},
    spec::{Agent, Identity, Limit, Spec},
};

const DEADLINE: Duration = Duration::from_secs(20);

struct Container {
    directory: tempfile::TempDir,
    launcher: Child,
    reports: PipeReader,
}

fn spec(directory: &Path, program: &str, arguments: &[&str]) -> Spec {
    Spec {
        runtime_directory: Some(directory.join("runtime").into_os_string().into_encoded_bytes()),
        working_directory: directory.as_os_str().as_encoded_bytes().to_vec(),
        program: program.as_bytes().to_vec(),
        arguments: arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect(),
        environment: vec![b"PATH=/usr/bin:/bin".to_vec(), b"GREETING=hello".to_vec()],
        ..Spec::default()
    }
}

fn launch(adjust: impl FnOnce(&mut Spec), program: &str, arguments: &[&str]) -> Container {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("runtime")).unwrap();
    let mut spec = spec(directory.path(), program, arguments);
    adjust(&mut spec);
    let mut form = tempfile::tempfile().unwrap();
    form.write_all(&spec.encode()).unwrap();
    form.rewind().unwrap();
    let (reports, writer) = std::io::pipe().unwrap();
    // Far from the numbers they are to get.
    let (form_fd, writer_fd) = (form.as_raw_fd(), writer.as_raw_fd());
    let output = File::create(directory.path().join("stdout")).unwrap();
    let errors = File::create(directory.path().join("stderr")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesos-launcher"));
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    // SAFETY: the closure makes system calls only.
    unsafe {
        command.pre_exec(move || {
            let form_fd = libc::fcntl(form_fd, libc::F_DUPFD_CLOEXEC, 50);
            let writer_fd = libc::fcntl(writer_fd, libc::F_DUPFD_CLOEXEC, 50);
            assert!(form_fd >= 0 && writer_fd >= 0);
            libc::dup2(form_fd, SPEC_FD);
            libc::dup2(writer_fd, REPORT_FD);
            Ok(())
        });
    }
    let launcher = command.spawn().unwrap();
    drop(writer);
    Container { directory, launcher, reports }
}

impl Container {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn report(&mut self) -> Option<Report> {
        let mut bytes = [0; report::LENGTH];
        self.reports.read_exact(&mut bytes).ok()?;
        Some(Report::decode(bytes).unwrap())
    }

    fn started(&mut self) -> u32 {
        match self.report() {
            Some(Report::Started { pid }) => pid,
            other => panic!("expected the start, got {other:?}"),
        }
    }

    fn signal(&self, signal: i32) {
        // SAFETY: a signal to a process that this test started and has not waited for.
        unsafe { libc::kill(self.launcher.id().cast_signed(), signal) };
    }

    /// The wait status that the launcher kept, once it has exited.
    fn finish(&mut self) -> i32 {
        assert!(self.launcher.wait().unwrap().success());
        let status = self.file("runtime/status").parse().unwrap();
        loop {
            match self.report() {
                Some(Report::Exited { wait_status }) => break assert_eq!(wait_status, status),
                Some(Report::Started { .. } | Report::Failed { .. }) => {}
                None => panic!("the end was not reported"),
            }
        }
        status
    }
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not in time");
        std::thread::yield_now();
    }
}

fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}

fn read_pid(path: &Path) -> u32 {
    let mut pid = None;
    wait_until("a process id in a file", || {
        pid = fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
        pid.is_some()
    });
    pid.unwrap()
}

#[test]
fn a_command_runs_in_its_directory_with_its_environment_only() {
    let script = "pwd; echo $GREETING; env | grep -c CARGO; exit 3";
    let mut container = launch(|_| {}, "/bin/sh", &["sh", "-c", script]);
    container.started();
    assert_eq!(container.finish(), 3 << 8);
    let expected = format!("{}\nhello\n0\n", container.directory.path().display());
    assert_eq!(container.file("stdout"), expected);
}

#[test]
fn the_process_id_is_kept_under_a_lock_while_the_launcher_lives() {
    let mut container = launch(|_| {}, "sleep", &["sleep", "1000"]);
    container.started();
    let pids = container.file("runtime/pid");
    assert_eq!(pids.lines().next(), Some(container.launcher.id().to_string().as_str()));
    let file = File::open(container.path("runtime/pid")).unwrap();
    assert!(file.try_lock().is_err());
    container.signal(libc::SIGTERM);
    assert_eq!(container.finish(), libc::SIGTERM);
    file.try_lock().unwrap();
}

#[test]
fn a_name_without_a_slash_is_found_on_the_path_of_the_command() {
    let mut container = launch(|_| {}, "true", &["true"]);
    container.started();
    assert_eq!(container.finish(), 0);
}

#[test]
fn a_program_that_is_not_there_is_told_apart_from_one_that_exits() {
    let mut container = launch(|_| {}, "/nonexistent/binary", &["x"]);
    let failed = Report::Failed { stage: Stage::Execute, errno: libc::ENOENT };
    assert_eq!(container.report(), Some(failed));
    assert_eq!(container.finish(), 1 << 8);
    assert_eq!(container.file("stderr"), "Failed to execute command: No such file or directory\n");
}

#[test]
fn a_missing_working_directory_is_reported() {
    let nowhere = |spec: &mut Spec| spec.working_directory = b"/nonexistent".to_vec();
    let mut container = launch(nowhere, "/bin/true", &["true"]);
    let failed = Report::Failed { stage: Stage::WorkingDirectory, errno: libc::ENOENT };
    assert_eq!(container.report(), Some(failed));
    assert_eq!(container.finish(), 1 << 8);
}

#[test]
fn a_signal_reaches_every_process_of_the_container() {
    let script = "sh -c 'echo $$ > grandchild; trap \"echo caught > caught; exit\" TERM; \
                  while :; do sleep 0.05; done' & wait";
    let mut container = launch(|_| {}, "/bin/sh", &["sh", "-c", script]);
    container.started();
    read_pid(&container.path("grandchild"));
    wait_until("the handler", || {
        container.signal(libc::SIGTERM);
        container.path("caught").exists() || container.path("runtime/status").exists()
    });
    assert_eq!(container.finish(), libc::SIGTERM);
}

#[test]
fn a_daemon_that_forked_twice_does_not_outlive_the_command() {
    let script = "setsid sh -c 'sh -c \"echo \\$\\$ > daemon; exec sleep 1000\" & exit' ; \
                  while ! test -s daemon; do :; done";
    let mut container = launch(|_| {}, "/bin/sh", &["sh", "-c", script]);
    container.started();
    let daemon = read_pid(&container.path("daemon"));
    assert_eq!(container.finish(), 0);
    assert!(!is_alive(daemon));
}

#[test]
fn destroying_leaves_nothing_of_a_container_that_ignores_signals() {
    let script = "trap '' TERM INT HUP; setsid sleep 1000 & echo $! > other; sleep 1000";
    let mut container = launch(|_| {}, "/bin/sh", &["sh", "-c", script]);
    let command = container.started();
    let other = read_pid(&container.path("other"));
    container.signal(libc::SIGTERM);
    container.signal(destroy_signal());
    assert_eq!(container.finish(), libc::SIGKILL);
    assert!(!is_alive(command) && !is_alive(other));
}

#[test]
fn a_container_that_keeps_forking_is_destroyed() {
    let script = "f() { sleep 1000 & }; while :; do f; done";
    let limits = |spec: &mut Spec| {
        // Not bound by this for root; the loop itself is what matters.
        spec.limits = vec![Limit { resource: libc::RLIMIT_CORE, soft: 0, hard: 0 }];
    };
    let mut container = launch(limits, "/bin/sh", &["sh", "-c", script]);
    let command = container.started();
    wait_until("children", || mesos_launcher::tree::descendants(command).len() > 20);
    container.signal(destroy_signal());
    assert_eq!(container.finish(), libc::SIGKILL);
    assert_eq!(mesos_launcher::tree::session_members(command), Vec::<u32>::new());
}

#[test]
fn the_command_dies_with_its_launcher() {
    let mut container = launch(|_| {}, "sleep", &["sleep", "1000"]);
    let command = container.started();
    container.signal(libc::SIGKILL);
    container.launcher.wait().unwrap();
    wait_until("the end of the command", || !is_alive(command));
    assert_eq!(container.report(), None);
    assert!(!container.path("runtime/status").exists());
}

#[test]
fn a_container_that_must_not_outlive_its_agent_ends_with_it() {
    // Neither is the launcher's parent, as an agent would be: for it, the agent has gone.
    let gone = |spec: &mut Spec| spec.agent = Some(Agent { pid: 1, grace_ms: 20_000 });
    let mut container = launch(gone, "sleep", &["sleep", "1000"]);
    assert_eq!(container.finish(), libc::SIGTERM);
    let gone = |spec: &mut Spec| spec.agent = Some(Agent { pid: 1, grace_ms: 1 });
    let script = "trap '' TERM; while :; do sleep 1; done";
    let mut container = launch(gone, "/bin/sh", &["sh", "-c", script]);
    let status = container.finish();
    // The shell may not have come to ignore it yet.
    assert!([libc::SIGKILL, libc::SIGTERM].contains(&status), "{status}");
}

#[test]
fn a_container_goes_on_while_its_agent_lives() {
    let here = |spec: &mut Spec| {
        spec.agent = Some(Agent { pid: std::process::id(), grace_ms: 0 });
    };
    let mut container = launch(here, "/bin/sh", &["sh", "-c", "sleep 0.2; exit 7"]);
    container.started();
    assert_eq!(container.finish(), 7 << 8);
}

#[test]
fn limits_are_set() {
    let limits = |spec: &mut Spec| {
        spec.limits = vec![Limit { resource: libc::RLIMIT_NOFILE, soft: 77, hard: 78 }];
    };
    let mut container = launch(limits, "/bin/sh", &["sh", "-c", "ulimit -n; ulimit -H -n"]);
    container.started();
    assert_eq!(container.finish(), 0);
    assert_eq!(container.file("stdout"), "77\n78\n");
}

#[test]
fn the_user_and_all_groups_are_changed() {
    // SAFETY: reads this process's user id.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("skipped: changing the user needs root");
        return;
    }
    let identity = |spec: &mut Spec| {
        spec.identity = Some(Identity { uid: 65534, gid: 65533, groups: vec![65533, 1234] });
    };
    let mut container = launch(identity, "/bin/sh", &["sh", "-c", "id -u; id -g; id -G"]);
    container.started();
    assert_eq!(container.finish(), 0);
    assert_eq!(container.file("stdout"), "65534\n65533\n65533 1234\n");
}

#[test]
fn a_person_who_starts_it_is_told_what_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_mesos-launcher")).output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("started by mesos-agent"));
}
