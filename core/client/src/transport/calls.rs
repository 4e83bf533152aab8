// SPDX-License-Identifier: Apache-2.0

//! The connection for calls: requests are written as they come, without
//! waiting for the answers to earlier ones, and answered in that order.
//!
//! One round trip per call would bound a scheduler to a few thousand
//! acknowledgements per second; this way many share one packet.
//!
//! Invariant: every call handed in is answered once, or fails once, unless
//! the whole thing is dropped.

use std::collections::VecDeque;

use bytes::Bytes;
use mesos_driver::SendKey;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{Target, connect, response};

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered { status: u16, body: Bytes },
    Failed { reason: String },
}

/// The end of one call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) send: SendKey,
    pub(crate) outcome: Outcome,
}

struct Request {
    send: SendKey,
    bytes: Vec<u8>,
}

/// The connection to one server; dropping it drops what is under way.
#[derive(Debug)]
pub(crate) struct Calls {
    authority: String,
    head: String,
    // Bounded by the drivers, which refuse calls beyond their limit of outstanding ones.
    requests: mpsc::UnboundedSender<Request>,
    /// How many calls the system has not taken yet.
    unwritten: watch::Sender<usize>,
    task: JoinHandle<()>,
}

impl Calls {
    /// A connection that is opened with the first call.
    pub(crate) fn new(
        authority: String,
        target: &Target,
        answers: mpsc::UnboundedSender<Answer>,
    ) -> Self {
        let (requests, receiver) = mpsc::unbounded_channel();
        let media_type = target.content_type.media_type();
        let mut head = format!(
            "POST {} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: {media_type}\r\n\
             Accept: {media_type}\r\n",
            target.path
        );
        if let Some(authorization) = &target.authorization {
            head.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        let unwritten = watch::Sender::new(0);
        let task = tokio::spawn(serve(authority.clone(), receiver, answers, unwritten.clone()));
        Calls { authority, head, requests, unwritten, task }
    }

    /// The server that the calls go to.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// How many calls the system has not taken; those that have failed count no more.
    pub(crate) fn unwritten(&self) -> watch::Receiver<usize> {
        self.unwritten.subscribe()
    }

    /// Sends a call after those sent before.
    pub(crate) fn send(&self, send: SendKey, stream_id: Option<&str>, body: &[u8]) {
        let mut bytes = self.head.clone().into_bytes();
        if let Some(stream_id) = stream_id {
            // The id came in a header, so it holds no line break.
            bytes.extend_from_slice(format!("Mesos-Stream-Id: {stream_id}\r\n").as_bytes());
        }
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        self.unwritten.send_modify(|count| *count += 1);
        // The task lives as long as `self`.
        let _ = self.requests.send(Request { send, bytes });
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Opens a connection whenever there is something to send and none is open.
async fn serve(
    authority: String,
    mut requests: mpsc::UnboundedReceiver<Request>,
    answers: mpsc::UnboundedSender<Answer>,
    unwritten: watch::Sender<usize>,
) {
    while let Some(first) = requests.recv().await {
        let mut waiting = VecDeque::from([first.send]);
        let reason = match connect(&authority).await {
            Ok(socket) => {
                let writing = Writing { first: first.bytes, unwritten: &unwritten };
                exchange(socket, writing, &mut waiting, &mut requests, &answers).await
            }
            Err(error) => format!("cannot connect to {authority}: {error}"),
        };
        unwritten.send_replace(requests.len());
        for send in waiting {
            let outcome = Outcome::Failed { reason: reason.clone() };
            if answers.send(Answer { send, outcome }).is_err() {
                return;
            }
        }
    }
}

/// What a connection has to write first, and who is told of what was written.
struct Writing<'a> {
    first: Vec<u8>,
    unwritten: &'a watch::Sender<usize>,
}

/// Serves one connection until it ends; returns why. `waiting` are the calls without an answer.
async fn exchange(
    socket: TcpStream,
    Writing { first, unwritten }: Writing<'_>,
    waiting: &mut VecDeque<SendKey>,
    requests: &mut mpsc::UnboundedReceiver<Request>,
    answers: &mpsc::UnboundedSender<Answer>,
) -> String {
    let (mut reader, writer) = socket.into_split();
    let (batches, receiver) = mpsc::unbounded_channel();
    let mut writing = Box::pin(write(writer, receiver, unwritten));
    let mut received = Vec::new();
    if batches.send(first).is_err() {
        return "the connection ended".to_owned();
    }
    loop {
        tokio::select! {
            biased;
            ended = read(&mut reader, &mut received) => {
                match take_answers(&mut received, ended.is_some(), waiting, answers) {
                    Ok(true) => {}
                    Ok(false) => return "the connection was closed after an answer".to_owned(),
                    Err(reason) => return reason,
                }
                if let Some(reason) = ended {
                    return reason;
                }
            }
            request = requests.recv() => {
                let Some(request) = request else {
                    return "the client has gone".to_owned();
                };
                waiting.push_back(request.send);
                if batches.send(request.bytes).is_err() {
                    return "the connection ended".to_owned();
                }
            }
            reason = &mut writing => return reason,
        }
    }
}

/// Reads once; says why there is no more to read, if so.
async fn read(reader: &mut OwnedReadHalf, received: &mut Vec<u8>) -> Option<String> {
    match reader.read_buf(received).await {
        Ok(0) => Some("the connection was closed by the other side".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// Passes on the complete answers; `false` when the server closes the connection after one.
fn take_answers(
    received: &mut Vec<u8>,
    ended: bool,
    waiting: &mut VecDeque<SendKey>,
    answers: &mpsc::UnboundedSender<Answer>,
) -> Result<bool, String> {
    while let Some(answered) = response::take(received, ended)? {
        let Some(send) = waiting.pop_front() else {
            return Err("an answer came to no call".to_owned());
        };
        let outcome = Outcome::Answered { status: answered.status, body: answered.body };
        if answers.send(Answer { send, outcome }).is_err() {
            return Err("the client has gone".to_owned());
        }
        if answered.close {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes everything that is there in one go, for as long as it works; returns why it does not.
async fn write(
    mut writer: OwnedWriteHalf,
    mut batches: mpsc::UnboundedReceiver<Vec<u8>>,
    unwritten: &watch::Sender<usize>,
) -> String {
    while let Some(mut bytes) = batches.recv().await {
        let mut calls = 1;
        while let Ok(more) = batches.try_recv() {
            bytes.extend_from_slice(&more);
            calls += 1;
        }
        if let Err(error) = writer.write_all(&bytes).await {
            return error.to_string();
        }
        unwritten.send_modify(|count| *count -= calls);
    }
    std::future::pending().await
}
