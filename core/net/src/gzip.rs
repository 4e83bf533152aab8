// SPDX-License-Identifier: Apache-2.0

//! Compressed bodies, in both directions.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use http::{HeaderMap, header};

use crate::{media::has_zero_quality, room::NoRoom};

/// Shorter answers are not worth compressing; Mesos's limit.
pub(crate) const MINIMUM_LENGTH: u64 = 1024;

/// Decompressed text grows by so much at first, then by its own length.
const STEP: usize = 32 << 10;

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

/// Why a body is not decompressed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is longer than the bound.
    #[error("the body is too large once decompressed")]
    TooLarge,
    /// There is no room for what it becomes.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// It is not gzip.
    #[error(transparent)]
    Malformed(#[from] io::Error),
}

/// Decompresses at most `limit` bytes; more is an error, not a truncation.
/// `room` is asked before it takes more memory, for so many bytes in all.
pub(crate) fn decompress(
    body: &[u8],
    limit: usize,
    mut room: impl FnMut(usize) -> Result<(), NoRoom>,
) -> Result<Bytes, Refused> {
    let mut decoder = GzDecoder::new(body);
    let mut text = Vec::new();
    let mut length = 0;
    loop {
        if length == text.len() {
            let step = length.clamp(STEP, limit.max(STEP));
            room(length + step)?;
            text.reserve_exact(step);
            text.resize(length + step, 0);
        }
        length += match decoder.read(&mut text[length..])? {
            0 => break,
            more => more,
        };
        if length > limit {
            return Err(Refused::TooLarge);
        }
    }
    text.truncate(length);
    text.shrink_to_fit();
    Ok(Bytes::from(text))
}
