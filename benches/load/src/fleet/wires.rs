// SPDX-License-Identifier: Apache-2.0

//! The outgoing connections that all agents share.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

/// Several small messages are written at once up to about this many bytes.
const WRITE_SIZE: usize = 64 << 10;

/// The queues to the connections.
pub(super) struct Wires {
    queues: Vec<mpsc::UnboundedSender<Bytes>>,
}

impl Wires {
    /// So many connections to the master; an earlier `Wires` ends with its value.
    pub(super) async fn connect(master: SocketAddr, count: usize) -> Result<Self> {
        let mut queues = Vec::new();
        for _ in 0..count {
            let stream = TcpStream::connect(master).await.context("connecting to the master")?;
            stream.set_nodelay(true)?;
            let (queue, messages) = mpsc::unbounded_channel();
            tokio::task::spawn_local(run(stream, messages));
            queues.push(queue);
        }
        Ok(Wires { queues })
    }

    /// Sends in the order of the calls for each agent.
    pub(super) fn send(&self, agent: usize, message: Bytes) {
        // A connection that broke loses what is sent, as on a real network; the
        // scenario notices that nothing comes back.
        let _ = self.queues[agent % self.queues.len()].send(message);
    }
}

async fn run(stream: TcpStream, mut messages: mpsc::UnboundedReceiver<Bytes>) {
    let (mut reader, mut writer) = stream.into_split();
    let discard = async {
        let mut buffer = vec![0; 64 << 10];
        while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    let write = async {
        let mut batch = BytesMut::new();
        while let Some(first) = messages.recv().await {
            batch.clear();
            batch.extend_from_slice(&first);
            while batch.len() < WRITE_SIZE {
                match messages.try_recv() {
                    Ok(message) => batch.extend_from_slice(&message),
                    Err(_) => break,
                }
            }
            if writer.write_all(&batch).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = discard => {}
        () = write => {}
    }
}
