// SPDX-License-Identifier: Apache-2.0

//! The task that watches the nodes of the candidates.

use std::time::Duration;

use mesos_proto::v1::MasterInfo;
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use tracing::{info, warn};
use zookeeper_client::{Client, Error};

use crate::{Url, leader_of, read_leader};

/// How long ZooKeeper keeps a session that it does not hear of.
const SESSION_TIMEOUT: Duration = Duration::from_secs(10);

/// The delays between attempts grow from the first to the second.
const DELAYS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// Follows the leading master.
#[derive(Debug)]
pub struct Detector {
    url: Url,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    leader: watch::Receiver<Option<MasterInfo>>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Detector {
    /// A detector that begins when it is first asked.
    pub fn new(url: Url) -> Self {
        Detector { url, running: None }
    }

    /// Waits until another master leads, or none; may be dropped while waiting.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn next(&mut self) -> Option<MasterInfo> {
        let url = &self.url;
        let running = self.running.get_or_insert_with(|| {
            let (tell, leader) = watch::channel(None);
            Running { leader, task: tokio::spawn(follow(url.clone(), tell)) }
        });
        match running.leader.changed().await {
            Ok(()) => running.leader.borrow_and_update().clone(),
            // The task only ends with this.
            Err(_) => std::future::pending().await,
        }
    }
}

/// One session after the other.
async fn follow(url: Url, tell: watch::Sender<Option<MasterInfo>>) {
    let mut delay = DELAYS.0;
    loop {
        let error = Box::pin(session(&url, &tell, &mut delay)).await;
        if matches!(error, Error::NoAuth | Error::AuthFailed) {
            warn!("ZooKeeper at {url} does not accept the credentials, or none");
        } else {
            warn!("the connection to ZooKeeper at {url} is lost: {error}");
        }
        sleep(delay).await;
        delay = (delay * 2).min(DELAYS.1);
    }
}

/// Connects and follows the leader until the session ends; returns why it has.
async fn session(
    url: &Url,
    tell: &watch::Sender<Option<MasterInfo>>,
    delay: &mut Duration,
) -> Error {
    let mut connector = Client::connector().with_session_timeout(SESSION_TIMEOUT);
    if let Some(credentials) = &url.credentials {
        connector = connector.with_auth("digest", credentials.as_bytes());
    }
    let client = match connector.connect(&url.servers).await {
        Ok(client) => client,
        Err(error) => return error,
    };
    info!("connected to ZooKeeper at {url}");
    loop {
        match look(&client, url, tell).await {
            Ok(()) => *delay = DELAYS.0,
            // The session may live on, on another server.
            Err(Error::ConnectionLoss) => sleep(*delay).await,
            Err(error) => return error,
        }
    }
}

/// Looks once, and waits until there may be something new.
async fn look(
    client: &Client,
    url: &Url,
    tell: &watch::Sender<Option<MasterInfo>>,
) -> Result<(), Error> {
    let (nodes, change) = match client.list_and_watch_children(&url.path).await {
        Ok(found) => found,
        Err(Error::NoNode) => {
            let (stat, change) = client.check_and_watch_stat(&url.path).await?;
            if stat.is_none() {
                publish(tell, None);
                change.changed().await;
            }
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match leader_of(nodes.iter().map(String::as_str)) {
        None => publish(tell, None),
        Some(node) => match client.get_data(&format!("{}/{node}", url.path)).await {
            Ok((content, _)) => match read_leader(node, &content) {
                Ok(master) => publish(tell, Some(master)),
                Err(error) => {
                    warn!("{error}");
                    publish(tell, None);
                }
            },
            // Gone meanwhile: the change is coming.
            Err(Error::NoNode) => {}
            Err(error) => return Err(error),
        },
    }
    change.changed().await;
    Ok(())
}

fn publish(tell: &watch::Sender<Option<MasterInfo>>, leader: Option<MasterInfo>) {
    tell.send_if_modified(|known| {
        let changed = *known != leader;
        if changed {
            match &leader {
                Some(master) => info!("the master {} leads", master.pid()),
                None => info!("no master leads"),
            }
            *known = leader;
        }
        changed
    });
}
