// SPDX-License-Identifier: Apache-2.0

//! Requests that different servers would read differently, and those that once
//! brought Apache's master down.

use anyhow::{Context, Result, ensure};

use crate::{Target, raw};

/// What must not be answered as if it were a request of its own.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Heads that are refused, with the status.
const REFUSED: &[(&str, u16)] = &[
    ("\0\u{1}\u{2}\r\n\r\n", 400),
    ("GET\r\n\r\n", 400),
    ("GET /health\r\n\r\n", 400),
    ("GET /health HTTP/9.9\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nX : y\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nX: y\r\n folded\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\n folded: y\r\n\r\n", 400),
    ("GET /health HTTP/1.1\r\nX: \0\r\n\r\n", 400),
    ("GET /he\0alth HTTP/1.1\r\n\r\n", 400),
    ("GET  /health HTTP/1.1\r\n\r\n", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: 0x5\r\n\r\nhello", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\nhello", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("POST /health HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    ("POST /health HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    ("POST /health HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    ("POST /health HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    ("POST /health HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("FOO /health HTTP/1.1\r\nConnection: close\r\n\r\n", 405),
];

/// Malformed and ambiguous heads.
pub async fn malformed(target: &Target) -> Result<String> {
    for (request, status) in REFUSED {
        // What follows an unreadable head is not read, whatever it is.
        let request =
            if *status == 400 { [*request, SMUGGLED].concat() } else { (*request).into() };
        let shown = request.escape_default().to_string();
        let answer = raw::ask(target.address, request.as_bytes()).await.context(shown.clone())?;
        answer.expect(*status, "").context(shown.clone())?;
        ensure!(!answer.text.is_empty(), "{shown} is refused without a reason");
    }
    let long = format!("GET /health HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(1 << 20));
    raw::ask(target.address, long.as_bytes()).await?.expect(431, "longer than 81920 bytes")?;
    let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(1000));
    raw::ask(target.address, many.as_bytes()).await?.expect(431, "more than 512 headers")?;
    both_lengths(target).await?;
    Ok(format!("{} kinds refused with 400, 405 or 431", REFUSED.len() + 3))
}

/// With both lengths the body is read as chunks, and nothing after it.
async fn both_lengths(target: &Target) -> Result<()> {
    let lengths = ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"];
    for order in [lengths.concat(), lengths.iter().rev().copied().collect()] {
        let request = format!("POST /health HTTP/1.1\r\n{order}\r\n0\r\n\r\n{SMUGGLED}");
        let mut stream = raw::connect_from(66, target.address).await?;
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await?;
        let answer = raw::answer(&mut stream).await?;
        ensure!(answer.head.contains("Connection: close"), "{answer:?}");
        ensure!(raw::answer(&mut stream).await.is_err(), "the second request is answered");
    }
    Ok(())
}

/// Paths, escapes and queries that are no paths, escapes and queries.
pub async fn paths(target: &Target) -> Result<String> {
    let long = "/%2e".repeat(10_000);
    let wire = "Libprocess-From: a@127.0.0.1:1\r\nContent-Length: 0\r\n";
    let get = "Connection: close\r\n";
    let cases = [
        // CVE-2017-7687: a path that cannot be decoded.
        ("GET", "/%", get, 404),
        ("GET", "/%zz/%ff%00", get, 404),
        ("POST", "/%zz/mesos.internal.RegisterSlaveMessage", wire, 400),
        ("POST", "/%ff/mesos.internal.RegisterSlaveMessage", wire, 400),
        ("POST", "/master%00/mesos.internal.RegisterSlaveMessage", wire, 404),
        // CVE-2017-9790: no path at all.
        ("POST", "", wire, 400),
        ("POST", "*", wire, 400),
        ("POST", "http://x", wire, 404),
        ("POST", "/", wire, 404),
        ("POST", "/master", wire, 202),
        ("GET", "http://other.host:1/health", get, 200),
        ("OPTIONS", "*", get, 400),
        ("CONNECT", "other.host:1", get, 400),
        ("GET", "/version?a=%zz", get, 400),
        ("GET", "/version?jsonp=%ff", get, 400),
        ("GET", "/master/../../../etc/passwd", get, 404),
        ("GET", "/..%2f..%2fetc/passwd", get, 404),
        ("GET", &long, get, 404),
    ];
    for (method, path, headers, status) in cases {
        let request = format!("{method} {path} HTTP/1.1\r\n{headers}\r\n");
        let answer = raw::ask(target.address, request.as_bytes()).await;
        let shown = || format!("{method} {path:.60}");
        answer.with_context(shown)?.expect(status, "").with_context(shown)?;
    }
    Ok(format!("{} kinds answered with a status", cases.len()))
}

/// Chunks that are not as long as they say.
pub async fn chunks(target: &Target) -> Result<String> {
    let head = "POST /api/v1/scheduler HTTP/1.1\r\nContent-Type: application/json\r\n\
                Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(100_000));
    let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(100_000));
    let refused = [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "10000000000000002\r\n{}\r\n0\r\n\r\n",
        "2\n{}\n0\n\n",
        "2\r\n{}}}}\r\n0\r\n\r\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        &long,
        &trailers,
    ];
    for body in refused {
        let shown = || format!("{body:.40?}");
        let answer = raw::ask(target.address, format!("{head}{body}").as_bytes()).await;
        let answer = answer.with_context(shown)?;
        answer.expect(400, "Failed to read the body").with_context(shown)?;
    }
    // CVE-2018-1330: trailers; and what else is allowed.
    let taken = [
        "2\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n",
        "2;name=value\r\n{}\r\n0\r\n\r\n",
        "00000002\r\n{}\r\n0\r\n\r\n",
        "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    ];
    for body in taken {
        let answer = raw::ask(target.address, format!("{head}{body}").as_bytes()).await?;
        answer.expect(400, "Expecting 'type' to be present").with_context(|| body.to_owned())?;
    }
    Ok(format!("{} refused with 400, {} read right", refused.len(), taken.len()))
}
