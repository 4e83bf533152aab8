// SPDX-License-Identifier: Apache-2.0

//! A master that lies about the lengths of its records: its client neither
//! believes it nor ends; it disconnects, and subscribes elsewhere or again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mesos_client::{SchedulerClient, SchedulerEvent};
use mesos_integration::{DEADLINE, TestFramework};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

/// What comes where a length is expected. Few, as the client waits longer each time.
const LENGTHS: [&str; 4] =
    ["99999999999999999999999999\n", "268435457\n", "-1\n", "429496729642949672964294967296"];

#[tokio::test]
async fn records_with_false_lengths_end_the_connection_and_not_the_client() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let (_client, mut events) = SchedulerClient::builder(&address, TestFramework::info())
        .connection_delay_max(Duration::ZERO)
        .start()?;
    for length in LENGTHS {
        let accepted = timeout(DEADLINE, listener.accept()).await;
        let (mut stream, _) =
            accepted.with_context(|| format!("nobody comes before {length:?}"))??;
        let mut request = vec![0; 64 << 10];
        ensure!(stream.read(&mut request).await? > 0, "no request");
        let record = [length, &"x".repeat(40)].concat();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nMesos-Stream-Id: s\r\n\
             Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{record}\r\n",
            record.len()
        );
        stream.write_all(answer.as_bytes()).await?;
        // The client closes it, long before a record of that length could come.
        let mut rest = Vec::new();
        let closed = timeout(DEADLINE, stream.read_to_end(&mut rest)).await;
        // A reset is as good.
        let _ = closed.with_context(|| format!("{length:?} is believed"))?;
    }
    // Disconnections may be told; nothing else, and no end.
    while let Ok(event) = timeout(Duration::ZERO, events.next()).await {
        let event = event?.context("the client has ended")?;
        ensure!(matches!(event, SchedulerEvent::Disconnected { .. }), "{event:?}");
    }
    Ok(())
}
