// SPDX-License-Identifier: Apache-2.0

//! The listening socket and its connections.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
};

use crate::{
    Reply, Request, Settings,
    admission::{Admission, TooMany},
    connection::{self, Controls, Shared},
    drive::{self, Ended},
    guard::Guard,
    refusal,
};

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
/// Connections that are told at a time why they are not served.
const REFUSALS: usize = 256;
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
        H: Fn(Request) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let settings = self.settings;
        let handler = Arc::new(handler);
        let shared = Arc::new(Shared::new(settings));
        let admission = Admission::new(&settings);
        let refusals = Arc::new(Semaphore::new(REFUSALS));
        let (stop, stopped) = watch::channel(false);
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&self.listener) => accepted,
            };
            let Some((stream, peer)) = accepted else {
                continue;
            };
            prepare(&stream);
            let admitted = match admission.admit(peer.ip()) {
                Ok(admitted) => admitted,
                Err(too_many) => {
                    refuse(stream, peer, too_many, &refusals);
                    continue;
                }
            };
            let (handler, stopped, shared) = (handler.clone(), stopped.clone(), shared.clone());
            tokio::spawn(async move {
                serve_connection(stream, peer, shared, handler, stopped).await;
                drop(admitted);
            });
        }
        drop(self.listener);
        drop(stopped);
        let _ = stop.send(true);
        let _ = tokio::time::timeout(settings.shutdown_grace, stop.closed()).await;
    }
}

/// The next connection.
async fn accept(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    match listener.accept().await {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Says why a connection is not served, unless too many are being told already.
fn refuse(stream: TcpStream, peer: SocketAddr, too_many: TooMany, refusals: &Arc<Semaphore>) {
    tracing::debug!(%peer, %too_many, "refused a connection");
    if let Ok(permit) = refusals.clone().try_acquire_owned() {
        tokio::spawn(async move {
            let text = too_many.to_string();
            refusal::write(stream, (http::StatusCode::SERVICE_UNAVAILABLE, text)).await;
            drop(permit);
        });
    }
}

/// Serves one connection of any kind to its end, as [`Server::serve`] does those
/// that it accepts: for tests that need no sockets.
pub async fn serve_stream<S, H, F>(stream: S, peer: SocketAddr, settings: Settings, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let (_never, stopped) = watch::channel(false);
    let shared = Arc::new(Shared::new(settings));
    serve_connection(stream, peer, shared, Arc::new(handler), stopped).await;
}

async fn serve_connection<S, H, F>(
    stream: S,
    peer: SocketAddr,
    shared: Arc<Shared>,
    handler: Arc<H>,
    stopped: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let settings = shared.settings;
    let controls = Arc::new(Controls::default());
    let guard = Guard::new(stream, settings, controls.phase.clone());
    let given = controls.clone();
    let service = service_fn(move |request| {
        given.phase.request_begins();
        connection::serve(request, peer, shared.clone(), given.clone(), handler.clone())
    });
    let connection = http1::Builder::new()
        .title_case_headers(true)
        // Records of a stream are small: many are copied into one write, where
        // only a few would fit into one of many parts.
        .writev(false)
        .max_headers(settings.max_headers)
        .max_header_size(settings.max_head_bytes)
        .max_buf_size(settings.max_head_bytes.max(READ_BUFFER))
        // The guard's times are finer.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(guard), service);
    let (connection, result) = match drive::to_end(connection, controls, stopped).await {
        Ended::Over(connection, result) => (connection, result),
        Ended::Aborted => {
            tracing::warn!(%peer, "closed an event stream whose client does not read");
            return;
        }
        Ended::Lost(error) if error.is_panic() => {
            tracing::error!(%peer, %error, "writing a long answer panicked");
            return;
        }
        Ended::Lost(_) => return, // The process ends.
    };
    let Err(error) = result else { return };
    tracing::debug!(%peer, %error, "connection ended");
    let guard = connection.into_parts().io.into_inner();
    let refused = match guard.expired() {
        Some(expired) => refusal::of_expired(expired, &settings),
        None => guard.held_back().then(|| refusal::of_head(&error, &settings)),
    };
    if let Some(refused) = refused {
        refusal::write(guard.into_inner(), refused).await;
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
