// SPDX-License-Identifier: Apache-2.0

//! The listening socket and its connections.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore, watch},
};

use crate::{Reply, Request, connection};

/// Bounds of the server.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Connections at a time; more wait to be accepted.
    pub max_connections: usize,
    /// The longest request line with headers, as in Mesos.
    pub max_head_bytes: usize,
    /// Headers of one request.
    pub max_headers: usize,
    /// The longest body, also after decompression.
    pub max_body_bytes: usize,
    /// A connection is closed after this long without a complete request head.
    ///
    /// Clients of Mesos keep connections open that they use rarely (an executor
    /// sends a heartbeat every 30 minutes) and take a closed one for a lost
    /// master or agent. Those that vanished are noticed much sooner.
    pub idle_timeout: Duration,
    /// How long the body of one request may take.
    pub body_timeout: Duration,
    /// What answers may still take when the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_connections: 65_536,
            max_head_bytes: 80 << 10,
            max_headers: 512,
            max_body_bytes: 128 << 20,
            idle_timeout: Duration::from_secs(24 * 60 * 60),
            body_timeout: Duration::from_secs(5 * 60),
            shutdown_grace: Duration::from_secs(2),
        }
    }
}

/// The server could not start.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    /// The address asked for.
    pub address: SocketAddr,
    /// The error of the system.
    pub source: io::Error,
}

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 4096;
/// The least that a connection's read buffer may grow to: kept until the next
/// request, so that ten thousand agents pay for it.
const READ_BUFFER: usize = 16 << 10;
/// How long to wait before accepting again when the system has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound socket that is not served yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
}

impl Server {
    /// Binds; port 0 takes a free one.
    pub fn bind(address: SocketAddr, settings: Settings) -> Result<Self, BindError> {
        let bind = || {
            let socket =
                if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let listener = socket.listen(BACKLOG)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, bound) = bind().map_err(|source| BindError { address, source })?;
        Ok(Server { listener, address: bound, settings })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests with `handler` until `shutdown` resolves; then lets
    /// answers finish for a moment and closes everything.
    pub async fn serve<H, F>(self, handler: H, shutdown: impl Future<Output = ()>)
    where
        H: Fn(Request) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let settings = self.settings;
        let permits = Arc::new(Semaphore::new(settings.max_connections));
        let (stop, stopped) = watch::channel(false);
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.listener, &permits) => accepted,
            };
            let Some((stream, peer, permit)) = accepted else {
                continue;
            };
            let (handler, stopped) = (handler.clone(), stopped.clone());
            prepare(&stream);
            tokio::spawn(async move {
                serve_connection(stream, peer, settings, handler, stopped).await;
                drop(permit);
            });
        }
        drop(self.listener);
        drop(stopped);
        let _ = stop.send(true);
        let _ = tokio::time::timeout(settings.shutdown_grace, stop.closed()).await;
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Serves one connection of any kind to its end, as [`Server::serve`] does those
/// that it accepts: for tests that need no sockets.
pub async fn serve_stream<S, H, F>(stream: S, peer: SocketAddr, settings: Settings, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    let (_never, stopped) = watch::channel(false);
    serve_connection(stream, peer, settings, handler, stopped).await;
}

async fn serve_connection<S, H, F>(
    stream: S,
    peer: SocketAddr,
    settings: Settings,
    handler: H,
    mut stopped: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    let abort = Arc::new(Notify::new());
    let service =
        service_fn(|request| connection::serve(request, peer, settings, abort.clone(), &handler));
    let connection = http1::Builder::new()
        .title_case_headers(true)
        .max_headers(settings.max_headers)
        .max_header_size(settings.max_head_bytes)
        .max_buf_size(settings.max_head_bytes.max(READ_BUFFER))
        .timer(TokioTimer::new())
        .header_read_timeout(settings.idle_timeout)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%peer, %error, "connection ended");
                }
                return;
            }
            () = abort.notified() => {
                tracing::warn!(%peer, "closed an event stream whose client does not read");
                return;
            }
            _ = stopped.changed(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Answers leave at once, and clients that vanished are noticed in the end.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15));
    let _ = socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive);
}
