// SPDX-License-Identifier: Apache-2.0

//! The HTTP client of drivers and tools: POST, answers that stream, TLS.
//!
//! One [`Connection`] carries one request at a time. There is no pool and no
//! retry: drivers decide when to connect anew, and to whom.

mod endpoint;
mod tls;

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

pub use endpoint::{Endpoint, EndpointError};
pub use tls::Tls;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers at the address.
    #[error("cannot connect to {endpoint}: {source}")]
    Connect {
        /// Where to.
        endpoint: Endpoint,
        /// The error of the system, or of TLS.
        source: io::Error,
    },
    /// Connecting took too long.
    #[error("cannot connect to {endpoint}: no answer within {limit:?}")]
    Timeout {
        /// Where to.
        endpoint: Endpoint,
        /// How long it waited.
        limit: Duration,
    },
    /// The connection broke, or what came was no HTTP.
    #[error("the connection failed: {0}")]
    Http(#[from] hyper::Error),
    /// The path or a header cannot be part of a request.
    #[error("the request is malformed: {0}")]
    Malformed(#[from] http::Error),
    /// The answer's body is longer than the caller takes.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// What the caller takes.
        limit: usize,
    },
}

/// One connection to a server.
#[derive(Debug)]
pub struct Connection {
    requests: http1::SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

/// An answer whose body is still to be read.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    body: Incoming,
}

impl Connection {
    /// Connects, within `limit`; `tls` is used for `https` endpoints.
    pub async fn open(
        endpoint: &Endpoint,
        tls: &Tls,
        limit: Duration,
    ) -> Result<Self, ClientError> {
        let connected = timeout(limit, connect(endpoint, tls)).await;
        connected
            .unwrap_or_else(|_| Err(ClientError::Timeout { endpoint: endpoint.clone(), limit }))
    }

    /// Sends a request and waits for the head of the answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Response, ClientError> {
        let mut request =
            http::Request::builder().method(method).uri(path).header(header::HOST, &self.host);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body))?;
        self.requests.ready().await?;
        let (head, body) = self.requests.send_request(request).await?.into_parts();
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    /// Sends a POST and waits for the head of the answer.
    pub async fn post(
        &mut self,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<Response, ClientError> {
        self.send(Method::POST, path, headers, body).await
    }

    /// Whether the other side has closed it.
    pub fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }
}

impl Response {
    /// The next piece of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// The whole body, if it is not longer than `limit`.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, ClientError> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > limit {
                return Err(ClientError::TooLong { limit });
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(whole))
    }

    /// A header's value, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

async fn connect(endpoint: &Endpoint, tls: &Tls) -> Result<Connection, ClientError> {
    let failed = |source| ClientError::Connect { endpoint: endpoint.clone(), source };
    let stream =
        TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(failed)?;
    // Calls are small and wait for their answers.
    let _ = stream.set_nodelay(true);
    if endpoint.tls {
        let stream = tls.connect(&endpoint.host, stream).await.map_err(failed)?;
        handshake(endpoint, stream).await
    } else {
        handshake(endpoint, stream).await
    }
}

async fn handshake<S>(endpoint: &Endpoint, stream: S) -> Result<Connection, ClientError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (requests, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "client connection ended");
        }
    });
    let host = HeaderValue::from_str(&endpoint.authority()).map_err(http::Error::from)?;
    Ok(Connection { requests, host })
}
