// SPDX-License-Identifier: Apache-2.0

//! The detector against a real ZooKeeper server, Debian's package `zookeeper`.
//! Skipped with a word where that is not installed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use mesos_zookeeper::{Detector, Url, authority};
use tempfile::TempDir;
use tokio::time::timeout;
use zookeeper_client::{Acls, Client, CreateMode};

const PROGRAM: &str = "/usr/share/zookeeper/bin/zkServer.sh";

/// A server on loopback, ended with this.
struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// `None` where no ZooKeeper is installed.
    fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            eprintln!("skipped: {PROGRAM} is not there (apt-get install zookeeper)");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "tickTime=500\ndataDir={0}/data\nclientPort={port}\nclientPortAddress=127.0.0.1\n\
             admin.enableServer=false\n",
            folder.path().display()
        );
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("zoo.cfg"), config).unwrap();
        let child = Self::spawn(&folder);
        Some(Server { child, folder, port })
    }

    fn spawn(folder: &TempDir) -> Child {
        // The script replaces itself with the server, so that the child is the server.
        Command::new(PROGRAM)
            .arg("start-foreground")
            .arg(folder.path().join("zoo.cfg"))
            .env("ZOO_LOG_DIR", folder.path())
            .env("ZOOCFGDIR", folder.path())
            .env("JVMFLAGS", "-Xmx128m -XX:TieredStopAtLevel=1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn restart(&mut self) {
        self.child = Self::spawn(&self.folder);
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    async fn client(&self) -> Client {
        let connecting = async {
            loop {
                let connector = Client::connector().with_session_timeout(Duration::from_secs(5));
                if let Ok(client) = connector.connect(&self.address()).await {
                    return client;
                }
            }
        };
        timeout(Duration::from_secs(60), connecting).await.expect("ZooKeeper starts in time")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Stands as a candidate, as a master does; the node goes with the client.
async fn stand(client: &Client, port: u16) -> String {
    let content = format!(
        r#"{{"id":"m{port}","ip":16777343,"port":{port},"address":{{"ip":"127.0.0.1","port":{port}}}}}"#
    );
    let options = CreateMode::EphemeralSequential.with_acls(Acls::anyone_all());
    let (_, sequence) =
        client.create("/mesos/json.info_", content.as_bytes(), &options).await.unwrap();
    format!("/mesos/json.info_{sequence}")
}

async fn next(detector: &mut Detector) -> Option<String> {
    let next = timeout(Duration::from_secs(60), detector.next()).await;
    next.expect("the leader changes in time").as_ref().and_then(authority)
}

#[tokio::test]
async fn the_leader_is_followed_through_elections_and_outages() {
    let Some(mut server) = Server::start() else { return };
    let client = server.client().await;
    let url = format!("zk://{}/mesos", server.address());
    let mut detector = Detector::new(Url::parse(&url).unwrap());

    // The path is made after the detector has begun to look.
    let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
    let (found, ()) = tokio::join!(next(&mut detector), async {
        client.create("/mesos", b"", &options).await.unwrap();
        client.create("/mesos/log_replicas", b"", &options).await.unwrap();
        stand(&client, 5051).await;
    });
    assert_eq!(found.as_deref(), Some("127.0.0.1:5051"));

    // A second candidate changes nothing; it leads when the first is gone.
    let second = server.client().await;
    stand(&second, 5052).await;
    drop(client);
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5052"));

    // While ZooKeeper is away the leader stays; afterwards it is followed again.
    server.kill();
    let waited = timeout(Duration::from_secs(3), detector.next()).await;
    assert!(waited.is_err(), "an outage is no change");
    server.restart();
    let third = server.client().await;
    let node = stand(&third, 5053).await;
    drop(second);
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5053"));
    third.delete(&node, None).await.unwrap();
    assert_eq!(next(&mut detector).await, None);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for() {
    let Some(mut server) = Server::start() else { return };
    server.kill();
    let url = format!("zk://{}/mesos", server.address());
    let mut detector = Detector::new(Url::parse(&url).unwrap());
    let waited = timeout(Duration::from_millis(500), detector.next()).await;
    assert!(waited.is_err(), "nothing is known of any leader");
    server.restart();
    let client = server.client().await;
    let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
    client.create("/mesos", b"", &options).await.unwrap();
    stand(&client, 5051).await;
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5051"));
}
