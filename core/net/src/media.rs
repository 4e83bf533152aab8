// SPDX-License-Identifier: Apache-2.0

//! JSON or protobuf: what a request holds and what its client accepts.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use mesos_proto::{Described, json};

use crate::Reply;

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
