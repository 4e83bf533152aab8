// SPDX-License-Identifier: Apache-2.0

//! Reading answers off a connection on which several requests are under way.
//!
//! Pure. Understands what an HTTP/1.1 server may answer to a POST:
//! `Content-Length` and chunked bodies, bodies that end with the connection,
//! and 1xx answers before the real one. Refuses endless headers and bodies.

use bytes::Bytes;
use httparse::Status;

use super::BODY_BYTES_MAX;

/// The longest head of an answer.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// How many header lines an answer may have.
const HEADERS_MAX: usize = 100;

/// One complete answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Bytes,
    /// Whether the server closes the connection after it.
    pub(super) close: bool,
}

/// How the body of an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    UntilClosed,
}

#[derive(Debug)]
struct Head {
    status: u16,
    length: usize,
    framing: Framing,
    close: bool,
}

/// Takes the first complete answer out of `buffer`; `None` while it is not complete.
///
/// `ended` says that nothing more will come.
pub(super) fn take(buffer: &mut Vec<u8>, ended: bool) -> Result<Option<Answered>, String> {
    loop {
        let Some(head) = read_head(buffer)? else {
            return Ok(None);
        };
        if (100..200).contains(&head.status) {
            buffer.drain(..head.length);
            continue;
        }
        let rest = &buffer[head.length..];
        let (body, used) = match head.framing {
            Framing::Length(length) if rest.len() < length => return Ok(None),
            Framing::Length(length) => (rest[..length].to_vec(), length),
            Framing::UntilClosed if !ended => {
                limit(rest.len())?;
                return Ok(None);
            }
            Framing::UntilClosed => (rest.to_vec(), rest.len()),
            Framing::Chunked => match read_chunks(rest)? {
                Some(read) => read,
                None => return Ok(None),
            },
        };
        buffer.drain(..head.length + used);
        return Ok(Some(Answered { status: head.status, body: body.into(), close: head.close }));
    }
}

fn limit(length: usize) -> Result<(), String> {
    if length > BODY_BYTES_MAX {
        return Err(format!("an answer is longer than {BODY_BYTES_MAX} bytes"));
    }
    Ok(())
}

fn read_head(buffer: &[u8]) -> Result<Option<Head>, String> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(buffer) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if buffer.len() > HEAD_BYTES_MAX => {
            return Err(format!("the head of an answer is longer than {HEAD_BYTES_MAX} bytes"));
        }
        Ok(Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("an answer is no HTTP: {error}")),
    };
    let status = response.code.unwrap_or_default();
    let mut close = response.version == Some(0);
    let mut framing = Framing::UntilClosed;
    for header in response.headers.iter() {
        let value = String::from_utf8_lossy(header.value);
        let value = value.trim();
        if header.name.eq_ignore_ascii_case("content-length") && framing != Framing::Chunked {
            let length = value.parse().map_err(|_| format!("an answer's length is '{value}'"))?;
            limit(length)?;
            framing = Framing::Length(length);
        } else if header.name.eq_ignore_ascii_case("transfer-encoding")
            && value.to_ascii_lowercase().contains("chunked")
        {
            framing = Framing::Chunked;
        } else if header.name.eq_ignore_ascii_case("connection") {
            close = value.eq_ignore_ascii_case("close");
        }
    }
    if matches!(status, 204 | 304) {
        framing = Framing::Length(0);
    }
    close |= framing == Framing::UntilClosed;
    Ok(Some(Head { status, length, framing, close }))
}

/// The joined chunks, and how many bytes they and their frames take.
fn read_chunks(input: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let (head, size) = match httparse::parse_chunk_size(&input[at..]) {
            Ok(Status::Complete(parsed)) => parsed,
            Ok(Status::Partial) => return Ok(None),
            Err(_) => return Err("an answer has a malformed chunk".to_owned()),
        };
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        limit(body.len().saturating_add(size))?;
        at += head;
        if size == 0 {
            return Ok(end_of_trailers(&input[at..]).map(|length| (body, at + length)));
        }
        if input.len() < at + size + 2 {
            return Ok(None);
        }
        body.extend_from_slice(&input[at..at + size]);
        at += size + 2;
    }
}

/// The length of the trailers and the empty line after them.
fn end_of_trailers(input: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = input[at..].windows(2).position(|pair| pair == b"\r\n")?;
        at += line + 2;
        if line == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `input` byte by byte and collects the answers.
    fn answers(input: &str, ended: bool) -> Result<Vec<(u16, String, bool)>, String> {
        let mut buffer = Vec::new();
        let mut answers = Vec::new();
        for (index, byte) in input.bytes().enumerate() {
            buffer.push(byte);
            let last = ended && index + 1 == input.len();
            while let Some(answer) = take(&mut buffer, last)? {
                let body = String::from_utf8(answer.body.to_vec()).unwrap();
                answers.push((answer.status, body, answer.close));
            }
        }
        assert!(buffer.is_empty(), "{} bytes are left", buffer.len());
        Ok(answers)
    }

    #[test]
    fn answers_on_one_connection_are_taken_apart() {
        let input = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n\
                     HTTP/1.1 100 Continue\r\n\r\n\
                     HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\n\r\nwhy\
                     HTTP/1.1 503 Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n\
                     2\r\nno\r\n3;x=y\r\n, n\r\n0\r\nTrailer: x\r\n\r\n\
                     HTTP/1.1 204 No Content\r\n\r\n";
        let expected = [(202, ""), (400, "why"), (503, "no, n"), (204, "")];
        let expected: Vec<_> =
            expected.map(|(status, body)| (status, body.to_owned(), false)).into();
        assert_eq!(answers(input, false).unwrap(), expected);
    }

    #[test]
    fn an_answer_without_a_length_ends_with_the_connection() {
        let input = "HTTP/1.0 500 Oops\r\n\r\ntext";
        assert_eq!(answers(input, true).unwrap(), [(500, "text".to_owned(), true)]);
        let input = "HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(answers(input, false).unwrap(), [(202, String::new(), true)]);
    }

    #[test]
    fn nonsense_and_endless_answers_are_refused() {
        for (input, part) in [
            ("SSH-2.0-OpenSSH\r\n", "no HTTP"),
            ("HTTP/1.1 202 Accepted\r\nContent-Length: x\r\n\r\n", "length is 'x'"),
            ("HTTP/1.1 202 Accepted\r\nContent-Length: 999999999\r\n\r\n", "longer than"),
            ("HTTP/1.1 400 B\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed chunk"),
            ("HTTP/1.1 400 B\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", "longer than"),
        ] {
            let error = answers(input, false).unwrap_err();
            assert!(error.contains(part), "{input}: {error}");
        }
        let endless = format!("HTTP/1.1 202 Accepted\r\nX: {}", "a".repeat(HEAD_BYTES_MAX));
        assert!(take(&mut endless.into_bytes(), false).unwrap_err().contains("head"));
    }
}
