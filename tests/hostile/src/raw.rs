// SPDX-License-Identifier: Apache-2.0

//! HTTP by hand: bytes out, status and text in.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// How long anything may take: far more than it does on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its line and the headers.
    pub head: String,
    /// The body, as text.
    pub text: String,
}

impl Answer {
    /// Fails unless it has this status and says this.
    ///
    /// # Errors
    /// It has another one, or says something else.
    pub fn expect(&self, status: u16, says: &str) -> Result<()> {
        let Answer { status: found, text, .. } = self;
        let begin: String = text.chars().take(500).collect();
        ensure!(*found == status, "{found} instead of {status}: {begin}");
        ensure!(text.contains(says), "'{begin}' does not say '{says}'");
        Ok(())
    }
}

/// A connection from `127.0.0.<last>`: so attackers are not at the address of others.
///
/// # Errors
/// It is refused.
pub async fn connect_from(last: u8, to: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into())?;
    let stream = timeout(PATIENCE, socket.connect(to)).await.context("no connection")??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends bytes from the attackers' address and reads the answer; what the server
/// does not take any more need not be sent.
///
/// # Errors
/// There is no answer.
pub async fn ask(to: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut stream = connect_from(66, to).await?;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        // The server may have answered already, and closed.
        let _ = writer.write_all(request).await;
        std::future::pending::<Result<Answer>>().await
    };
    tokio::select! {
        answer = answer(&mut reader) => answer,
        never = write => never,
    }
}

/// Reads one answer.
///
/// # Errors
/// There is none.
pub async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<Answer> {
    timeout(PATIENCE, read(stream)).await.context("no answer in time")?
}

async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<Answer> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            let status = status.with_context(|| format!("no status: {head}"))?;
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize = length.map_or(Ok(0), str::parse)?;
            while bytes.len() < end + 4 + length {
                ensure!(stream.read_buf(&mut bytes).await? > 0, "an answer in part: {head}");
            }
            let text = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
            return Ok(Answer { status, head, text });
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            bail!("closed without an answer after {} bytes", bytes.len());
        }
    }
}

/// Waits until the server closes the connection.
///
/// # Errors
/// It does not, in time.
pub async fn closed(stream: &mut TcpStream) -> Result<()> {
    let mut sink = [0; 4096];
    let reading = async { while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {} };
    timeout(PATIENCE, reading).await.context("the connection stays open")
}

/// Waits until an answer in chunks ends, or the connection does; gives it as text.
///
/// # Errors
/// It does not, in time.
pub async fn ended(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<String> {
    let mut bytes = Vec::new();
    let reading = async {
        while !bytes.ends_with(b"\r\n0\r\n\r\n")
            && stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0)
        {}
    };
    timeout(PATIENCE, reading).await.context("the stream goes on")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A POST with a body.
pub fn post(path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
