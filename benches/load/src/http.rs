// SPDX-License-Identifier: Apache-2.0

//! As much of HTTP/1.1 as driving a master takes: requests sent one after the
//! other without waiting, answers counted, and bodies that never end.

use std::{cell::RefCell, net::SocketAddr, rc::Rc};

use anyhow::{Context, Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use httparse::{Header, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(usize),
    /// After an empty chunk.
    Chunked,
}

impl Framing {
    /// What the headers say; when nothing, there is no body.
    pub fn of(headers: &[Header<'_>]) -> Result<Self> {
        for header in headers {
            let value = std::str::from_utf8(header.value).unwrap_or_default();
            if header.name.eq_ignore_ascii_case("Transfer-Encoding") {
                ensure!(value.eq_ignore_ascii_case("chunked"), "unknown encoding '{value}'");
                return Ok(Framing::Chunked);
            }
            if header.name.eq_ignore_ascii_case("Content-Length") {
                return Ok(Framing::Length(value.trim().parse().context("Content-Length")?));
            }
        }
        Ok(Framing::Length(0))
    }
}

/// A complete body and where it ends, or `None` if more bytes are needed.
pub fn body(bytes: &[u8], framing: Framing) -> Result<Option<(Bytes, usize)>> {
    if let Framing::Length(length) = framing {
        let body = bytes.get(..length).map(Bytes::copy_from_slice);
        return Ok(body.map(|body| (body, length)));
    }
    let (mut at, mut whole) = (0, Vec::new());
    loop {
        let Ok(size) = httparse::parse_chunk_size(&bytes[at..]) else { bail!("malformed chunk") };
        let Status::Complete((head, size)) = size else { return Ok(None) };
        let start = at + head;
        let end = start + usize::try_from(size)?;
        let Some(chunk) = bytes.get(start..end) else { return Ok(None) };
        if bytes.len() < end + 2 {
            return Ok(None);
        }
        whole.extend_from_slice(chunk);
        at = end + 2;
        if size == 0 {
            return Ok(Some((whole.into(), at)));
        }
    }
}

/// What has become of the requests of one connection.
#[derive(Debug, Default)]
pub struct Tally {
    /// Answered with success.
    pub accepted: u64,
    /// The first that was answered otherwise.
    pub first_refusal: Option<String>,
}

/// A connection for requests whose answers matter only as a count.
#[derive(Clone)]
pub struct Calls {
    queue: mpsc::UnboundedSender<Bytes>,
    tally: Rc<RefCell<Tally>>,
}

impl Calls {
    /// Opens the connection.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (queue, requests) = mpsc::unbounded_channel();
        let tally = Rc::new(RefCell::new(Tally::default()));
        tokio::task::spawn_local(run_calls(stream, requests, tally.clone()));
        Ok(Calls { queue, tally })
    }

    /// Sends a complete request after those before it.
    pub fn send(&self, request: Bytes) {
        // A broken connection shows in the tally: nothing more is accepted.
        let _ = self.queue.send(request);
    }

    /// What has come back.
    pub fn tally(&self) -> std::cell::Ref<'_, Tally> {
        self.tally.borrow()
    }
}

async fn run_calls(
    stream: TcpStream,
    mut requests: mpsc::UnboundedReceiver<Bytes>,
    tally: Rc<RefCell<Tally>>,
) {
    let (mut reader, mut writer) = stream.into_split();
    let write = async {
        while let Some(request) = requests.recv().await {
            let mut batch = BytesMut::from(&request[..]);
            while batch.len() < 64 << 10 {
                match requests.try_recv() {
                    Ok(request) => batch.extend_from_slice(&request),
                    Err(_) => break,
                }
            }
            writer.write_all(&batch).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        let mut buffer = BytesMut::with_capacity(64 << 10);
        while reader.read_buf(&mut buffer).await? > 0 {
            while let Some((status, body)) = take_answer(&mut buffer)? {
                let mut tally = tally.borrow_mut();
                if (200..300).contains(&status) {
                    tally.accepted += 1;
                } else {
                    let text = || format!("{status} {}", String::from_utf8_lossy(&body));
                    tally.first_refusal.get_or_insert_with(text);
                }
            }
        }
        bail!("the master closed the connection of calls")
    };
    let ended = tokio::select! {
        ended = write => ended,
        ended = read => ended,
    };
    if let Err(error) = ended {
        tally.borrow_mut().first_refusal.get_or_insert(format!("{error:#}"));
    }
}

fn take_answer(buffer: &mut BytesMut) -> Result<Option<(u16, Bytes)>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let Status::Complete(head) = response.parse(buffer)? else { return Ok(None) };
    let (status, framing) = (response.code.unwrap_or(0), Framing::of(response.headers)?);
    let Some((body, end)) = body(&buffer[head..], framing)? else { return Ok(None) };
    buffer.advance(head + end);
    Ok(Some((status, body)))
}

