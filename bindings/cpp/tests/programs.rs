// SPDX-License-Identifier: Apache-2.0

//! The programs of this folder and of examples/cpp, started as their users start them.
//!
//! `cargo xtask bindings c++` builds them and runs these tests, which are ignored otherwise.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use mesos_integration::{Cluster, ClusterBuilder, program, scenarios};

/// Where CMake has built something.
fn built(path: &str) -> PathBuf {
    let folder = env::var_os("MESOS_CPP_TESTS").expect("run by `cargo xtask bindings c++`");
    Path::new(&folder).join(path)
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || program::run(&mut command)).await.unwrap()
}

/// Runs a program to its end, which must be a good one, and gives what it printed.
async fn succeed(command: Command) -> String {
    let output = run(command).await;
    assert!(output.status.success(), "{}", program::text(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn test_framework(master: &str, flags: &[&str]) -> Command {
    let mut command = Command::new(built("examples/test-framework"));
    command.arg(format!("--master={master}")).args(flags);
    command
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn every_scenario_ends_as_said_in_cpp() {
    scenarios::act_out("", |name, master| {
        let mut command = Command::new(built("tests/scenarios"));
        command.args([name, master]);
        command
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn the_test_framework_ends_well_with_each_of_its_settings() {
    let cluster = Cluster::start().await.unwrap();
    let master = cluster.master.address();
    let mut explicit = test_framework(master, &[]);
    explicit.env("MESOS_EXPLICIT_ACKNOWLEDGEMENTS", "1");
    let mut by_environment = Command::new(built("examples/test-framework"));
    by_environment.env("MESOS_EXAMPLE_MASTER", master).env("MESOS_EXAMPLE_ROLE", "web/shop");
    let checkpointing = test_framework(master, &["--checkpoint"]);
    for command in [test_framework(master, &[]), explicit, by_environment, checkpointing] {
        let printed = succeed(command).await;
        assert!(printed.ends_with("All tasks finished, all messages came back\n"), "{printed}");
    }
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn flags_that_are_wrong_are_refused_with_the_right_ones() {
    let output = run(test_framework("127.0.0.1:1", &["--rolle=web"])).await;
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("'--rolle=web' is no flag") && printed.contains("--role"));
    let output = run(test_framework("127.0.0.1:1", &["--checkpoint=maybe"])).await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("expected true or false"));
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn help_names_every_flag() {
    let printed = succeed(test_framework("127.0.0.1:1", &["--help"])).await;
    for flag in ["master", "role", "checkpoint", "authenticate", "principal", "secret", "help"] {
        assert!(printed.contains(&format!("\n  --{flag}=VALUE\n")), "{printed}");
    }
    assert!(printed.contains("(default: 'test-framework-cpp')"), "{printed}");
}

/// A master that knows nobody, and gives the first request's head.
fn guard() -> (String, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut more = [0; 4096];
        while !request.windows(4).any(|it| it == b"\r\n\r\n") {
            let read = stream.read(&mut more).unwrap();
            request.extend_from_slice(&more[..read]);
        }
        let answer = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer).unwrap();
        String::from_utf8_lossy(&request).into_owned()
    });
    (address, seen)
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn the_test_framework_says_who_it_is_and_fails_when_it_is_not_let_in() {
    let (address, seen) = guard();
    let flags = ["--authenticate", "--principal=me", "--secret=hush"];
    let output = run(test_framework(&address, &flags)).await;
    // "me:hush" in base64.
    let head = seen.join().unwrap().to_ascii_lowercase();
    assert!(head.contains(&"authorization: Basic bWU6aHVzaA==".to_ascii_lowercase()), "{head}");
    assert_eq!(output.status.code(), Some(1), "{}", program::text(&output));
    assert!(!program::text(&output).contains("hush"));
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn hello_prints_what_its_task_printed() {
    let cluster = Cluster::start().await.unwrap();
    let mut hello = Command::new(built("examples/hello"));
    hello.arg(cluster.master.address());
    assert_eq!(succeed(hello).await, "Hello, Mesos\n");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn a_v1_framework_and_its_executor_run_a_task() {
    let cluster = ClusterBuilder::new().start().await.unwrap();
    let mut v1 = Command::new(built("tests/v1"));
    v1.arg(cluster.master.address());
    let printed = succeed(v1).await;
    assert!(printed.ends_with("all is well\n"), "{printed}");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn resources_values_and_types_do_as_mesos_does() {
    assert_eq!(succeed(Command::new(built("tests/resources"))).await, "all is well\n");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn a_program_that_takes_the_value_of_an_error_ends_with_the_error() {
    let mut resources = Command::new(built("tests/resources"));
    resources.arg("end");
    let output = run(resources).await;
    assert!(!output.status.success());
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("ABORT: Try::get() but state == ERROR: "), "{printed}");
    assert!(printed.contains("cpus"), "{printed}");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn drivers_that_cannot_start_do_as_those_of_mesos() {
    assert_eq!(succeed(Command::new(built("tests/drivers"))).await, "all is well\n");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn what_a_callback_throws_is_told_on_stderr() {
    let cluster = Cluster::start().await.unwrap();
    let mut throwing = Command::new(built("tests/scenarios"));
    throwing.args(["callback-throws", cluster.master.address()]);
    throwing.env_remove("MESOS_QUIET");
    let output = run(throwing).await;
    let printed = String::from_utf8_lossy(&output.stderr);
    let line = "mesos: a callback has thrown std::logic_error: failure; its driver is aborted\n";
    assert_eq!(printed.matches(line).count(), 1, "{printed}");
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn every_public_signature_is_there_in_cpp_14_and_20() {
    for standard in [14, 20] {
        let program = built(&format!("tests/signatures{standard}"));
        assert_eq!(succeed(Command::new(program)).await, "");
    }
}

/// The first block of the README that is code of a language.
fn shown(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let document = fs::read_to_string(path).unwrap();
    let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[tokio::test]
#[ignore = "needs the C++ programs"]
async fn the_hello_of_the_readme_is_built_with_pkg_config_alone() {
    let cluster = Cluster::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hello.cpp"), shown("cpp")).unwrap();
    let library = built("prefix/lib");
    let mut build = Command::new("sh");
    let line = format!(
        "c++ hello.cpp -o hello $(pkg-config --cflags --libs mesos) -Wl,-rpath,'{}'",
        library.display()
    );
    build.args(["-ec", &line]).current_dir(folder.path());
    build.env("PKG_CONFIG_PATH", library.join("pkgconfig"));
    succeed(build).await;
    let mut hello = Command::new(folder.path().join("hello"));
    hello.arg(cluster.master.address());
    let printed = succeed(hello).await;
    assert!(printed.ends_with("hello TASK_FINISHED\n"), "{printed}");
}
