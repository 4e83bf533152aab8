// SPDX-License-Identifier: Apache-2.0

//! The master's connections to the agents: requests in, nothing out. A sender
//! on the wire does not look at answers.

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

use super::Fleet;
use crate::http::{self, Framing};

/// One message and whom it is for.
#[derive(Debug)]
pub(super) struct Message {
    /// The agent's number.
    pub(super) agent: usize,
    /// The message's name without its package.
    pub(super) name: String,
    /// The process that sent it.
    pub(super) from: String,
    /// Its payload.
    pub(super) body: Bytes,
}

/// Takes connections as long as the process lives.
pub(super) async fn serve(listener: TcpListener, fleet: Fleet) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::task::spawn_local(read(stream, fleet.clone()));
    }
}

async fn read(mut stream: TcpStream, fleet: Fleet) {
    let mut buffer = BytesMut::with_capacity(256 << 10);
    while stream.read_buf(&mut buffer).await.is_ok_and(|count| count > 0) {
        loop {
            match take(&mut buffer) {
                Ok(Some(message)) => fleet.receive(message),
                Ok(None) => break,
                // The master broke the protocol: its link shall break, too.
                Err(_) => return,
            }
        }
        buffer.reserve(64 << 10);
    }
}

/// The next complete message.
fn take(buffer: &mut BytesMut) -> anyhow::Result<Option<Message>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(buffer)? else { return Ok(None) };
    let framing = Framing::of(request.headers)?;
    let header = |name: &str| {
        let found = request.headers.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        found.and_then(|it| std::str::from_utf8(it.value).ok())
    };
    let from = header("Libprocess-From").unwrap_or_default().to_owned();
    let path = request.path.unwrap_or_default();
    let (agent, name) = parse_path(path);
    let Some((body, end)) = http::body(&buffer[head..], framing)? else { return Ok(None) };
    buffer.advance(head + end);
    Ok(Some(Message { agent, name, from, body }))
}

/// `/slave(17)/mesos.internal.PingSlaveMessage`, or with `%28` and `%29`. What
/// is for nobody is for number 0.
fn parse_path(path: &str) -> (usize, String) {
    let path = path.replace("%28", "(").replace("%29", ")");
    let parts = path.strip_prefix("/slave(").and_then(|rest| rest.split_once(")/"));
    let Some((number, name)) = parts else { return (0, path) };
    let name = name.rsplit('.').next().unwrap_or(name);
    (number.parse().unwrap_or(0), name.to_owned())
}

#[cfg(test)]
mod tests {
    use mesos_proto::internal::PingSlaveMessage;
    use mesos_wire::Upid;

    use super::*;

    #[test]
    fn messages_are_taken_as_a_master_writes_them() {
        let from: Upid = "slave-observer(3)@127.0.0.1:5050".parse().expect("a process address");
        let to: Upid = "slave(17)@127.0.0.1:5051".parse().expect("a process address");
        let mut bytes = Vec::new();
        mesos_wire::encode(&from, &to, &PingSlaveMessage { connected: true }, &mut bytes);
        let mut buffer = BytesMut::from(&bytes[..bytes.len() - 1]);
        assert!(take(&mut buffer).expect("well-formed").is_none());
        buffer.extend_from_slice(&bytes[bytes.len() - 1..]);
        buffer.extend_from_slice(&bytes);
        for _ in 0..2 {
            let message = take(&mut buffer).expect("well-formed").expect("complete");
            assert_eq!((message.agent, message.name.as_str()), (17, "PingSlaveMessage"));
            assert_eq!(message.from, from.to_string());
            assert_eq!(message.body, Bytes::from_static(&[8, 1]));
        }
        assert!(buffer.is_empty());
    }

    #[test]
    fn the_path_names_the_agent() {
        assert_eq!(parse_path("/slave%287%29/mesos.internal.X"), (7, "X".to_owned()));
        assert_eq!(parse_path("/master/mesos.internal.X").0, 0);
    }
}
