// SPDX-License-Identifier: Apache-2.0

//! One request on one connection: read it whole, ask the handler, finish the
//! answer.

use std::{convert::Infallible, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, timeout_at},
};

use crate::{
    Body, FREE_BODY_BYTES, Query, Reply, Request, Settings,
    answer::Answer,
    background,
    guard::Phase,
    gzip,
    lane::Lane,
    room::{NoRoom, Part, Room},
    window::{Window, least_bytes},
};

/// Answers larger than this are compressed away from the network threads.
const COMPRESS_INLINE: u64 = 64 << 10;

/// Answers longer than this are written in the background.
const LONG: u64 = 256 << 10;

/// Bodies longer than this, which may become a thousand times as long, are
/// decompressed away from the network threads.
const DECOMPRESS_INLINE: usize = 4 << 10;

/// So much room at most is taken ahead of what has arrived.
const AHEAD: usize = 1 << 20;

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    room: Arc<Room>,
    /// For requests with large bodies, while they are answered.
    heavy: Semaphore,
    /// For those with compressed bodies, while they are decompressed and answered.
    compressed: Semaphore,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let heavy = Semaphore::new(settings.max_heavy_requests);
        let compressed = Semaphore::new(settings.max_compressed_requests);
        Shared { settings, room: Arc::new(Room::new(settings)), heavy, compressed }
    }
}

/// What a connection's requests share with what drives it.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    pub(crate) phase: Arc<Phase>,
    /// Ends the connection at once.
    pub(crate) abort: Arc<Notify>,
    pub(crate) lane: Lane,
}

/// Serves one request.
pub(crate) async fn serve<H, F>(
    request: http::Request<Incoming>,
    peer: SocketAddr,
    shared: Arc<Shared>,
    controls: Arc<Controls>,
    handler: Arc<H>,
) -> Result<http::Response<Answer>, Infallible>
where
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    controls.lane.be(false).await;
    let (head, body) = request.into_parts();
    let wants_gzip = gzip::is_accepted(&head.headers);
    let mut part = shared.room.part(peer.ip());
    let reply = match read(head, body, peer, &shared.settings, &mut part).await {
        Ok(request) => answer(request, &shared, part, &*handler).await,
        Err(refusal) => refusal,
    };
    if let Body::Stream(stream) = &reply.body {
        stream.attach(controls.abort.clone());
    }
    let mut reply = if wants_gzip { compress(reply).await } else { reply };
    if reply.body.length().is_some_and(|length| length > LONG) {
        controls.lane.be(true).await;
    }
    let phase = controls.phase.clone();
    phase.answer_begins(reply.body.length().is_some());
    let headers = std::mem::take(&mut reply.headers);
    let mut response = http::Response::new(Answer::new(reply.body, phase));
    *response.status_mut() = reply.status;
    response.headers_mut().extend(headers);
    Ok(response)
}

/// Decompresses and hands over; `part` is given back after that.
async fn answer<H, F>(request: Request, shared: &Shared, mut part: Part, handler: &H) -> Reply
where
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    let compressed = !request.body.is_empty() && is_gzip(&request.headers);
    let places = match compressed {
        true => Some(&shared.compressed),
        false => (request.body.len() > FREE_BODY_BYTES).then_some(&shared.heavy),
    };
    let _place = match places {
        Some(places) => places.acquire().await.ok(), // Never closed.
        None => None,
    };
    let request = match compressed {
        true => match decompress(request, &shared.settings, part).await {
            Ok((request, larger)) => {
                part = larger;
                request
            }
            Err(refusal) => return refusal,
        },
        false => request,
    };
    let (peer, path) = (request.peer, request.path.clone());
    let reply = AssertUnwindSafe(async { handler(request).await }).catch_unwind().await;
    drop(part);
    reply.unwrap_or_else(|_| {
        tracing::error!(%peer, path, "a request handler panicked");
        Reply::text(
            StatusCode::INTERNAL_SERVER_ERROR,
            "This request met a bug in the server; its log says where",
        )
    })
}

