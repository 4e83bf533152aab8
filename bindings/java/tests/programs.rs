// SPDX-License-Identifier: Apache-2.0

//! The programs of this folder and of examples/java, started as their users start them.
//!
//! `cargo xtask bindings java` compiles them and runs these tests, which are ignored otherwise.
//! Every program runs with `-Xcheck:jni`, on the Java machine that `MESOS_JAVA` names.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use mesos_integration::{Cluster, ClusterBuilder, ZooKeeper, program, scenarios};
use mesos_proto::v1::{
    FrameworkId,
    scheduler::{Event, event},
};
use prost::Message;

/// What `cargo xtask` has made.
fn built(path: &str) -> PathBuf {
    let folder = env::var_os("MESOS_JAVA_TESTS").expect("run by `cargo xtask bindings java`");
    Path::new(&folder).join(path)
}

/// Paths as Java wants them.
fn classpath(folders: &[&str]) -> String {
    let jars = ["jars/mesos-1.11.0.jar", "jars/protobuf-java-3.5.0.jar"];
    let all: Vec<String> =
        folders.iter().chain(&jars).map(|path| built(path).display().to_string()).collect();
    all.join(":")
}

/// A Java machine that is small and says what is wrong with a native method.
fn java(classpath: &str) -> Command {
    let mut command = Command::new(env::var("MESOS_JAVA").unwrap_or_else(|_| "java".to_owned()));
    command.args(["-Xcheck:jni", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    command.args(["-classpath", classpath]);
    command
}

/// A test of this folder.
fn test(class: &str) -> Command {
    let mut command = java(&classpath(&["tests"]));
    command.arg(class);
    command
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || program::run(&mut command)).await.unwrap()
}

/// Runs a program to its end, which must be a good one, and gives what it printed.
async fn succeed(command: Command) -> String {
    let output = run(command).await;
    let text = program::text(&output);
    assert!(output.status.success(), "{text}");
    for complaint in ["WARNING in native method", "FATAL ERROR in native method"] {
        assert!(!text.contains(complaint), "{text}");
    }
    String::from_utf8(output.stdout).unwrap()
}

fn test_framework(master: &str) -> Command {
    let mut command = java(&classpath(&["examples"]));
    command.args(["TestFramework", master]);
    command
}

/// The class path of another version of Apache's jar, with what was compiled for it.
fn other(version: &str) -> String {
    fs::read_to_string(built(&format!("tests-{version}/classpath"))).unwrap()
}

#[test]
#[ignore = "needs the Java programs"]
fn every_class_can_be_loaded_by_java_8() {
    let mut folders = vec![built("library"), built("examples"), built("tests")];
    let mut classes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "class") {
                assert_eq!(fs::read(&path).unwrap()[6..8], [0, 52], "{}", path.display());
                classes += 1;
            }
        }
    }
    assert!(classes > 10, "{classes} classes");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn every_scenario_ends_as_said_in_java() {
    scenarios::act_out("", |name, master| {
        let mut command = test("Scenarios");
        command.args([name, master]);
        command
    })
    .await;
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn the_test_framework_ends_well_with_each_of_its_settings() {
    let cluster = Cluster::start().await.unwrap();
    let master = cluster.master.address();
    for setting in ["", "MESOS_EXPLICIT_ACKNOWLEDGEMENTS", "MESOS_EXAMPLE_CHECKPOINT"] {
        let mut command = test_framework(master);
        if !setting.is_empty() {
            command.env(setting, "1");
        }
        let printed = succeed(command).await;
        assert!(printed.ends_with("All tasks finished, all messages came back\n"), "{printed}");
    }
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn the_test_framework_refuses_to_authenticate_as_nobody() {
    let mut command = test_framework("127.0.0.1:1");
    command.env("MESOS_EXAMPLE_AUTHENTICATE", "1");
    let output = run(command).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("but not MESOS_EXAMPLE_PRINCIPAL"), "{said}");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn hello_prints_what_its_task_printed() {
    let cluster = Cluster::start().await.unwrap();
    let mut hello = java(&classpath(&["examples"]));
    hello.args(["Hello", cluster.master.address()]);
    assert_eq!(succeed(hello).await, "Hello, Mesos\n");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn older_jars_and_the_one_with_protobuf_inside_run_hello() {
    let cluster = Cluster::start().await.unwrap();
    for version in ["1.0.0", "1.4.0", "1.7.0", "1.10.0", "shaded"] {
        let mut hello = java(&other(version));
        hello.args(["Hello", cluster.master.address()]);
        assert_eq!(succeed(hello).await, "Hello, Mesos\n", "with {version}");
        let mut scenario = java(&other(version));
        scenario.args(["Scenarios", "callback-joins", cluster.master.address()]);
        let printed = succeed(scenario).await;
        let expected = "registered\njoin RUNNING\nstop STOPPED\nrun STOPPED\n";
        assert_eq!(printed, expected, "with {version}");
    }
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn classes_of_a_foreign_class_loader_are_found() {
    let cluster = Cluster::start().await.unwrap();
    for inner in [classpath(&["examples"]), other("shaded")] {
        // The machine's own class path has nothing of Mesos.
        let outer = built("foreign");
        fs::create_dir_all(&outer).unwrap();
        fs::copy(built("tests/Foreign.class"), outer.join("Foreign.class")).unwrap();
        let mut command = java(&outer.display().to_string());
        command.args(["Foreign", &inner, "Hello", cluster.master.address()]);
        assert_eq!(succeed(command).await, "Hello, Mesos\n");
    }
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn the_library_is_found_in_the_jar_of_the_platform() {
    let jars: Vec<String> = fs::read_dir(built("artifact"))
        .unwrap()
        .map(|entry| format!("artifact/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    let temporary = tempfile::tempdir().unwrap();
    let mut folders: Vec<&str> = jars.iter().map(String::as_str).collect();
    folders.push("tests");
    let mut command = java(&classpath(&folders));
    command.arg(format!("-Djava.io.tmpdir={}", temporary.path().display()));
    command.arg("Packed").env_remove("MESOS_NATIVE_JAVA_LIBRARY");
    assert_eq!(succeed(command).await, "1.11.0\n");
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "nothing is left behind");
    let mut without = test("Packed");
    without.env_remove("MESOS_NATIVE_JAVA_LIBRARY");
    let output = run(without).await;
    assert!(!output.status.success(), "there is no artifact on this class path");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn a_v1_framework_runs_a_task_with_both_kinds_of_mesos() {
    let cluster = ClusterBuilder::new().start().await.unwrap();
    let mut command = test("V1");
    command.arg(cluster.master.address());
    assert_eq!(succeed(command).await, "V1Mesos TASK_FINISHED\nV0Mesos TASK_FINISHED\n");
}

/// A master that takes one subscription, and goes away at once, or else with its framework.
fn master_of_one(leaves: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let subscribed = event::Subscribed {
        framework_id: FrameworkId { value: "f".to_owned() },
        heartbeat_interval_seconds: None,
        master_info: None,
    };
    let event = Event {
        r#type: Some(event::Type::Subscribed.into()),
        subscribed: Some(subscribed),
        ..Default::default()
    };
    let event = event.encode_to_vec();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(listener);
        // Enough to know that the request is on its way.
        stream.read_exact(&mut [0; 64]).unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\n\
                    Mesos-Stream-Id: s\r\n\r\n";
        let record = [head.as_bytes(), format!("{}\n", event.len()).as_bytes(), &event].concat();
        stream.write_all(&record).unwrap();
        if leaves {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        // Until the driver has left, so that nothing is reset.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    address
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn a_scheduler_that_does_not_subscribe_hears_that_its_master_is_lost() {
    let mut command = test("Unsubscribed");
    command.arg(master_of_one(true));
    assert_eq!(succeed(command).await, "connected\ndisconnected\n");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn a_subscribe_counts_also_before_there_is_a_master() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = test("Unsubscribed");
    command.args([master_of_one(false)]).arg(folder.path().join("master"));
    assert_eq!(succeed(command).await, "connected\nSUBSCRIBED\n");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn who_waits_for_a_driver_that_is_finalized_is_let_go() {
    let mut command = test("Finalized");
    // Nobody listens there.
    command.arg("127.0.0.1:1").env("MESOS_QUIET", "1");
    assert_eq!(succeed(command).await, "join has returned\nstop DRIVER_ABORTED\n");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn stores_keep_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let zookeeper = ZooKeeper::start().unwrap();
    if let Some(server) = &zookeeper {
        drop(server.client().await.unwrap());
    }
    let mut command = test("States");
    command.arg(folder.path()).args(zookeeper.as_ref().map(ZooKeeper::address));
    assert_eq!(succeed(command).await, "all is well\n");
}

#[tokio::test]
#[ignore = "needs the Java programs"]
async fn nothing_is_left_of_a_thousand_lives() {
    let cluster = ClusterBuilder::new().agents(0).start().await.unwrap();
    let lives = env::var("MESOS_JAVA_LIVES").unwrap_or_else(|_| "1000".to_owned());
    let mut command = test("Lives");
    command.args([&lives, cluster.master.address()]).env("MESOS_QUIET", "1");
    let printed = succeed(command).await;
    assert!(printed.ends_with(&format!("nothing is left of {lives} lives\n")), "{printed}");
}
