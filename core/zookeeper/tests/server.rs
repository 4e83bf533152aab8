// SPDX-License-Identifier: Apache-2.0

//! The detector against a real ZooKeeper server, Debian's package `zookeeper`.
//! Skipped with a word where that is not installed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use mesos_integration::ZooKeeper;
use mesos_zookeeper::{Detector, Url, authority};
use tokio::time::timeout;

async fn next(detector: &mut Detector) -> Option<String> {
    let next = timeout(Duration::from_secs(60), detector.next()).await;
    next.expect("the leader changes in time").as_ref().and_then(authority)
}

fn detector(server: &ZooKeeper) -> Detector {
    Detector::new(Url::parse(&format!("zk://{}/mesos", server.address())).unwrap())
}

#[tokio::test]
async fn the_leader_is_followed_through_elections_and_outages() {
    let Some(mut server) = ZooKeeper::start().unwrap() else { return };
    let client = server.client().await.unwrap();
    let mut detector = detector(&server);

    // The path is made after the detector has begun to look.
    let (found, ()) = tokio::join!(next(&mut detector), async {
        server.create(&client, "/mesos").await.unwrap();
        server.create(&client, "/mesos/log_replicas").await.unwrap();
        server.stand(&client, 5051).await.unwrap();
    });
    assert_eq!(found.as_deref(), Some("127.0.0.1:5051"));

    // A second candidate changes nothing; it leads when the first is gone.
    let second = server.client().await.unwrap();
    server.stand(&second, 5052).await.unwrap();
    drop(client);
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5052"));

    // While ZooKeeper is away the leader stays; afterwards it is followed again.
    server.kill();
    let waited = timeout(Duration::from_secs(3), detector.next()).await;
    assert!(waited.is_err(), "an outage is no change");
    server.restart().unwrap();
    let third = server.client().await.unwrap();
    let node = server.stand(&third, 5053).await.unwrap();
    drop(second);
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5053"));
    third.delete(&node, None).await.unwrap();
    assert_eq!(next(&mut detector).await, None);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for() {
    let Some(mut server) = ZooKeeper::start().unwrap() else { return };
    server.kill();
    let mut detector = detector(&server);
    let waited = timeout(Duration::from_millis(500), detector.next()).await;
    assert!(waited.is_err(), "nothing is known of any leader");
    server.restart().unwrap();
    let client = server.client().await.unwrap();
    server.create(&client, "/mesos").await.unwrap();
    server.stand(&client, 5051).await.unwrap();
    assert_eq!(next(&mut detector).await.as_deref(), Some("127.0.0.1:5051"));
}
