// SPDX-License-Identifier: Apache-2.0

//! RecordIO, the framing of event streams: each record is its length in bytes
//! as a decimal number, a new line, and the bytes.
//!
//! Invariant of the decoder: it holds at most one record and one header, both
//! of bounded size. After an error it refuses to go on, since it cannot know
//! where the next record starts.
//!
//! Source in Mesos: `3rdparty/stout/include/stout/recordio.hpp`.

use bytes::{Buf, Bytes, BytesMut};

/// The most digits of a length: those of the largest 64-bit number.
const HEADER_MAX: usize = 20;

/// Why a stream of records cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The header is not a decimal number.
    #[error(
        "Failed to decode length '{0}': expected a decimal number of bytes followed by a new line"
    )]
    InvalidLength(String),
    /// The record is longer than the decoder allows.
    #[error("Record of {length} bytes exceeds the limit of {limit} bytes")]
    TooLong {
        /// The announced length.
        length: u64,
        /// The limit of the decoder.
        limit: usize,
    },
    /// An earlier error made the rest of the stream meaningless.
    #[error("Decoder is in a FAILED state")]
    Failed,
    /// The stream ended inside a record.
    #[error("Stream ended inside a record: {missing}")]
    Incomplete {
        /// What was still expected.
        missing: String,
    },
}

/// Frames one record.
pub fn encode(record: &[u8]) -> Bytes {
    let mut framed = Vec::with_capacity(record.len() + HEADER_MAX + 1);
    encode_into(record, &mut framed);
    framed.into()
}

/// Frames one record at the end of `out`.
pub fn encode_into(record: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(record.len().to_string().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(record);
}

/// Takes records out of a stream that arrives in pieces.
///
/// | state | input | next |
/// |---|---|---|
/// | header | digits, new line | record of that length (an empty one at once) |
/// | header | anything else | failed |
/// | record | so many bytes | header, and the record is complete |
/// | failed | anything | failed |
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    state: State,
    record_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Record { length: usize },
    Failed,
}

impl Decoder {
    /// A decoder of records of at most `record_max` bytes.
    pub fn new(record_max: usize) -> Self {
        Decoder { buffer: BytesMut::new(), state: State::Header, record_max }
    }

    /// Takes the next piece of the stream. Call [`next`](Self::next_record)
    /// until it returns `None` before feeding more.
    pub fn feed(&mut self, piece: &[u8]) {
        if self.state != State::Failed {
            self.buffer.extend_from_slice(piece);
        }
    }

    /// The next complete record, or `None` when more input is needed.
    ///
    /// # Errors
    /// When the stream is malformed or a record too long; every later call
    /// fails, too.
    pub fn next_record(&mut self) -> Result<Option<Bytes>, DecodeError> {
        if self.state == State::Header && !self.take_header()? {
            return Ok(None);
        }
        match self.state {
            State::Failed => Err(DecodeError::Failed),
            State::Record { length } if self.buffer.len() >= length => {
                self.state = State::Header;
                Ok(Some(self.buffer.split_to(length).freeze()))
            }
            State::Record { .. } | State::Header => Ok(None),
        }
    }

    /// Every complete record of the stream with this piece.
    ///
    /// # Errors
    /// As [`next_record`](Self::next_record); records before the error are lost.
    pub fn decode(&mut self, piece: &[u8]) -> Result<Vec<Bytes>, DecodeError> {
        self.feed(piece);
        std::iter::from_fn(|| self.next_record().transpose()).collect()
    }

    /// Checks that the stream may end here.
    ///
    /// # Errors
    /// When it ends inside a record, or was malformed.
    pub fn finish(&self) -> Result<(), DecodeError> {
        let missing = match self.state {
            State::Failed => return Err(DecodeError::Failed),
            State::Header if self.buffer.is_empty() => return Ok(()),
            State::Header => "the new line after its length".to_owned(),
            State::Record { length } => {
                format!("{} of {length} bytes", length - self.buffer.len().min(length))
            }
        };
        Err(DecodeError::Incomplete { missing })
    }

