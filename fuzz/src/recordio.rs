// SPDX-License-Identifier: Apache-2.0

//! Streams of records, in pieces of any size.
//!
//! What comes out does not depend on how the stream was cut; what was taken
//! out, framed again, is what was put in; nothing is held beyond the bounds.

use std::mem::{self, Discriminant};

use mesos_core::recordio::{DecodeError, Decoder, encode_into};

/// The longest record that is taken.
const RECORD_MAX: usize = 256;

/// Decodes the rest of `data` in pieces of the size that its first byte says.
pub fn run(data: &[u8]) {
    let Some((size, stream)) = data.split_first() else { return };
    let (whole, end) = decode(stream, stream.len());
    let (pieced, pieced_end) = decode(stream, usize::from(*size));
    assert_eq!(whole, pieced, "the records depend on how the stream was cut");
    assert_eq!(kind(&end), kind(&pieced_end), "the end depends on how the stream was cut");

    let mut framed = Vec::new();
    for record in &whole {
        assert!(record.len() <= RECORD_MAX, "a record is longer than the limit");
        encode_into(record, &mut framed);
    }
    let (again, end) = decode(&framed, framed.len());
    assert_eq!((again, end), (whole, Ok(())), "what was framed does not come out again");
}

/// How a stream ended, without the words: a refusal quotes what has come so far.
fn kind(end: &Result<(), DecodeError>) -> Option<Discriminant<DecodeError>> {
    end.as_ref().err().map(mem::discriminant)
}

/// The records of a stream, and how it ended.
fn decode(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, Result<(), DecodeError>) {
    let mut decoder = Decoder::new(RECORD_MAX);
    let mut records = Vec::new();
    for piece in stream.chunks(piece.max(1)) {
        decoder.feed(piece);
        loop {
            match decoder.next_record() {
                Ok(Some(record)) => records.push(record.to_vec()),
                Ok(None) => break,
                Err(error) => return (records, Err(error)),
            }
        }
    }
    (records, decoder.finish())
}
