// SPDX-License-Identifier: Apache-2.0

//! Server and client on loopback sockets.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, mpsc, oneshot},
    time::timeout,
};

use crate::{
    EventSender, MediaType, PushError, Reply, Request, Server, Settings,
    client::{Connection, Tls},
    event_stream,
};

/// Longer than anything takes; only a failing test waits this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What `/subscribe` hands to the test.
type Senders = mpsc::UnboundedReceiver<EventSender>;

pub(super) struct Running {
    pub(super) address: SocketAddr,
    senders: Senders,
    stop: oneshot::Sender<()>,
    waiting: Arc<Notify>,
}

impl Running {
    /// Waits until `/wait` is asked for, which is never answered.
    pub(super) async fn is_waiting(&self) {
        timeout(PATIENCE, self.waiting.notified()).await.expect("a request");
    }
}

/// A server with the endpoints that the tests need.
pub(super) fn start(settings: Settings) -> Running {
    let loopback = "127.0.0.1:0".parse().expect("an address");
    let server = Server::bind(loopback, settings).expect("a free port");
    let address = server.address();
    let (subscribed, senders) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let waiting = Arc::new(Notify::new());
    let waits = waiting.clone();
    let handler = move |request: Request| {
        let (subscribed, waits) = (subscribed.clone(), waits.clone());
        assert_ne!(request.path, "/panic-at-once", "on purpose");
        async move {
            if request.path == "/wait" {
                waits.notify_one();
                std::future::pending::<()>().await;
            }
            answer(request, &subscribed)
        }
    };
    tokio::spawn(server.serve(handler, async {
        let _ = stopped.await;
    }));
    Running { address, senders, stop, waiting }
}

fn answer(request: Request, subscribed: &mpsc::UnboundedSender<EventSender>) -> Reply {
    match request.path.as_str() {
        "/health" => Reply::empty(StatusCode::OK),
        "/echo" => Reply::encoded(MediaType::Json, request.body),
        "/large" => Reply::json(&request.query, Bytes::from(vec![b' '; 1 << 20])),
        "/panic" => panic!("on purpose"),
        "/subscribe" => {
            let (sender, stream) = event_stream(1 << 20);
            let _ = subscribed.send(sender);
            Reply::stream(MediaType::Json, stream)
        }
        _ => Reply::not_found(),
    }
}

/// Sends bytes and reads until the server closes the connection.
pub(super) async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("an answer in time").expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn connect(address: SocketAddr) -> Connection {
    let endpoint = address.to_string().parse().expect("an endpoint");
    let connection = Connection::open(&endpoint, &Tls::none(), PATIENCE).await;
    connection.expect("connected")
}

#[tokio::test]
async fn answers_look_like_those_of_mesos() {
    let server = start(Settings::default());
    let answer = raw(server.address, "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nContent-Length: 0\r\n"), "{answer}");
    assert!(answer.contains("\r\nDate: "), "{answer}");
    assert!(!answer.contains("Content-Type"), "{answer}");
}

#[tokio::test]
async fn two_requests_at_once_are_answered_in_order() {
    let server = start(Settings::default());
    let two = "GET /health HTTP/1.1\nHost: x\n\n\
               GET /nope HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n";
    let answer = raw(server.address, two).await;
    let found = answer.find("200 OK").expect("the first answer");
    assert!(answer[found..].contains("404 Not Found\r\n"), "{answer}");
    assert!(answer.ends_with("404 Not Found."), "{answer}");
}

