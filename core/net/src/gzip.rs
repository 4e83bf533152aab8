// SPDX-License-Identifier: Apache-2.0

//! Compressed bodies, in both directions.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use http::{HeaderMap, header};

use crate::media::has_zero_quality;

/// Shorter answers are not worth compressing; Mesos's limit.
pub(crate) const MINIMUM_LENGTH: u64 = 1024;

/// Whether the client asks for gzip: by name or by `*`, with a q above zero.
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::ACCEPT_ENCODING) else {
        return false;
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    ["gzip", "*"]
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

/// Compresses fast rather than well: answers are large and read once.
pub(crate) fn compress(fragments: &[Bytes]) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for fragment in fragments {
        encoder.write_all(fragment)?;
    }
    Ok(Bytes::from(encoder.finish()?))
}

/// Decompresses at most `limit` bytes; more is an error, not a truncation.
pub(crate) fn decompress(body: &[u8], limit: usize) -> io::Result<Bytes> {
    let mut text = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(body).take(bound).read_to_end(&mut text)?;
    if text.len() > limit {
        return Err(io::Error::other("the body is too large once decompressed"));
    }
    Ok(Bytes::from(text))
}
