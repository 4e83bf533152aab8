// SPDX-License-Identifier: Apache-2.0

//! Clients that take more than they are given: time, connections, memory.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::sockets::{PATIENCE, raw, start};
use crate::Settings;

const SHORT: Duration = Duration::from_millis(20);

async fn open(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes).await.expect("written");
    stream
}

async fn to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("an end in time").expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_the_reason() {
    let server = start(Settings::default());
    let answer = raw(server.address, "BREW\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("\r\n\r\nThis is not an HTTP/1.1 request: "), "{answer}");
    let long = format!("GET /health HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(100_000));
    let answer = raw(server.address, &long).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(answer.contains("longer than 81920 bytes"), "{answer}");
    // Also behind a request that was understood.
    let two = "GET /health HTTP/1.1\r\n\r\n\r\n\r\nBREW\r\n\r\n";
    let answer = raw(server.address, two).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 400 ").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_end_is_refused() {
    let server = start(Settings { head_timeout: SHORT, ..Settings::default() });
    let answer = raw(server.address, "GET /health HTTP/1.1\r\nX: ").await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.ends_with("did not arrive within 20ms"), "{answer}");
    // So is a second one.
    let two = "GET /health HTTP/1.1\r\n\r\n";
    let mut stream = open(server.address, two.as_bytes()).await;
    let mut first = [0; 17];
    stream.read_exact(&mut first).await.expect("an answer");
    stream.write_all(b"GET").await.expect("written");
    assert!(to_end(&mut stream).await.contains("HTTP/1.1 408 "));
}

#[tokio::test]
async fn a_head_that_drips_is_refused() {
    let server = start(Settings { head_timeout: SHORT, ..Settings::default() });
    let mut stream = open(server.address, b"GET /health HTTP/1.1\r\nX: ").await;
    let dripping = async {
        // The last writes may fail: nobody reads any more.
        while stream.write_all(b"y").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, dripping).await.expect("refused in time");
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed() {
    let server = start(Settings { first_request_timeout: SHORT, ..Settings::default() });
    let mut stream = open(server.address, b"").await;
    assert_eq!(to_end(&mut stream).await, "");
    // One that was used is kept.
    let mut used = open(server.address, b"GET /health HTTP/1.1\r\n\r\n").await;
    let mut answer = [0; 15];
    used.read_exact(&mut answer).await.expect("an answer");
    let mut rest = [0; 1024];
    while timeout(4 * SHORT, used.read(&mut rest)).await.is_ok_and(|read| read.expect("open") > 0) {
    }
    used.write_all(b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n").await.expect("open");
    assert!(to_end(&mut used).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_the_end() {
    let server = start(Settings { idle_timeout: SHORT, ..Settings::default() });
    let mut stream = open(server.address, b"GET /health HTTP/1.1\r\n\r\n").await;
    assert!(to_end(&mut stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_body_slower_than_the_least_rate_is_refused() {
    let settings = Settings { body_grace: SHORT, min_rate: 1 << 20, ..Settings::default() };
    let server = start(settings);
    let head = b"POST /echo HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n";
    let mut stream = open(server.address, head).await;
    let (mut reader, mut writer) = stream.split();
    let dripping = async {
        while writer.write_all(b"y").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = [0; 4096];
    tokio::select! {
        () = dripping => {}
        read = reader.read(&mut answer) => {
            let read = read.expect("an answer");
            let text = String::from_utf8_lossy(&answer[..read]);
            assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
            assert!(text.contains("must bring 20971 bytes every 20ms"), "{text}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_given_up() {
    let settings = Settings { answer_grace: SHORT, min_rate: 1 << 30, ..Settings::default() };
    let server = start(settings);
    let requests = "GET /large HTTP/1.1\r\n\r\n".repeat(32);
    let mut stream = open(server.address, requests.as_bytes()).await;
    // The server's end is closed at some time, which only writing shows, as
    // what is to be read is left unread.
    let closed = async {
        while stream.write_all(b"GET /health HTTP/1.1\r\n\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, closed).await.expect("closed in time");
}

#[tokio::test]
async fn connections_beyond_the_bound_are_told_so() {
    let server = start(Settings { max_connections_per_source: 2, ..Settings::default() });
    let request = "GET /health HTTP/1.1\r\n\r\n";
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = open(server.address, request.as_bytes()).await;
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).await.expect("an answer");
        kept.push(stream);
    }
    let answer = raw(server.address, "").await;
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.contains("already 2 connections from your address"), "{answer}");
    drop(kept);
    let admitted = async {
        let request = "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n";
        while !raw(server.address, request).await.contains("200 OK") {}
    };
    timeout(PATIENCE, admitted).await.expect("admitted again");
}

#[tokio::test]
async fn a_body_that_finds_no_room_is_refused_and_small_ones_are_not() {
    let settings = Settings {
        max_bodies_bytes: 1 << 20,
        max_bodies_bytes_per_source: 1 << 20,
        room_timeout: SHORT,
        ..Settings::default()
    };
    let server = start(settings);
    let head = b"POST /echo HTTP/1.1\r\nContent-Length: 1114112\r\n\r\n";
    let mut holder = open(server.address, head).await;
    holder.write_all(&vec![b'x'; 1 << 20]).await.expect("written");
    let large = format!(
        "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n{}",
        "y".repeat(200_000)
    );
    let refused = async {
        loop {
            let answer = raw(server.address, &large).await;
            if answer.starts_with("HTTP/1.1 503 ") {
                return answer;
            }
        }
    };
    let answer = timeout(PATIENCE, refused).await.expect("refused in time");
    assert!(answer.contains("take all the memory set aside for them (1048576 bytes"), "{answer}");
    assert!(answer.contains("\r\nRetry-After: 1\r\n"), "{answer}");
    let small = "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
    assert!(raw(server.address, small).await.ends_with("hello"));
    // The one that has the room is served.
    holder.write_all(&vec![b'x'; 64 << 10]).await.expect("written");
    let mut status = [0; 15];
    holder.read_exact(&mut status).await.expect("an answer");
    assert_eq!(&status, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_bomb_that_finds_no_room_is_refused() {
    let settings = Settings {
        max_bodies_bytes: 1 << 20,
        max_bodies_bytes_per_source: 1 << 20,
        ..Settings::default()
    };
    let server = start(settings);
    let bomb = crate::gzip::compress(&[Bytes::from(vec![0; 8 << 20])]).expect("gzip");
    let head = format!(
        "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Encoding: gzip\r\n\
         Content-Length: {}\r\n\r\n",
        bomb.len()
    );
    let mut stream = open(server.address, head.as_bytes()).await;
    stream.write_all(&bomb).await.expect("written");
    let answer = to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[tokio::test]
async fn compressed_bodies_do_not_take_the_places_of_large_ones() {
    let settings =
        Settings { max_heavy_requests: 1, max_compressed_requests: 1, ..Settings::default() };
    let server = start(settings);
    // Its answer is held back by the test, and so is its place.
    let small = crate::gzip::compress(&[Bytes::from_static(b"hello")]).expect("gzip");
    let head = format!(
        "POST /wait HTTP/1.1\r\nConnection: close\r\nContent-Encoding: gzip\r\n\
         Content-Length: {}\r\n\r\n",
        small.len()
    );
    let mut waiting = open(server.address, head.as_bytes()).await;
    waiting.write_all(&small).await.expect("written");
    server.is_waiting().await;
    let length = 100 << 10;
    let large = format!(
        "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{}",
        "x".repeat(length)
    );
    let answer = raw(server.address, &large).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer:.200}");
}

#[test]
fn a_process_keeps_files_for_itself() {
    let settings = Settings::for_open_files(20_000);
    assert_eq!((settings.max_connections, settings.max_connections_per_source), (12_500, 10_934));
    let settings = Settings::for_open_files(1024);
    assert_eq!((settings.max_connections, settings.max_connections_per_source), (640, 560));
    assert_eq!(Settings::for_open_files(u64::MAX).max_connections, 65_536);
}