#[tokio::test]
async fn malformed_requests_get_a_4xx_and_harm_nobody() {
    let server = start(Settings::default());
    let long = format!("GET /health HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(100_000));
    let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(600));
    let cases = [
        ("\0\u{1}\u{2}\r\n\r\n", "400"),
        ("GET /version?a=%zz HTTP/1.1\r\nConnection: close\r\n\r\n", "400"),
        ("FOO /health HTTP/1.1\r\nConnection: close\r\n\r\n", "405"),
        ("OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n", "400"),
        ("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
        ("GET /health\r\n\r\n", "400"),
        ("get /health HTTP/1.1\r\nConnection: close\r\n\r\n", "405"),
        ("POST /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"),
        (long.as_str(), "431"),
        (many.as_str(), "431"),
        (
            "POST /echo HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "400",
        ),
    ];
    for (request, status) in cases {
        let answer = raw(server.address, request).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{request:.60}: {answer}");
    }
    let answer = raw(server.address, "GET /health HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains(" 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn chunked_bodies_with_trailers_arrive_whole() {
    let server = start(Settings::default());
    let request = "POST /echo HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: y\r\n\r\n";
    let answer = raw(server.address, request).await;
    assert!(answer.ends_with("\r\n\r\nabcde"), "{answer}");
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused() {
    let server = start(Settings { max_body_bytes: 10, ..Settings::default() });
    let request =
        "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 11\r\n\r\nhello world";
    let answer = raw(server.address, request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("larger than the 10 bytes"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let body_timeout = Duration::from_millis(20);
    let server = start(Settings { body_timeout, ..Settings::default() });
    let answer = raw(server.address, "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("The body did not arrive in time: 4 bytes came in "), "{answer}");
}

#[tokio::test]
async fn a_request_with_two_lengths_cannot_hide_another() {
    let server = start(Settings::default());
    let request = "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n0\r\n\r\nGET /nope HTTP/1.1\r\nConnection: close\r\n\r\n";
    let answer = raw(server.address, request).await;
    // RFC 9112, 6.3: read as chunked and not followed by another.
    assert!(answer.ends_with("\r\n\r\nabc"), "{answer}");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_one_failed_request() {
    let server = start(Settings::default());
    let mut connection = connect(server.address).await;
    for path in ["/panic", "/panic-at-once"] {
        let failed = connection.send(Method::GET, path, &[], Bytes::new()).await;
        assert_eq!(failed.expect("an answer").status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    let answer = connection.send(Method::GET, "/health", &[], Bytes::new()).await;
    assert_eq!(answer.expect("an answer").status, StatusCode::OK);
}

#[tokio::test]
async fn large_answers_are_compressed_when_asked_for() {
    let server = start(Settings::default());
    let mut connection = connect(server.address).await;
    let gzip = [(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"))];
    let answer = connection.send(Method::GET, "/large", &gzip, Bytes::new()).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let body = answer.bytes(1 << 20).await.expect("a body");
    let decoded = crate::gzip::decompress(&body, 1 << 20, |_| Ok(())).expect("gzip");
    assert_eq!(decoded.len(), 1 << 20);

    let answer = connection.send(Method::GET, "/large", &[], Bytes::new()).await;
    assert_eq!(answer.expect("an answer").header("content-encoding"), None);
}

#[tokio::test]
async fn gzip_requests_are_decompressed() {
    let server = start(Settings::default());
    let mut connection = connect(server.address).await;
    let gzip = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
    for text in [Bytes::from_static(b"hello"), Bytes::from(vec![b'x'; 8 << 20])] {
        let body = crate::gzip::compress(std::slice::from_ref(&text)).expect("gzip");
        let answer = connection.post("/echo", &gzip, body).await.expect("an answer");
        assert_eq!(answer.bytes(16 << 20).await.expect("a body"), text);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_once_decompressed_is_refused() {
    let server = start(Settings { max_body_bytes: 1 << 20, ..Settings::default() });
    let mut connection = connect(server.address).await;
    let gzip = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
    for length in [(1 << 20) + 1, 8 << 20] {
        let body = crate::gzip::compress(&[Bytes::from(vec![0; length])]).expect("gzip");
        let answer = connection.post("/echo", &gzip, body).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn every_record_is_a_chunk_of_its_own() {
    let mut server = start(Settings::default());
    let mut client = TcpStream::connect(server.address).await.expect("connected");
    let request = b"POST /subscribe HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    client.write_all(request).await.expect("written");
    let sender = server.senders.recv().await.expect("a subscription");
    sender.push(b"{}").expect("room");
    sender.push_with(3, |out| out.extend_from_slice(b"[1]")).expect("room");
    drop(sender);
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, client.read_to_end(&mut answer)).await;
    read.expect("the end in time").expect("the end");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("\r\nTransfer-Encoding: chunked\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n4\r\n2\n{}\r\n5\r\n3\n[1]\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_goes_away_is_noticed() {
    let mut server = start(Settings::default());
    let mut connection = connect(server.address).await;
    let answer = connection.post("/subscribe", &[], Bytes::new()).await;
    let answer = answer.expect("an answer");
    let sender = server.senders.recv().await.expect("a subscription");
    drop(answer);
    drop(connection);
    timeout(PATIENCE, sender.over()).await.expect("noticed in time");
    assert_eq!(sender.push(b"x"), Err(PushError::Closed));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let mut server = start(Settings::default());
    let mut client = TcpStream::connect(server.address).await.expect("connected");
    let request = b"POST /subscribe HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    client.write_all(request).await.expect("written");
    let sender = server.senders.recv().await.expect("a subscription");
    let record = vec![b'x'; 64 << 10];
    let error = loop {
        match sender.push(&record) {
            Ok(()) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert_eq!(error, PushError::TooSlow);
    timeout(PATIENCE, sender.over()).await.expect("closed in time");
}

#[tokio::test]
async fn a_stopped_server_closes_its_port_and_its_connections() {
    let server = start(Settings::default());
    let mut connection = connect(server.address).await;
    let answer = connection.send(Method::GET, "/health", &[], Bytes::new()).await;
    assert_eq!(answer.expect("an answer").status, StatusCode::OK);
    server.stop.send(()).expect("still running");
    let gone = async {
        while !connection.is_closed() || TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("closed in time");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let server = start(Settings::default());
    let error = Server::bind(server.address, Settings::default()).expect_err("taken");
    assert!(error.to_string().starts_with("cannot listen on 127.0.0.1:"), "{error}");
}
