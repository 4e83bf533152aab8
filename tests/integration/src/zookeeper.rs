// SPDX-License-Identifier: Apache-2.0

//! A real ZooKeeper server on loopback, of Debian's package `zookeeper`.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use zookeeper_client::{Acls, Client, CreateMode};

use crate::{DEADLINE, free_port};

const PROGRAM: &str = "/usr/share/zookeeper/bin/zkServer.sh";

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// A server, ended with this.
pub struct ZooKeeper {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl ZooKeeper {
    /// Starts a server; `None`, with a word to the log, where no ZooKeeper is installed.
    ///
    /// # Errors
    /// Its folder or process cannot be made.
    pub fn start() -> Result<Option<Self>> {
        if !Path::new(PROGRAM).exists() {
            eprintln!("skipped: {PROGRAM} is not there (apt-get install zookeeper)");
            return Ok(None);
        }
        let port = free_port()?;
        let folder = tempfile::tempdir()?;
        let config = format!(
            "tickTime=500\ndataDir={0}/data\nclientPort={port}\nclientPortAddress=127.0.0.1\n\
             admin.enableServer=false\n",
            folder.path().display()
        );
        fs::create_dir(folder.path().join("data"))?;
        fs::write(folder.path().join("zoo.cfg"), config)?;
        let child = Self::spawn(&folder)?;
        Ok(Some(ZooKeeper { child, folder, port }))
    }

    fn spawn(folder: &TempDir) -> Result<Child> {
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
            .with_context(|| format!("starting {PROGRAM}"))
    }

    /// Ends the server at once; its data stays.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again after [`ZooKeeper::kill`].
    ///
    /// # Errors
    /// The process cannot be made.
    pub fn restart(&mut self) -> Result<()> {
        self.child = Self::spawn(&self.folder)?;
        Ok(())
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A client; waits until the server answers.
    ///
    /// # Errors
    /// It does not, in time.
    pub async fn client(&self) -> Result<Client> {
        let connecting = async {
            loop {
                let connector = Client::connector().with_session_timeout(Duration::from_secs(5));
                match connector.connect(&self.address()).await {
                    Ok(client) => return client,
                    Err(_) => sleep(PAUSE).await,
                }
            }
        };
        timeout(DEADLINE, connecting).await.context("ZooKeeper does not start in time")
    }

    /// Makes a node that stays.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn create(&self, client: &Client, path: &str) -> Result<()> {
        let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
        client.create(path, b"", &options).await?;
        Ok(())
    }

    /// Stands as a candidate below `/mesos`, as a master at `port` of loopback does, and gives the
    /// path of the node, which goes with the client.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn stand(&self, client: &Client, port: u16) -> Result<String> {
        let content = format!(
            r#"{{"id":"m{port}","ip":16777343,"port":{port},"pid":"master@127.0.0.1:{port}",
                "address":{{"ip":"127.0.0.1","port":{port}}}}}"#
        );
        let options = CreateMode::EphemeralSequential.with_acls(Acls::anyone_all());
        let created = client.create("/mesos/json.info_", content.as_bytes(), &options).await?;
        Ok(format!("/mesos/json.info_{}", created.1))
    }
}

impl Drop for ZooKeeper {
    fn drop(&mut self) {
        self.kill();
    }
}
