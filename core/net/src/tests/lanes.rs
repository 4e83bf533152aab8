// SPDX-License-Identifier: Apache-2.0

//! Long answers and short ones on one connection.

use super::sockets::{raw, start};
use crate::Settings;

#[tokio::test]
async fn a_connection_moves_for_a_long_answer_and_back_for_the_next_request() {
    let server = start(Settings::default());
    let long = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
    let short = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = raw(server.address, &[long, long, short, last].concat()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 4);
    assert_eq!(answer.matches("\r\nContent-Length: 1048576\r\n").count(), 3);
    let spaces = answer.bytes().rev().take_while(|byte| *byte == b' ').count();
    assert_eq!(spaces, 1 << 20);
}