    /// Reads the header if it is complete, and tells whether it was.
    fn take_header(&mut self) -> Result<bool, DecodeError> {
        let searched = &self.buffer[..self.buffer.len().min(HEADER_MAX + 1)];
        let Some(end) = searched.iter().position(|byte| *byte == b'\n') else {
            // Malformed headers are refused before they are complete.
            if searched.len() > HEADER_MAX || !searched.iter().all(u8::is_ascii_digit) {
                let header = printable(searched);
                return Err(self.fail(DecodeError::InvalidLength(header)));
            }
            return Ok(false);
        };
        let header = &searched[..end];
        let length = std::str::from_utf8(header)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse::<u64>().ok());
        let Some(length) = length else {
            let header = printable(header);
            return Err(self.fail(DecodeError::InvalidLength(header)));
        };
        match usize::try_from(length) {
            Ok(length) if length <= self.record_max => {
                self.buffer.advance(end + 1);
                self.state = State::Record { length };
                Ok(true)
            }
            Ok(_) | Err(_) => {
                let limit = self.record_max;
                Err(self.fail(DecodeError::TooLong { length, limit }))
            }
        }
    }

    fn fail(&mut self, error: DecodeError) -> DecodeError {
        self.state = State::Failed;
        self.buffer = BytesMut::new();
        error
    }
}

/// The bytes as text that is safe to log.
fn printable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn records_are_framed_by_their_length() {
        assert_eq!(encode(b"hello"), Bytes::from("5\nhello"));
        assert_eq!(encode(b""), Bytes::from("0\n"));
    }

    #[test]
    fn a_record_is_complete_with_its_last_byte() {
        let mut decoder = Decoder::new(100);
        assert_eq!(decoder.decode(b"5"), Ok(vec![]));
        assert_eq!(decoder.decode(b"\nhell"), Ok(vec![]));
        assert!(decoder.finish().is_err());
        assert_eq!(
            decoder.decode(b"o0\n3\nabc1"),
            Ok(vec!["hello".into(), "".into(), "abc".into()])
        );
        assert!(decoder.finish().is_err());
        assert_eq!(decoder.decode(b"\nx"), Ok(vec!["x".into()]));
        assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn malformed_lengths_are_refused_for_good() {
        for header in ["x\n", "\n", "-1\n", "+1\n", " 1\n", "1 \n", "x", "99999999999999999999999"]
        {
            let mut decoder = Decoder::new(100);
            let error = decoder.decode(header.as_bytes()).expect_err("the header is malformed");
            assert!(matches!(error, DecodeError::InvalidLength(_)), "{header}: {error}");
            assert_eq!(decoder.decode(b"1\nx"), Err(DecodeError::Failed));
        }
    }

    #[test]
    fn long_records_are_refused_at_their_header() {
        let mut decoder = Decoder::new(10);
        assert_eq!(decoder.decode(b"10\n0123456789").map(|records| records.len()), Ok(1));
        assert_eq!(decoder.decode(b"11\n"), Err(DecodeError::TooLong { length: 11, limit: 10 }));
    }

    proptest! {
        #[test]
        fn any_records_in_any_pieces_come_out_as_they_went_in(
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..10),
            piece in 1..50_usize,
        ) {
            let mut stream = Vec::new();
            for record in &records {
                encode_into(record, &mut stream);
            }
            let mut decoder = Decoder::new(40);
            let mut decoded = Vec::new();
            for piece in stream.chunks(piece) {
                decoded.extend(decoder.decode(piece).expect("the stream is well-formed"));
            }
            prop_assert_eq!(decoded, records);
            prop_assert_eq!(decoder.finish(), Ok(()));
        }

        #[test]
        fn no_input_makes_the_decoder_panic(stream in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = Decoder::new(64);
            for piece in stream.chunks(7) {
                let _ = decoder.decode(piece);
            }
        }
    }
}
