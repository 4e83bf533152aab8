// SPDX-License-Identifier: Apache-2.0

//! Outgoing connections on loopback sockets.

use std::{net::SocketAddr, time::Duration};

use mesos_proto::internal::PingSlaveMessage;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use crate::{LinkBroken, Peers, SendError, Settings, Upid};

/// Longer than anything takes; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(20);

const PING: PingSlaveMessage = PingSlaveMessage { connected: true };

fn peers(settings: Settings) -> (Peers, mpsc::Receiver<LinkBroken>) {
    let (broken, reports) = mpsc::channel(16);
    (Peers::new(settings, broken), reports)
}

fn master() -> Upid {
    "master@127.0.0.1:5050".parse().expect("a process address")
}

async fn listener() -> (TcpListener, Upid) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, Upid::new("slave(1)", address))
}

async fn accept(listener: &TcpListener) -> TcpStream {
    let accepted = timeout(PATIENCE, listener.accept()).await;
    accepted.expect("a connection in time").expect("a connection").0
}

/// Reads until `count` messages have come.
async fn read_messages(stream: &mut TcpStream, count: usize) -> String {
    let mut text = Vec::new();
    while String::from_utf8_lossy(&text).matches("\r\n0\r\n\r\n").count() < count {
        let mut buffer = [0; 4096];
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await;
        let read = read.expect("data in time").expect("data");
        assert!(read > 0, "closed after {text:?}");
        text.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

async fn report(reports: &mut mpsc::Receiver<LinkBroken>) -> LinkBroken {
    let report = timeout(PATIENCE, reports.recv()).await;
    report.expect("a report in time").expect("a report")
}

#[tokio::test]
async fn messages_arrive_in_order_on_one_connection() {
    let (listener, agent) = listener().await;
    let (peers, _reports) = peers(Settings::default());
    for number in 0..50 {
        let from = Upid::new(format!("slave-observer({number})"), master().address);
        peers.send(&from, &agent, &PING).expect("room");
    }
    let mut stream = accept(&listener).await;
    let text = read_messages(&mut stream, 50).await;
    let senders: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("Libprocess-From: ")).collect();
    assert_eq!(senders.len(), 50);
    for (number, sender) in senders.iter().enumerate() {
        assert!(sender.starts_with(&format!("slave-observer({number})@")));
    }
}

#[tokio::test]
async fn a_closed_connection_is_reported_once_and_the_next_send_reconnects() {
    let (listener, agent) = listener().await;
    let (peers, mut reports) = peers(Settings::default());
    peers.link(&agent);
    peers.send(&master(), &agent, &PING).expect("room");
    let mut stream = accept(&listener).await;
    read_messages(&mut stream, 1).await;
    stream
        .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        .await
        .expect("an answer is read");
    drop(stream);
    assert_eq!(report(&mut reports).await.peer, agent);
    assert!(reports.try_recv().is_err());

    peers.send(&master(), &agent, &PING).expect("room");
    let mut stream = accept(&listener).await;
    read_messages(&mut stream, 1).await;
}

#[tokio::test]
async fn a_link_to_nobody_is_reported_broken() {
    let (listener, agent) = listener().await;
    drop(listener);
    let (peers, mut reports) = peers(Settings::default());
    peers.link(&agent);
    let broken = report(&mut reports).await;
    assert_eq!(broken.peer, agent);
    assert!(broken.reason.starts_with("cannot connect to 127.0.0.1:"), "{}", broken.reason);
}

#[tokio::test]
async fn an_unlinked_peer_is_not_reported_and_closed_when_idle() {
    let (listener, agent) = listener().await;
    let (peers, mut reports) =
        peers(Settings { idle_timeout: Duration::from_millis(20), ..Settings::default() });
    peers.link(&agent);
    peers.unlink(&agent);
    let mut stream = accept(&listener).await;
    let read = timeout(PATIENCE, stream.read(&mut [0; 1])).await;
    assert_eq!(read.expect("closed in time").expect("closed cleanly"), 0);
    assert!(reports.try_recv().is_err());
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_cut_off_and_reported() {
    let (listener, agent) = listener().await;
    let (peers, mut reports) = peers(Settings { max_queued_bytes: 1 << 20, ..Settings::default() });
    peers.link(&agent);
    let stream = accept(&listener).await;
    let refused = loop {
        match peers.send(&master(), &agent, &PING) {
            Ok(()) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    let SendError::TooSlow { peer, queued } = refused;
    assert_eq!(peer, agent.address);
    assert!(queued > 1 << 20);
    let broken = report(&mut reports).await;
    assert!(broken.reason.ends_with("reads too slowly"), "{}", broken.reason);
    drop(stream);
}

#[tokio::test]
async fn links_of_two_processes_at_one_address_are_reported_both() {
    let (listener, agent) = listener().await;
    let other = Upid::new("slave(2)", SocketAddr::clone(&agent.address));
    let (peers, mut reports) = peers(Settings::default());
    peers.link(&agent);
    peers.link(&other);
    drop(accept(&listener).await);
    assert_eq!(report(&mut reports).await.peer, agent);
    assert_eq!(report(&mut reports).await.peer, other);
}
