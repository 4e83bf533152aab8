// SPDX-License-Identifier: Apache-2.0

//! An HTTP server whose every answer a test writes by hand.

use std::collections::BTreeMap;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// Listens on loopback; requests come out in the order of their arrival.
pub struct FakeServer {
    pub address: String,
    requests: mpsc::UnboundedReceiver<Request>,
}

/// One request, with the way to answer it.
pub struct Request {
    /// Which connection it came on, counted from 0.
    pub connection: usize,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    writes: mpsc::UnboundedSender<Option<Vec<u8>>>,
}

/// An answer that goes on.
pub struct EventStream {
    writes: mpsc::UnboundedSender<Option<Vec<u8>>>,
}

impl FakeServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, connection, sender.clone()));
                connection += 1;
            }
        });
        FakeServer { address, requests }
    }

    /// Waits for the next request.
    pub async fn request(&mut self) -> Request {
        let wait = std::time::Duration::from_secs(20);
        tokio::time::timeout(wait, self.requests.recv())
            .await
            .expect("a request comes in time")
            .expect("the server runs")
    }

    /// Whether no request has come.
    pub fn is_idle(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn respond(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut head = format!("HTTP/1.1 {status} Text\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let _ = self.writes.send(Some(format!("{head}\r\n{body}").into_bytes()));
    }

    /// Answers with what need not be a text.
    pub fn respond_bytes(&self, status: u16, body: &[u8]) {
        let head = format!("HTTP/1.1 {status} Text\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = self.writes.send(Some([head.as_bytes(), body].concat()));
    }

    /// Closes the connection without an answer.
    pub fn hang_up(&self) {
        let _ = self.writes.send(None);
    }

    pub fn stream(&self, headers: &[(&str, &str)]) -> EventStream {
        let mut head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n".to_owned();
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let _ = self.writes.send(Some(format!("{head}\r\n").into_bytes()));
        EventStream { writes: self.writes.clone() }
    }
}

impl EventStream {
    /// Sends one record as one chunk.
    pub fn send(&self, record: &[u8]) {
        let framed = [format!("{}\n", record.len()).as_bytes(), record].concat();
        let mut chunk = format!("{:x}\r\n", framed.len()).into_bytes();
        chunk.extend_from_slice(&framed);
        chunk.extend_from_slice(b"\r\n");
        let _ = self.writes.send(Some(chunk));
    }

    /// Closes the connection.
    pub fn hang_up(&self) {
        let _ = self.writes.send(None);
    }

    /// Whether the client has closed the connection.
    pub async fn closed(&self) {
        self.writes.closed().await;
    }
}

async fn serve(socket: TcpStream, connection: usize, requests: mpsc::UnboundedSender<Request>) {
    let (mut reader, mut writer) = socket.into_split();
    let (writes, mut to_write) = mpsc::unbounded_channel::<Option<Vec<u8>>>();
    let reading = async {
        let mut buffer = Vec::new();
        loop {
            while let Some(request) = take(&mut buffer, connection, &writes) {
                if requests.send(request).is_err() {
                    return;
                }
            }
            match reader.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    let writing = async {
        while let Some(Some(bytes)) = to_write.recv().await {
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

fn take(
    buffer: &mut Vec<u8>,
    connection: usize,
    writes: &mpsc::UnboundedSender<Option<Vec<u8>>>,
) -> Option<Request> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(buffer).unwrap() else {
        return None;
    };
    let path = parsed.path.unwrap().to_owned();
    let headers: BTreeMap<String, String> = parsed
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8(header.value.to_vec()).unwrap();
            (header.name.to_ascii_lowercase(), value)
        })
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    if buffer.len() < head + length {
        return None;
    }
    let body = buffer[head..head + length].to_vec();
    buffer.drain(..head + length);
    Some(Request { connection, path, headers, body, writes: writes.clone() })
}
