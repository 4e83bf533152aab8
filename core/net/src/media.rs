// SPDX-License-Identifier: Apache-2.0

//! JSON or protobuf: what a request holds and what its client accepts.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use mesos_proto::{Described, json};
use tokio::sync::Semaphore;

use crate::{Reply, background};

/// Longer bodies are read by the threads for what may take long.
const DECODED_AT_ONCE: usize = 256 << 10;
/// So many of them at a time.
static DECODERS: Semaphore = Semaphore::const_new(2);

/// The two encodings of the v1 APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`.
    Json,
    /// `application/x-protobuf`.
    Protobuf,
}

impl MediaType {
    /// The header's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            MediaType::Json => "application/json",
            MediaType::Protobuf => "application/x-protobuf",
        }
    }
}

/// The encoding of a request's body; the comparison is exact, as in Mesos.
pub fn content_type(headers: &HeaderMap) -> Result<MediaType, Reply> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Err(Reply::text(StatusCode::BAD_REQUEST, "Expecting 'Content-Type' to be present"));
    };
    [MediaType::Json, MediaType::Protobuf]
        .into_iter()
        .find(|media| value.as_bytes() == media.as_str().as_bytes())
        .ok_or_else(|| {
            Reply::text(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Expecting 'Content-Type' of application/json or application/x-protobuf",
            )
        })
}

/// The encoding of the answer: JSON whenever it is acceptable.
pub fn accept(headers: &HeaderMap) -> Result<MediaType, Reply> {
    [MediaType::Json, MediaType::Protobuf]
        .into_iter()
        .find(|media| accepts(headers, *media))
        .ok_or_else(|| {
            Reply::text(
                StatusCode::NOT_ACCEPTABLE,
                "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
            )
        })
}

/// Reads a body as a message; the refusal is Mesos's, with status 400.
pub fn decode<M: Described>(media: MediaType, body: &[u8]) -> Result<M, Reply> {
    let message = match media {
        MediaType::Json => json::from_json(body).map_err(|error| error.to_string()),
        MediaType::Protobuf => mesos_proto::decode(body).map_err(|_| {
            let name = M::descriptor().short_name();
            format!("Failed to parse body into {name} protobuf")
        }),
    };
    message.map_err(|text| Reply::text(StatusCode::BAD_REQUEST, text))
}

/// As [`decode`], of a body that may be long: reading megabytes takes long, and nobody who
/// sends a short one is to wait for that.
///
/// # Errors
/// As [`decode`].
pub async fn decode_body<M>(media: MediaType, body: &Bytes) -> Result<M, Reply>
where
    M: Described + Send + 'static,
{
    if body.len() <= DECODED_AT_ONCE {
        return decode(media, body);
    }
    let body = body.clone();
    // Given up by a client that goes away before its body's turn comes, so that no more
    // bodies are kept for nobody than are being read.
    let place = DECODERS.acquire().await;
    let decoded = background::handle().spawn_blocking(move || {
        let decoded = decode(media, &body);
        drop(place);
        decoded
    });
    decoded.await.unwrap_or_else(|_| {
        tracing::error!("decoding a body panicked");
        let text = "This body met a bug in the server; its log says where";
        Err(Reply::text(StatusCode::INTERNAL_SERVER_ERROR, text))
    })
}

/// Writes a message.
pub fn encode<M: Described>(media: MediaType, message: &M) -> Bytes {
    let mut out = Vec::new();
    encode_to(media, message, &mut out);
    Bytes::from(out)
}

/// Appends a message.
pub fn encode_to<M: Described>(media: MediaType, message: &M, out: &mut Vec<u8>) {
    match media {
        MediaType::Json => json::write_json(message, out),
        // Appending to a vector cannot fail.
        MediaType::Protobuf => message.encode(out).unwrap_or_default(),
    }
}

/// Whether a client accepts a type: exactly, by `application/*` or by `*/*`,
/// where the first of these that is listed decides by whether its q is zero.
fn accepts(headers: &HeaderMap, media: MediaType) -> bool {
    let Some(value) = headers.get(header::ACCEPT) else {
        return true;
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    [media.as_str(), "application/*", "*/*"]
        .into_iter()
        .find_map(|candidate| {
            let listed = value.split(',').find_map(|entry| {
                let (name, parameters) = entry.split_once(';').unwrap_or((entry, ""));
                (name.trim() == candidate).then_some(parameters)
            });
            listed.map(|parameters| !has_zero_quality(parameters))
        })
        .unwrap_or(false)
}

/// Whether parameters such as `q=0.0` exclude what they belong to.
pub(crate) fn has_zero_quality(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            name.trim() == "q" && value.trim().parse::<f64>().is_ok_and(|q| q == 0.0)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use mesos_proto::v1::{
        OfferId,
        scheduler::{Call, call::Decline},
    };

    use super::*;

    /// DECLINE of so many offers.
    fn decline(offers: usize) -> Bytes {
        let offer_ids = vec![OfferId { value: "an offer".to_owned() }; offers];
        let decline = Decline { offer_ids, ..Decline::default() };
        let call = Call { decline: Some(decline), ..Call::default() };
        encode(MediaType::Json, &call)
    }

    /// How often others get to run while a body is read, on one thread.
    async fn turns(body: &Bytes) -> usize {
        let (turns, read) = (Cell::new(0), Cell::new(false));
        let reading = async {
            let call = decode_body::<Call>(MediaType::Json, body).await.expect("a call");
            assert!(call.decline.is_some());
            read.set(true);
        };
        let others = async {
            while !read.get() {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(reading, others);
        turns.get()
    }

    #[tokio::test]
    async fn nobody_waits_while_a_long_body_is_read() {
        assert!(turns(&decline(100_000)).await > 0);
        assert_eq!(turns(&decline(10)).await, 0);
    }
}
