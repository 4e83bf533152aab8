// SPDX-License-Identifier: Apache-2.0

//! Outgoing messages as bytes.

use std::io::Write;

use crate::{Upid, WireMessage};

/// Room for the request line and headers; more than any has in practice.
const HEAD_ROOM: usize = 256;

/// Appends the request that carries `message` from one process to another.
///
/// The head is Mesos's own, byte for byte: the sender twice, an empty `Host`,
/// and a chunked body, which an empty message does without.
pub fn encode<M: WireMessage>(from: &Upid, to: &Upid, message: &M, buffer: &mut Vec<u8>) {
    let length = message.encoded_len();
    buffer.reserve(HEAD_ROOM + length);
    let head = write!(
        buffer,
        "POST /{to}/{name} HTTP/1.1\r\n\
         User-Agent: libprocess/{from}\r\n\
         Libprocess-From: {from}\r\n\
         Connection: Keep-Alive\r\n\
         Host: \r\n",
        to = to.id,
        name = M::NAME,
    );
    // Writing to a Vec cannot fail; keep the bytes consistent if it ever does.
    debug_assert!(head.is_ok());
    if length == 0 {
        buffer.extend_from_slice(b"\r\n");
        return;
    }
    let chunk = write!(buffer, "Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n");
    debug_assert!(chunk.is_ok());
    let encoded = message.encode(buffer);
    debug_assert!(encoded.is_ok());
    buffer.extend_from_slice(b"\r\n0\r\n\r\n");
}
