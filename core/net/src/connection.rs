// SPDX-License-Identifier: Apache-2.0

//! One request on one connection: read it whole, ask the handler, finish the
//! answer.

use std::{convert::Infallible, io, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::{sync::Notify, time::timeout};

use crate::{Body, Query, Reply, Request, Settings, gzip};

/// Answers larger than this are compressed away from the network threads.
const COMPRESS_INLINE: u64 = 64 << 10;

/// Bodies longer than this, which may become a thousand times as long, are
/// decompressed away from the network threads.
const DECOMPRESS_INLINE: usize = 4 << 10;

/// Serves one request.
pub(crate) async fn serve<H, F>(
    request: http::Request<Incoming>,
    peer: SocketAddr,
    settings: Settings,
    abort: Arc<Notify>,
    handler: &H,
) -> Result<http::Response<Body>, Infallible>
where
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    let (head, body) = request.into_parts();
    let wants_gzip = gzip::is_accepted(&head.headers);
    let path = head.uri.path().to_owned();
    let reply = match read(head, body, peer, settings).await {
        Ok(request) => {
            match AssertUnwindSafe(async { handler(request).await }).catch_unwind().await {
                Ok(reply) => reply,
                Err(_) => {
                    tracing::error!(%peer, path, "a request handler panicked");
                    Reply::text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "This request met a bug in the server; its log says where",
                    )
                }
            }
        }
        Err(refusal) => refusal,
    };
    if let Body::Stream(stream) = &reply.body {
        stream.attach(abort);
    }
    let mut reply = if wants_gzip { compress(reply).await } else { reply };
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = reply.status;
    response.headers_mut().extend(std::mem::take(&mut reply.headers));
    *response.body_mut() = reply.body;
    Ok(response)
}

/// Reads and checks what every request must have in order.
async fn read(
    head: http::request::Parts,
    body: Incoming,
    peer: SocketAddr,
    settings: Settings,
) -> Result<Request, Reply> {
    if !is_known(&head.method) {
        let text = format!("Unknown method '{}'", head.method);
        return Err(Reply::text(StatusCode::METHOD_NOT_ALLOWED, text));
    }
    let path = head.uri.path();
    if !path.starts_with('/') {
        let text = "Request URL path must start with '/'";
        return Err(Reply::text(StatusCode::BAD_REQUEST, text));
    }
    let query = Query::parse(head.uri.query().unwrap_or_default())
        .map_err(|error| Reply::text(StatusCode::BAD_REQUEST, error.to_string()))?;
    let whole = Limited::new(body, settings.max_body_bytes).collect();
    let body = match timeout(settings.body_timeout, whole).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large(settings)),
        Ok(Err(error)) => {
            let text = format!("Failed to read the body: {error}");
            return Err(Reply::text(StatusCode::BAD_REQUEST, text));
        }
        Err(_) => return Err(too_slow(settings)),
    };
    let body = decode(body, &head.headers, settings).await?;
    Ok(Request {
        method: head.method,
        path: path.to_owned(),
        query,
        headers: head.headers,
        body,
        peer,
    })
}

/// Decompresses a gzip body; other encodings are ignored, as in Mesos.
async fn decode(
    body: Bytes,
    headers: &http::HeaderMap,
    settings: Settings,
) -> Result<Bytes, Reply> {
    let is_gzip =
        headers.get(header::CONTENT_ENCODING).is_some_and(|value| value.as_bytes() == b"gzip");
    if !is_gzip || body.is_empty() {
        return Ok(body);
    }
    let short = body.len() <= DECOMPRESS_INLINE;
    let decompress = move || gzip::decompress(&body, settings.max_body_bytes);
    let decompressed = if short {
        decompress()
    } else {
        tokio::task::spawn_blocking(decompress).await.map_err(io::Error::other).flatten()
    };
    decompressed.map_err(|error| {
        let text = format!("Failed to decompress the body: {error}");
        Reply::text(StatusCode::BAD_REQUEST, text)
    })
}

fn too_large(settings: Settings) -> Reply {
    let text = format!(
        "The body is larger than the {} bytes that a request may have",
        settings.max_body_bytes
    );
    Reply::text(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn too_slow(settings: Settings) -> Reply {
    let text = format!("The body did not arrive within {:?}", settings.body_timeout);
    Reply::text(StatusCode::REQUEST_TIMEOUT, text).with_header(header::CONNECTION, "close")
}

fn is_known(method: &Method) -> bool {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ];
    KNOWN.contains(method)
}

/// Compresses a finished answer that is large enough.
async fn compress(mut reply: Reply) -> Reply {
    let length = reply.body.length();
    let Some(length) = length.filter(|length| *length >= gzip::MINIMUM_LENGTH) else {
        return reply;
    };
    if reply.header(&header::CONTENT_ENCODING).is_some() {
        return reply;
    }
    let fragments = match reply.body {
        Body::Fragments(fragments) => Vec::from(fragments),
        Body::Stream(_) => return reply,
    };
    let compressed = if length <= COMPRESS_INLINE {
        gzip::compress(&fragments).ok()
    } else {
        let copy = fragments.clone();
        let done = tokio::task::spawn_blocking(move || gzip::compress(&copy)).await;
        done.ok().and_then(Result::ok)
    };
    match compressed {
        Some(bytes) => {
            let gzip = HeaderValue::from_static("gzip");
            reply.headers.push((header::CONTENT_ENCODING, gzip));
            reply.body = bytes.into();
        }
        None => reply.body = fragments.into(),
    }
    reply
}