/// Reads and checks what every request must have in order.
async fn read(
    head: http::request::Parts,
    body: Incoming,
    peer: SocketAddr,
    settings: &Settings,
    part: &mut Part,
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
    let body = read_body(body, settings, part).await?;
    Ok(Request {
        method: head.method,
        path: path.to_owned(),
        query,
        headers: head.headers,
        body,
        peer,
    })
}

/// Reads a body while it is neither too large nor too slow, and there is room.
async fn read_body(
    mut body: Incoming,
    settings: &Settings,
    part: &mut Part,
) -> Result<Bytes, Reply> {
    let declared = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if declared.is_some_and(|length| length > settings.max_body_bytes) {
        return Err(too_large(settings));
    }
    let mut start = Instant::now();
    let mut window = Window::new(settings.body_grace, settings.min_rate, 0);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let received = first.len() + rest.len();
        let deadline = window.end().min(start + settings.body_timeout);
        let frame = match timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => {
                let text = format!("Failed to read the body: {error}");
                return Err(Reply::text(StatusCode::BAD_REQUEST, text));
            }
            Ok(None) => break,
            Err(_) if start.elapsed() < settings.body_timeout && window.renew(received as u64) => {
                continue;
            }
            Err(_) => return Err(too_slow(settings, received, start.elapsed())),
        };
        // Trailers say nothing that anyone here wants to know.
        let Ok(data) = frame.into_data() else { continue };
        let length = received + data.len();
        if length > settings.max_body_bytes {
            return Err(too_large(settings));
        }
        let ahead = declared.unwrap_or(length).clamp(length, length + AHEAD);
        let waiting = Instant::now();
        part.grow(ahead).await.map_err(no_room)?;
        start += waiting.elapsed();
        window.pause(waiting.elapsed());
        if received == 0 {
            // Most bodies come in one piece, which need not be copied.
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(ahead);
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Whether the body is compressed; other encodings are ignored, as in Mesos.
fn is_gzip(headers: &http::HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_some_and(|value| value.as_bytes() == b"gzip")
}

async fn decompress(
    mut request: Request,
    settings: &Settings,
    mut part: Part,
) -> Result<(Request, Part), Reply> {
    let limit = settings.max_body_bytes;
    let body = std::mem::take(&mut request.body);
    let short = body.len() <= DECOMPRESS_INLINE;
    let decompress = move || {
        let compressed = body.len();
        let text = gzip::decompress(&body, limit, |bytes| part.try_grow(compressed + bytes));
        (text, part)
    };
    let (decompressed, part) = if short {
        decompress()
    } else {
        tokio::task::spawn_blocking(decompress).await.map_err(|error| {
            Reply::text(StatusCode::INTERNAL_SERVER_ERROR, format!("Cannot decompress: {error}"))
        })?
    };
    request.body = decompressed.map_err(|error| match error {
        gzip::Refused::NoRoom(refused) => no_room(refused),
        gzip::Refused::TooLarge | gzip::Refused::Malformed(_) => {
            let text = format!("Failed to decompress the body: {error}");
            Reply::text(StatusCode::BAD_REQUEST, text)
        }
    })?;
    Ok((request, part))
}

fn too_large(settings: &Settings) -> Reply {
    let limit = settings.max_body_bytes;
    let text = format!("The body is larger than the {limit} bytes that a request may have");
    closing(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn too_slow(settings: &Settings, received: usize, took: std::time::Duration) -> Reply {
    let Settings { body_timeout, body_grace, min_rate, .. } = settings;
    let least = least_bytes(*body_grace, *min_rate);
    let text = format!(
        "The body did not arrive in time: {received} bytes came in {took:.1?}; it may take \
         {body_timeout:?}, and must bring {least} bytes every {body_grace:?}"
    );
    closing(StatusCode::REQUEST_TIMEOUT, text)
}

fn no_room(refused: NoRoom) -> Reply {
    closing(StatusCode::SERVICE_UNAVAILABLE, refused.to_string())
        .with_header(header::RETRY_AFTER, "1")
}

/// A refusal with which the connection ends: what follows may be unread.
fn closing(status: StatusCode, text: String) -> Reply {
    Reply::text(status, text).with_header(header::CONNECTION, "close")
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
        let done = background::handle().spawn_blocking(move || gzip::compress(&copy)).await;
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
