// SPDX-License-Identifier: Apache-2.0

//! Clients that take their time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt, task::JoinSet, time::sleep};

use crate::{
    Target, raw,
    scheduler::{JSON, PATH},
};

/// So many at a time, each at an address of its own choice.
const CLIENTS: usize = 200;

/// Opens a connection, and that is all.
pub async fn say_nothing(target: &Target) -> Result<String> {
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..target.scaled(CLIENTS) {
        let address = target.address;
        clients.spawn(async move {
            let mut stream = raw::connect_from(66, address).await?;
            raw::closed(&mut stream).await
        });
    }
    all(clients).await?;
    Ok(format!("closed after {:.0?}", begun.elapsed()))
}

/// A head that takes for ever.
pub async fn heads(target: &Target) -> Result<String> {
    drip(target, "GET /health HTTP/1.1\r\nX: ", "The request line and headers did not arrive").await
}

/// A body that takes for ever.
pub async fn bodies(target: &Target) -> Result<String> {
    let head = format!("POST {PATH} HTTP/1.1\r\n{JSON}Content-Length: 1000000\r\n\r\n");
    drip(target, &head, "must bring 61440 bytes every 15s").await
}

async fn drip(target: &Target, begin: &str, says: &'static str) -> Result<String> {
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..target.scaled(CLIENTS) {
        clients.spawn(drip_one(target.address, begin.to_owned(), says));
    }
    all(clients).await?;
    Ok(format!("408 after {:.0?}", begun.elapsed()))
}

async fn drip_one(master: std::net::SocketAddr, begin: String, says: &str) -> Result<()> {
    let mut stream = raw::connect_from(66, master).await?;
    stream.write_all(begin.as_bytes()).await?;
    let (mut reader, mut writer) = stream.split();
    let dripping = async {
        while writer.write_all(b"y").await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = raw::answer(&mut reader) => answer?.expect(408, says),
        () = dripping => bail!("never refused"),
    }
}

/// Bodies that take all the memory there is for one address, and then stop.
pub async fn half_bodies(target: &Target) -> Result<String> {
    let mut clients = JoinSet::new();
    for _ in 0..target.scaled(40) {
        clients.spawn(half(target.address));
    }
    // Others have theirs meanwhile, however large: they are at another address.
    let large = format!(r#"{{"type":"{}"}}"#, "x".repeat(1 << 20));
    for _ in 0..20 {
        let mut stream = raw::connect_from(1, target.address).await?;
        stream.write_all(&raw::post(PATH, JSON, large.as_bytes())).await?;
        raw::answer(&mut stream).await?.expect(400, "").context("a neighbour's large body")?;
    }
    let mut statuses = Vec::new();
    while let Some(status) = clients.join_next().await {
        statuses.push(status??);
    }
    let slow = statuses.iter().filter(|status| **status == 408).count();
    Ok(format!("{slow} × 408, {} × 503", statuses.len() - slow))
}

async fn half(master: std::net::SocketAddr) -> Result<u16> {
    const LENGTH: usize = 100 << 20;
    let mut stream = raw::connect_from(66, master).await?;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        let head = format!("POST {PATH} HTTP/1.1\r\n{JSON}Content-Length: {LENGTH}\r\n\r\n");
        writer.write_all(head.as_bytes()).await?;
        let part = vec![b' '; 1 << 20];
        for _ in 0..32 {
            writer.write_all(&part).await?;
        }
        anyhow::Ok(())
    };
    let (answer, _) = tokio::join!(raw::answer(&mut reader), write);
    let answer = answer?;
    match answer.status {
        408 => answer.expect(408, "The body did not arrive in time")?,
        _ => answer.expect(503, "already take all the memory set aside for them")?,
    }
    Ok(answer.status)
}

async fn all(mut clients: JoinSet<Result<()>>) -> Result<()> {
    while let Some(done) = clients.join_next().await {
        done??;
    }
    Ok(())
}
