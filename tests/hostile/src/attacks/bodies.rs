// SPDX-License-Identifier: Apache-2.0

//! Bodies that are too large, at once or once decompressed.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use tokio::{io::AsyncWriteExt, task::JoinSet};

use crate::{
    Target, raw,
    scheduler::{JSON, PATH},
};

const GIGABYTE: usize = 1 << 30;

/// Refused for what it says, before anything of it is read.
pub async fn declared_gigabyte(target: &Target) -> Result<String> {
    let head =
        format!("POST {PATH} HTTP/1.1\r\nHost: x\r\n{JSON}Content-Length: {GIGABYTE}\r\n\r\n");
    let answer = raw::ask(target.address, head.as_bytes()).await?;
    answer.expect(413, "The body is larger than the 134217728 bytes")?;
    Ok("413 before the body is sent".to_owned())
}

/// Refused when it has become too large; several at once.
pub async fn chunked_gigabyte(target: &Target) -> Result<String> {
    let mut attackers = JoinSet::new();
    for _ in 0..target.scaled(20) {
        attackers.spawn(send_gigabyte(target.address));
    }
    let mut statuses = Vec::new();
    while let Some(answer) = attackers.join_next().await {
        let answer = answer??;
        match answer.status {
            413 => answer.expect(413, "The body is larger than the 134217728 bytes")?,
            _ => answer.expect(503, "already take all the memory set aside for them")?,
        }
        statuses.push(answer.status);
    }
    let large = statuses.iter().filter(|status| **status == 413).count();
    Ok(format!("{large} × 413 after 128 MB, {} × 503", statuses.len() - large))
}

async fn send_gigabyte(master: std::net::SocketAddr) -> Result<raw::Answer> {
    let mut stream = raw::connect_from(66, master).await?;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        let head =
            format!("POST {PATH} HTTP/1.1\r\nHost: x\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n");
        writer.write_all(head.as_bytes()).await?;
        let chunk = [b"100000\r\n", vec![b' '; 1 << 20].as_slice(), b"\r\n"].concat();
        for _ in 0..1024 {
            writer.write_all(&chunk).await?;
        }
        anyhow::Ok(())
    };
    let (answer, written) = tokio::join!(raw::answer(&mut reader), write);
    ensure!(written.is_err(), "a whole gigabyte was taken");
    answer
}

/// A megabyte that becomes a gigabyte, many at once.
pub async fn gzip_bombs(target: &Target) -> Result<String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..1024 {
        encoder.write_all(&zeros)?;
    }
    let bomb = encoder.finish()?;
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    let request: bytes::Bytes = raw::post(PATH, &headers, &bomb).into();
    let mut attackers = JoinSet::new();
    let count = target.scaled(100);
    for _ in 0..count {
        let (request, address) = (request.clone(), target.address);
        attackers.spawn(async move { raw::ask(address, &request).await });
    }
    while let Some(answer) = attackers.join_next().await {
        let answer = answer?.context("a bomb")?;
        match answer.status {
            400 => answer.expect(400, "the body is too large once decompressed")?,
            _ => answer.expect(503, "already take all the memory set aside for them")?,
        }
    }
    Ok(format!("{count} × 400 or 503, each of {} KB", bomb.len() >> 10))
}
