// SPDX-License-Identifier: Apache-2.0

//! Whether a request is a message, and between whom.

use http::{HeaderMap, Method, header};

use crate::Upid;

/// The header by which a sender names itself.
const FROM: &str = "Libprocess-From";
/// What the other such header, `User-Agent`, starts with.
const AGENT_PREFIX: &str = "libprocess/";

/// What a request turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// An ordinary HTTP request; the router has it.
    NotAMessage,
    /// A message; its body is the payload.
    Message(Envelope),
    /// It claims to be a message but is malformed: answer 400 with this text.
    Malformed(&'static str),
}

/// What the head of a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The process it is for: `master`, `slave(1)`.
    pub to: String,
    /// The message's full name: `mesos.internal.RegisterSlaveMessage`.
    pub name: String,
    /// The sender; `None` when its text is no process address. Mesos takes
    /// such a message, so it is for the receiver to say whether that matters.
    pub from: Option<Upid>,
}

/// Decides about one request from its head alone.
///
/// Mesos takes a POST for a message when either header is there; one that
/// speaks for itself as an ordinary client has neither.
pub fn classify(method: &Method, path: &str, headers: &HeaderMap) -> Incoming {
    if method != Method::POST {
        return Incoming::NotAMessage;
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let sender = match (headers.contains_key(FROM), text(header::USER_AGENT.as_str())) {
        (true, _) => text(FROM).unwrap_or_default(),
        (false, Some(agent)) => match agent.strip_prefix(AGENT_PREFIX) {
            Some(sender) => sender,
            None => return Incoming::NotAMessage,
        },
        (false, None) => return Incoming::NotAMessage,
    };
    let Some(rest) = path.strip_prefix('/') else {
        return Incoming::Malformed("Request URL path must start with '/'");
    };
    let (to, name) = rest.split_once('/').unwrap_or((rest, ""));
    match percent_decode(to) {
        Some(to) => Incoming::Message(Envelope {
            to,
            name: name.to_owned(),
            from: sender.trim().parse().ok(),
        }),
        None => Incoming::Malformed("Failed to decode URL path: bad percent-encoding"),
    }
}

fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let [high, low, tail @ ..] = tail else {
            return None;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(*high)? * 16 + digit(*low)?;
        bytes.push(u8::try_from(value).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}
