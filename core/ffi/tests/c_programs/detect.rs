// SPDX-License-Identifier: Apache-2.0

//! Following the leading master in C.

use std::{
    io::{BufRead, BufReader, Lines, Read},
    process::{Child, ChildStdout, Command, Stdio},
};

use mesos_integration::ZooKeeper;
use tokio::task::spawn_blocking;

use crate::compile::{Program, compile, compile_file};

/// A running `detect`.
struct Detecting {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Detecting {
    fn start(program: &Program, master: &str) -> Self {
        // What never comes must not be waited for.
        let mut command = Command::new("timeout");
        command.arg("120").arg(&program.path).arg(master);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Detecting { child, lines }
    }

    async fn line(&mut self) -> String {
        tokio::task::block_in_place(|| self.lines.next().unwrap().unwrap())
    }

    /// Ends its input; gives what it prints on stderr.
    fn end(mut self, last: &str) {
        drop(self.child.stdin.take());
        assert_eq!(self.lines.next().unwrap().unwrap(), last);
        assert!(self.lines.next().is_none());
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert!(self.child.wait().unwrap().success(), "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_in_c_follows_the_leading_master() {
    let program = spawn_blocking(|| compile("detect", &["-fsanitize=address"])).await.unwrap();
    let mut fixed = Detecting::start(&program, "127.0.0.1:5050");
    assert_eq!(fixed.line().await, "127.0.0.1:5050 master@127.0.0.1:5050");
    fixed.end("released after 1");

    let Some(server) = ZooKeeper::start().unwrap() else { return };
    let mut detecting = Detecting::start(&program, &format!("zk://{}/mesos", server.address()));
    let client = server.client().await.unwrap();
    server.create(&client, "/mesos").await.unwrap();
    let node = server.stand(&client, 5051).await.unwrap();
    assert_eq!(detecting.line().await, "127.0.0.1:5051 master@127.0.0.1:5051");
    client.delete(&node, None).await.unwrap();
    assert_eq!(detecting.line().await, "nobody");
    server.stand(&client, 5052).await.unwrap();
    assert_eq!(detecting.line().await, "127.0.0.1:5052 master@127.0.0.1:5052");
    detecting.end("released after 3");
}

#[test]
fn the_program_of_the_readme_works_as_printed() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```c\n").unwrap();
    let (program, _) = rest.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("readme.c");
    std::fs::write(&source, program).unwrap();
    let program = compile_file(&source, &["-fsanitize=address"]);
    let mut detecting = Detecting::start(&program, "127.0.0.1:5050");
    assert_eq!(detecting.lines.next().unwrap().unwrap(), "another master leads");
    drop(detecting.child.stdin.take());
    assert!(detecting.child.wait().unwrap().success());
}
