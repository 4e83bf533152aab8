// SPDX-License-Identifier: Apache-2.0

//! Answers to what could not even be read as a request, written by hand on
//! connections that end with them.

use std::time::Duration;

use http::StatusCode;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use crate::{Settings, guard::Expired};

/// How long to wait for a client to have read its refusal, and how much of what
/// it still sends meanwhile is read: a connection that is closed with unread
/// bytes is reset, and the refusal may be lost.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 1 << 20;

/// What a client is told whose head the HTTP library did not understand.
pub(crate) fn of_head(error: &hyper::Error, settings: &Settings) -> (StatusCode, String) {
    if error.is_parse_too_large() {
        let text = format!(
            "The request line and headers are longer than {} bytes, or there are more than {} \
             headers",
            settings.max_head_bytes, settings.max_headers
        );
        return (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text);
    }
    (StatusCode::BAD_REQUEST, format!("This is not an HTTP/1.1 request: {error}"))
}

/// What a client is told that was too slow; nothing when there is no request
/// that could be answered.
pub(crate) fn of_expired(expired: Expired, settings: &Settings) -> Option<(StatusCode, String)> {
    match expired {
        Expired::Head => {
            let limit = settings.head_timeout;
            let text = format!("The request line and headers did not arrive within {limit:?}");
            Some((StatusCode::REQUEST_TIMEOUT, text))
        }
        Expired::Idle | Expired::Answer => None,
    }
}

/// Writes a refusal and ends the connection.
pub(crate) async fn write<S>(mut stream: S, (status, text): (StatusCode, String))
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let reason = status.canonical_reason().unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 {} {reason}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{text}",
        status.as_str(),
        text.len()
    );
    let end = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    // The client may be gone, or not read: it had its chance.
    let _ = timeout(LINGER, end).await;
}
