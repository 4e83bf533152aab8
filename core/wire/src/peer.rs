// SPDX-License-Identifier: Apache-2.0

//! One outgoing connection: connects, writes what is queued, discards answers.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc::UnboundedReceiver,
    time::timeout,
};

use crate::peers::{Settings, Shared};

/// Several messages are written at once up to about this many bytes.
const WRITE_SIZE: usize = 64 << 10;

/// Serves the connection until it ends and says why it did.
pub(crate) async fn run(
    address: SocketAddr,
    settings: Settings,
    messages: UnboundedReceiver<Vec<u8>>,
    shared: &Arc<Shared>,
) -> String {
    let stream = match timeout(settings.connect_timeout, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return format!("cannot connect to {address}: {error}"),
        Err(_) => {
            let limit = settings.connect_timeout;
            return format!("cannot connect to {address}: no answer within {limit:?}");
        }
    };
    // Without this a message may wait for the answer to the one before.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    tokio::select! {
        reason = discard(reader) => reason,
        reason = write(writer, settings, messages, shared) => reason,
        () = shared.stop.notified() => format!("{address} reads too slowly"),
    }
}

/// The answers say 202, or 404 when the other side has no such process: either
/// way the sender learns what matters from the protocol above, or not at all.
async fn discard(mut reader: OwnedReadHalf) -> String {
    let mut buffer = [0; 1024];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) => return "closed by the peer".to_owned(),
            Ok(_) => {}
            Err(error) => return format!("connection failed: {error}"),
        }
    }
}

async fn write(
    mut writer: OwnedWriteHalf,
    settings: Settings,
    mut messages: UnboundedReceiver<Vec<u8>>,
    shared: &Arc<Shared>,
) -> String {
    loop {
        let mut batch = match timeout(settings.idle_timeout, messages.recv()).await {
            Ok(Some(message)) => message,
            Ok(None) => return "no longer needed".to_owned(),
            Err(_) if close_if_unused(shared) => return "idle".to_owned(),
            Err(_) => continue,
        };
        while batch.len() < WRITE_SIZE {
            match messages.try_recv() {
                Ok(message) => batch.extend_from_slice(&message),
                Err(_) => break,
            }
        }
        let written = writer.write_all(&batch).await;
        shared.queued.fetch_sub(batch.len(), Ordering::Relaxed);
        if let Err(error) = written {
            return format!("connection failed: {error}");
        }
    }
}

/// Ends an idle connection that nobody linked. The map sees the mark under the
/// same lock, so no message is queued to a connection that has decided to end.
fn close_if_unused(shared: &Shared) -> bool {
    let mut links = shared.links.lock();
    let unused = links.linked.is_empty() && shared.queued.load(Ordering::Relaxed) == 0;
    links.ended |= unused;
    unused
}
