// SPDX-License-Identifier: Apache-2.0

//! A blocking HTTP/1.1 client that shows what a server really sent.
//!
//! It refuses nothing that a test may want to see: header names keep their
//! case, bodies their framing. Not for production use.

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long a peer may keep silent inside one answer.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Status line and headers of an answer, spelled as sent.
#[derive(Clone, Debug)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// Names and values in the order sent.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The value of the first header called `name`, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    fn is_chunked(&self) -> bool {
        self.header("Transfer-Encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"))
    }
}

/// An open connection on which answers are read.
pub struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    /// Connects to `address`.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))
            .with_context(|| format!("connecting to {address}"))?;
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Connection { reader: BufReader::new(stream) })
    }

    /// Reads and writes on a connection that someone else opened.
    pub fn over(stream: TcpStream) -> Self {
        Connection { reader: BufReader::new(stream) }
    }

    /// Reads one request: its head, its body as framed, and its body without framing.
    pub fn read_request(&mut self) -> Result<(String, Vec<u8>, Vec<u8>)> {
        let head = String::from_utf8(self.read_head_text()?)?;
        let lower = head.to_ascii_lowercase();
        let mut raw = Vec::new();
        let mut body = Vec::new();
        if lower.contains("\r\ntransfer-encoding: chunked") {
            loop {
                let chunk = self.read_chunk()?.unwrap_or_default();
                raw.extend(format!("{:x}\r\n", chunk.len()).bytes());
                raw.extend_from_slice(&chunk);
                raw.extend(b"\r\n");
                if chunk.is_empty() {
                    break;
                }
                body.extend_from_slice(&chunk);
            }
        } else if let Some((_, rest)) = lower.split_once("\r\ncontent-length:") {
            let length = rest.split("\r\n").next().unwrap_or_default().trim().parse()?;
            raw.resize(length, 0);
            self.reader.read_exact(&mut raw)?;
            body.clone_from(&raw);
        }
        Ok((head, raw, body))
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.reader.get_mut().write_all(bytes).context("writing the request")
    }

    /// A second handle of the socket, with which another thread can end it.
    pub fn socket(&self) -> Result<TcpStream> {
        Ok(self.reader.get_ref().try_clone()?)
    }

    /// Makes reads wait for ever, for streams that are silent for long.
    pub fn wait_for_ever(&self) -> Result<()> {
        Ok(self.reader.get_ref().set_read_timeout(None)?)
    }

    /// Reads one status line with its headers; interim 100 answers are skipped.
    pub fn read_head(&mut self) -> Result<Head> {
        loop {
            let head = self.read_any_head()?;
            if head.status != 100 {
                return Ok(head);
            }
        }
    }

    fn read_head_text(&mut self) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        while !text.ends_with(b"\r\n\r\n") {
            let read = self.reader.read_until(b'\n', &mut text).context("reading a head")?;
            ensure!(read > 0, "the connection was closed without an answer");
            ensure!(text.len() < 1 << 20, "a head does not end");
        }
        Ok(text)
    }

    fn read_any_head(&mut self) -> Result<Head> {
        let text = self.read_head_text()?;
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut parsed = httparse::Response::new(&mut headers);
        parsed.parse(&text).context("parsing the answer's head")?;
        Ok(Head {
            status: parsed.code.context("no status")?,
            reason: parsed.reason.unwrap_or_default().to_owned(),
            headers: parsed
                .headers
                .iter()
                .map(|h| (h.name.to_owned(), String::from_utf8_lossy(h.value).into_owned()))
                .collect(),
        })
    }

    /// Reads the whole body that belongs to `head`, and expands it if it is compressed.
    pub fn read_body(&mut self, head: &Head) -> Result<Vec<u8>> {
        let body = self.read_body_as_sent(head)?;
        if head.header("Content-Encoding") != Some("gzip") {
            return Ok(body);
        }
        let mut expanded = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut expanded).context("expanding a body")?;
        Ok(expanded)
    }

    fn read_body_as_sent(&mut self, head: &Head) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        if head.is_chunked() {
            while let Some(chunk) = self.read_chunk()? {
                body.extend_from_slice(&chunk);
            }
        } else if let Some(length) = head.header("Content-Length") {
            body.resize(length.parse()?, 0);
            self.reader.read_exact(&mut body)?;
        } else if head.header("Connection").is_some_and(|v| v.eq_ignore_ascii_case("close")) {
            self.reader.read_to_end(&mut body)?;
        }
        Ok(body)
    }

    /// Reads one chunk of a chunked body; `None` at its end.
    pub fn read_chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            bail!("the connection was closed inside a chunked body");
        }
        let length = usize::from_str_radix(line.trim(), 16)
            .with_context(|| format!("'{}' is not a chunk length", line.trim()))?;
        let mut chunk = vec![0; length];
        self.reader.read_exact(&mut chunk)?;
        line.clear();
        self.reader.read_line(&mut line)?;
        ensure!(line == "\r\n", "a chunk of {length} bytes ends in {line:?}");
        Ok((length > 0).then_some(chunk))
    }
}

/// Sends one GET on a connection of its own and returns its answer.
pub fn get(address: SocketAddr, path: &str) -> Result<(Head, Vec<u8>)> {
    let mut connection = Connection::open(address)?;
    connection.write(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let head = connection.read_head()?;
    let body = connection.read_body(&head)?;
    Ok((head, body))
}