/// An answer that does not end.
pub struct Stream {
    socket: TcpStream,
    buffer: BytesMut,
    /// What is left of the current chunk, with the line end after it.
    chunk: usize,
    /// The header `Mesos-Stream-Id`.
    pub stream_id: String,
}

impl Stream {
    /// Sends a request and reads the head of its answer.
    pub async fn open(address: SocketAddr, request: &[u8]) -> Result<Self> {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(request).await?;
        let mut buffer = BytesMut::with_capacity(64 << 10);
        loop {
            ensure!(socket.read_buf(&mut buffer).await? > 0, "closed before it was answered");
            let mut headers = [httparse::EMPTY_HEADER; 32];
            let mut response = httparse::Response::new(&mut headers);
            let Status::Complete(head) = response.parse(&buffer)? else { continue };
            let status = response.code.unwrap_or(0);
            if status != 200 {
                bail!("refused with {status}: {}", String::from_utf8_lossy(&buffer[head..]));
            }
            let framing = Framing::of(response.headers)?;
            ensure!(framing == Framing::Chunked, "the stream is not chunked");
            let id =
                response.headers.iter().find(|it| it.name.eq_ignore_ascii_case("Mesos-Stream-Id"));
            let stream_id = id.map(|it| String::from_utf8_lossy(it.value).into_owned());
            buffer.advance(head);
            let stream_id = stream_id.unwrap_or_default();
            return Ok(Stream { socket, buffer, chunk: 0, stream_id });
        }
    }

    /// The next piece of the body.
    pub async fn piece(&mut self) -> Result<Bytes> {
        loop {
            if self.chunk > 2 && !self.buffer.is_empty() {
                let count = self.buffer.len().min(self.chunk - 2);
                self.chunk -= count;
                return Ok(self.buffer.split_to(count).freeze());
            }
            if (1..=2).contains(&self.chunk) && self.buffer.len() >= self.chunk {
                self.buffer.advance(self.chunk);
                self.chunk = 0;
            }
            if self.chunk == 0 {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(Status::Complete((_, 0))) => bail!("the master ended the stream"),
                    Ok(Status::Complete((head, size))) => {
                        self.buffer.advance(head);
                        self.chunk = usize::try_from(size)? + 2;
                        continue;
                    }
                    Ok(Status::Partial) => {}
                    Err(_) => bail!("malformed chunk"),
                }
            }
            self.buffer.reserve(64 << 10);
            let count = self.socket.read_buf(&mut self.buffer).await?;
            ensure!(count > 0, "the master closed the stream");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_complete_with_its_last_byte() {
        let chunked = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for end in 0..chunked.len() {
            assert!(
                body(&chunked[..end], Framing::Chunked).expect("well-formed").is_none(),
                "{end}"
            );
        }
        let whole = body(chunked, Framing::Chunked).expect("well-formed").expect("complete");
        assert_eq!(whole, (Bytes::from_static(b"abcde"), chunked.len()));
        assert!(body(b"ab", Framing::Length(3)).expect("well-formed").is_none());
        assert!(body(b"xyz\r\n", Framing::Chunked).is_err());
    }

    #[test]
    fn answers_are_taken_one_by_one() {
        let mut buffer = BytesMut::from(
            &b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n\
               HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno"[..],
        );
        let mut next = || take_answer(&mut buffer).expect("well-formed");
        assert_eq!(next(), Some((202, Bytes::new())));
        assert_eq!(next(), Some((400, Bytes::from_static(b"no"))));
        assert_eq!(next(), None);
    }
}
