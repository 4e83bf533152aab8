// SPDX-License-Identifier: Apache-2.0

//! Messages between master, agents and drivers, from the bytes of their requests.
//!
//! The head is read as the daemons' server reads it; what it means is decided by
//! [`mesos_wire::classify`], and its body is read as each message that it may be.
//! What was understood is sent again and must arrive as the same.

use crate::reregistration;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use mesos_proto::{Described, internal, v0};
use mesos_wire::{Envelope, Incoming, Upid, WireMessage, classify, encode};

/// Headers that one request may have here.
const HEADERS_MAX: usize = 32;

/// A message's name, and what reads it and sends it again.
type Entry = (&'static str, fn(&Envelope, &[u8]));

macro_rules! table {
    ($($message:ident),* $(,)?) => {
        &[$((<internal::$message as WireMessage>::NAME, exchange::<internal::$message>)),*,
          (<v0::Call as WireMessage>::NAME, exchange::<v0::Call>)]
    };
}

const TABLE: &[Entry] = table!(
    RegisterSlaveMessage,
    ReregisterSlaveMessage,
    UnregisterSlaveMessage,
    UpdateSlaveMessage,
    StatusUpdateMessage,
    ExecutorToFrameworkMessage,
    ExitedExecutorMessage,
    UpdateOperationStatusMessage,
    PongSlaveMessage,
    SlaveRegisteredMessage,
    SlaveReregisteredMessage,
    PingSlaveMessage,
    ShutdownMessage,
    RunTaskMessage,
    RunTaskGroupMessage,
    KillTaskMessage,
    ShutdownExecutorMessage,
    ShutdownFrameworkMessage,
    FrameworkToExecutorMessage,
    UpdateFrameworkMessage,
    StatusUpdateAcknowledgementMessage,
    CheckpointResourcesMessage,
    ApplyOperationMessage,
    ReconcileOperationsMessage,
    AcknowledgeOperationStatusMessage,
    DrainSlaveMessage,
    RegisterExecutorMessage,
    ExecutorRegisteredMessage,
    ReregisterExecutorMessage,
    ExecutorReregisteredMessage,
    ReconnectExecutorMessage,
    SubmitSchedulerRequest,
    SubmitSchedulerResponse,
    RegisterFrameworkMessage,
    ReregisterFrameworkMessage,
    FrameworkRegisteredMessage,
    FrameworkReregisteredMessage,
    UnregisterFrameworkMessage,
    DeactivateFrameworkMessage,
    ResourceRequestMessage,
    ResourceOffersMessage,
    InverseOffersMessage,
    LaunchTasksMessage,
    RescindResourceOfferMessage,
    RescindInverseOfferMessage,
    ReviveOffersMessage,
    ReconcileTasksMessage,
    LostSlaveMessage,
    FrameworkErrorMessage,
);

/// Takes `data` for a request, and for a process address.
pub fn run(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        check_address(text);
    }
    let Some((incoming, body)) = read(data) else { return };
    let Incoming::Message(envelope) = incoming else { return };
    if let Some(from) = &envelope.from {
        check_address(&from.to_string());
    }
    // A name that is not in the table is dropped by the daemons; here it may be
    // any message, so that bodies are reached without knowing fifty names.
    let known = TABLE.iter().find(|(name, _)| *name == envelope.name);
    let made_up = || {
        let sum: usize = envelope.name.bytes().map(usize::from).sum();
        &TABLE[sum % TABLE.len()]
    };
    let (_, exchange) = known.unwrap_or_else(made_up);
    exchange(&envelope, body);
    reregistration::read(body);
}

/// What a request is, and its body; `None` when its head is none.
fn read(data: &[u8]) -> Option<(Incoming, &[u8])> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = request.parse(data) else { return None };
    let method: Method = request.method?.parse().ok()?;
    let uri: Uri = request.path?.parse().ok()?;
    let headers: HeaderMap = request
        .headers
        .iter()
        .map(|header| {
            let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(header.value).ok()?))
        })
        .collect::<Option<_>>()?;
    Some((classify(&method, uri.path(), &headers), &data[length..]))
}

/// An address that is taken is printed as it is read.
fn check_address(text: &str) {
    let Ok(upid) = text.parse::<Upid>() else { return };
    assert_eq!(upid.to_string().parse(), Ok(upid), "an address is not read as it is printed");
}

/// Reads a body as `M`, sends it on, and receives it.
fn exchange<M: WireMessage + Described + PartialEq>(envelope: &Envelope, body: &[u8]) {
    let Ok(message) = mesos_proto::decode::<M>(body) else { return };
    let Some(from) = &envelope.from else { return };
    let to = Upid::new("master", from.address);
    let mut request = Vec::new();
    encode(from, &to, &message, &mut request);
    let (incoming, body) = read(&request).expect("what is sent is a request");
    let Incoming::Message(arrived) = incoming else {
        panic!("what is sent is a message: {incoming:?}");
    };
    assert_eq!(arrived.name, M::NAME);
    assert_eq!(arrived.to, to.id);
    assert_eq!(arrived.from.as_ref(), Some(from));
    let body = one_chunk(body);
    let again = mesos_proto::decode::<M>(body).expect("what is sent is complete");
    // Compared as bytes: a number that is none equals nothing.
    assert_eq!(again.encode_to_vec(), message.encode_to_vec());
}

/// The content of a body in one chunk; an empty body has none.
fn one_chunk(body: &[u8]) -> &[u8] {
    if body.is_empty() {
        return body;
    }
    match httparse::parse_chunk_size(body) {
        Ok(httparse::Status::Complete((start, length))) => {
            let length = usize::try_from(length).expect("it was sent from memory");
            let (content, end) = body[start..].split_at(length);
            assert_eq!(end, b"\r\n0\r\n\r\n", "the last chunk");
            content
        }
        Ok(httparse::Status::Partial) | Err(_) => panic!("what is sent has a chunk"),
    }
}
