// SPDX-License-Identifier: Apache-2.0

//! Bytes to messages and back: the wire's heads, RecordIO, protobuf, JSON.
//!
//! The messages are those that a large cluster is made of: an agent that comes
//! back with ten tasks of ten labels, an offer, an update, an ACCEPT with one
//! task.

use std::hint::black_box;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use mesos_core::recordio;
use mesos_load::cluster::{self, Population};
use mesos_proto::{
    decode,
    internal::{ReregisterSlaveMessage, StatusUpdate, StatusUpdateMessage},
    json,
    partial::Reregistration,
    v1::{
        AgentId, FrameworkId, Offer, OfferId, TaskId, TaskState, TaskStatus,
        scheduler::{Call, Event, call, event},
    },
};
use mesos_wire::{Incoming, Upid, classify, encode};
use prost::Message;

use crate::meter::Meter;

const MESSAGES: usize = 100;
const OFFERS: usize = 1_000;
const RECORDS: usize = 1_000;

/// Measures all of it.
pub fn run(meter: &mut Meter) {
    wire(meter);
    protobuf(meter);
    records(meter);
    documents(meter);
}

fn update() -> StatusUpdateMessage {
    let task_id = TaskId { value: "task-17-3".to_owned() };
    let uuid = Some(Bytes::from_static(b"0123456789abcdef"));
    let status = TaskStatus {
        task_id,
        state: TaskState::TaskRunning.into(),
        agent_id: Some(cluster::former_id(17)),
        timestamp: Some(1_700_000_000.0),
        uuid: uuid.clone(),
        ..Default::default()
    };
    let update = StatusUpdate {
        framework_id: cluster::framework_id(1),
        agent_id: Some(cluster::former_id(17)),
        status,
        timestamp: 1_700_000_000.0,
        uuid,
        ..Default::default()
    };
    StatusUpdateMessage { update, pid: Some("slave(17)@127.0.0.1:5051".to_owned()) }
}

fn accept() -> Call {
    let agent = AgentId { value: "3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-S17".to_owned() };
    let launch = cluster::launch(&agent, 17, 1, &cluster::task_resources());
    let offer_ids = vec![OfferId { value: "3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-O1".to_owned() }];
    Call {
        framework_id: Some(FrameworkId { value: "3f29e0a1-5d0c-4c1b-9a47-0001".to_owned() }),
        r#type: Some(call::Type::Accept.into()),
        accept: Some(call::Accept { offer_ids, operations: vec![launch], filters: None }),
        ..Default::default()
    }
}

fn offers(count: usize) -> Event {
    let offer = |number: usize| Offer {
        id: OfferId { value: format!("3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-O{number}") },
        framework_id: cluster::framework_id(1),
        agent_id: cluster::former_id(number),
        hostname: format!("host-{number}"),
        resources: cluster::agent_info(number, 5051).resources,
        ..Default::default()
    };
    Event {
        r#type: Some(event::Type::Offers.into()),
        offers: Some(event::Offers { offers: (0..count).map(offer).collect() }),
        ..Default::default()
    }
}

fn wire(meter: &mut Meter) {
    let mut headers = HeaderMap::new();
    headers.insert("libprocess-from", HeaderValue::from_static("slave(17)@127.0.0.1:5051"));
    let path = "/master/mesos.internal.StatusUpdateMessage";
    meter.measure("wire-classify", MESSAGES, || {
        for _ in 0..MESSAGES {
            let found = classify(&Method::POST, black_box(path), black_box(&headers));
            assert!(matches!(black_box(found), Incoming::Message(_)));
        }
    });
    let from: Upid = "slave(17)@127.0.0.1:5051".parse().expect("it is one");
    let to: Upid = "master@127.0.0.1:5050".parse().expect("it is one");
    let update = update();
    let mut buffer = Vec::new();
    meter.measure("wire-encode-update", MESSAGES, || {
        for _ in 0..MESSAGES {
            buffer.clear();
            encode(&from, &to, black_box(&update), &mut buffer);
        }
    });
}

fn protobuf(meter: &mut Meter) {
    let population = Population { tasks: 10, completed: 0, labels: 10, frameworks: 5 };
    let reregister = cluster::reregister(17, 5051, &population).encode_to_vec();
    meter.measure("protobuf-decode-reregistration", MESSAGES, || {
        for _ in 0..MESSAGES {
            let message: ReregisterSlaveMessage =
                decode(black_box(&reregister)).expect("it is one");
            black_box(message);
        }
    });
    let reregister = Bytes::from(reregister);
    meter.measure("protobuf-read-reregistration", MESSAGES, || {
        for _ in 0..MESSAGES {
            // As the master does: its tasks stay encoded.
            let message = Reregistration::read(black_box(reregister.clone()));
            black_box(message.expect("it is one"));
        }
    });
    let update = update().encode_to_vec();
    meter.measure("protobuf-decode-update", MESSAGES, || {
        for _ in 0..MESSAGES {
            let message: StatusUpdateMessage = decode(black_box(&update)).expect("it is one");
            black_box(message);
        }
    });
    let accept = accept().encode_to_vec();
    meter.measure("protobuf-decode-accept", MESSAGES, || {
        for _ in 0..MESSAGES {
            let call: Call = decode(black_box(&accept)).expect("it is one");
            black_box(call);
        }
    });
    let offers = offers(OFFERS);
    meter.measure("protobuf-encode-offer", OFFERS, || {
        black_box(black_box(&offers).encode_to_vec());
    });
}

fn records(meter: &mut Meter) {
    let record = offers(1).encode_to_vec();
    let mut stream = Vec::new();
    meter.measure("recordio-encode", RECORDS, || {
        (0..RECORDS).for_each(|_| recordio::encode_into(black_box(&record), &mut stream));
    });
    let mut seen = 0;
    meter.measure("recordio-decode", RECORDS, || {
        let mut decoder = recordio::Decoder::new(1 << 20);
        for piece in stream.chunks(16 << 10) {
            seen += decoder.decode(piece).expect("it is well-formed").len();
        }
    });
    assert_eq!(seen, RECORDS);
    let some = &stream[..stream.len() / 100];
    meter.measure("recordio-decode-byte-by-byte", some.len(), || {
        let mut decoder = recordio::Decoder::new(1 << 20);
        for byte in some {
            decoder.feed(std::slice::from_ref(byte));
            black_box(decoder.next_record().expect("it is well-formed"));
        }
    });
}

fn documents(meter: &mut Meter) {
    let offers = offers(OFFERS);
    meter.measure("json-write-offer", OFFERS, || {
        black_box(json::to_json(black_box(&offers)));
    });
    let population = Population { tasks: 100, completed: 0, labels: 10, frameworks: 5 };
    let tasks = cluster::reregister(17, 5051, &population).tasks;
    let mut buffer = Vec::new();
    meter.measure("json-write-task", tasks.len(), || {
        for task in &tasks {
            buffer.clear();
            json::write_json(task, &mut buffer);
        }
    });
    let accept = json::to_json(&accept());
    meter.measure("json-read-accept", MESSAGES, || {
        for _ in 0..MESSAGES {
            let call: Call = json::from_json(black_box(accept.as_bytes())).expect("it is one");
            black_box(call);
        }
    });
}
