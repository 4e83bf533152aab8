// SPDX-License-Identifier: Apache-2.0

//! Connections to a master, from their first byte to their last.
//!
//! A whole master without sockets: the server's code on a pipe in memory, the
//! endpoints, the engine, the views and a registry in memory. The first two
//! bytes of the input say in what pieces the rest arrives, and how much may
//! wait to be read.
//!
//! Messages of agents end here at their head, because a master would open
//! connections to whatever address they name: `wire` and `scheduler_calls` have them.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::StatusCode;
use mesos_core::time::Time;
use mesos_daemon::clock::Clock;
use mesos_master::{
    engine::{Engine, Surroundings},
    http::Api,
    metrics::Sources,
    registry::MemoryStore,
    views::{self, Bounds, Static},
};
use mesos_master_state::{Config, Master, RegistrySnapshot};
use mesos_net::{Body, Reply, Request, Settings, model::BuildInfo, serve_stream};
use mesos_proto::v1;
use mesos_wire::{Incoming, Peers, Upid, classify};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    runtime::Builder,
    sync::mpsc,
};

/// Bounds small enough for a fuzzer to meet them.
const MAX_BODY_BYTES: usize = 16 << 10;
const MAX_HEAD_BYTES: usize = 8 << 10;
const MAX_HEADERS: usize = 32;

/// No input makes a master of this size say more.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Sends the rest of `data` to a new master, and reads what it says.
pub fn run(data: &[u8]) {
    let [piece, window, bytes @ ..] = data else { return };
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let answer = runtime.block_on(converse(bytes, usize::from(*piece), usize::from(*window)));
    assert!(answer.len() <= MAX_ANSWER_BYTES, "{} bytes of answers", answer.len());
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "no answer of HTTP");
}

/// Everything the master says until it closes the connection.
async fn converse(bytes: &[u8], piece: usize, window: usize) -> Vec<u8> {
    let api = start();
    let handler = move |request| answer(api.clone(), request);
    let settings = Settings {
        max_body_bytes: MAX_BODY_BYTES,
        max_head_bytes: MAX_HEAD_BYTES,
        max_headers: MAX_HEADERS,
        ..Settings::default()
    };
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    let (client, server) = duplex(64 * (window + 1));
    let serving = serve_stream(server, peer, settings, handler);
    let (mut reading, mut writing) = tokio::io::split(client);
    let talking = async {
        for piece in bytes.chunks(64 * (piece + 1)) {
            // A server that has heard enough hangs up.
            if writing.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        let _ = writing.shutdown().await;
    };
    let mut heard = Vec::new();
    let listening = async {
        let mut limited = (&mut reading).take(MAX_ANSWER_BYTES as u64 + 1);
        let _ = limited.read_to_end(&mut heard).await;
    };
    tokio::join!(serving, talking, listening);
    heard
}

/// What the master answers, if it is none of an agent's messages.
async fn answer(api: Api, request: Request) -> Reply {
    let is_message =
        classify(&request.method, &request.path, &request.headers) != Incoming::NotAMessage;
    if is_message {
        return Reply::empty(StatusCode::ACCEPTED);
    }
    assert!(request.body.len() <= MAX_BODY_BYTES, "a body beyond the bound");
    let mut reply = api.handle(request).await;
    assert_ne!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{reply:?}");
    // A stream lasts as long as its client, which here is gone already.
    if let Body::Stream(_) = reply.body {
        reply.body = Bytes::from_static(b"a stream").into();
    }
    reply
}

/// A master that nobody has spoken to.
fn start() -> Api {
    let clock = Clock::start();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 5050));
    let info = v1::MasterInfo { id: "m".to_owned(), port: 5050, ..Default::default() };
    let fixed = Static {
        info: info.clone(),
        build: BuildInfo::current(),
        start_time: clock.started(),
        elected_time: clock.now(),
        flags: [("port", "5050".to_owned())].into(),
    };
    let (feed, views) = views::start(fixed, Bounds { completed_frameworks: 2, completed_tasks: 2 });
    let (broken, broken_links) = mpsc::channel(1);
    let surroundings = Surroundings {
        clock,
        upid: Upid::new("master", address),
        peers: Peers::new(mesos_wire::Settings::default(), broken),
        broken_links,
        feed,
        max_stream_bytes: 64 << 10,
        store_timeout: Duration::from_secs(60),
    };
    let machine = Master::new(Config::new(info), RegistrySnapshot::default(), Time::EPOCH, 1);
    let (engine, handle, _) =
        Engine::new(machine, MemoryStore, surroundings).expect("threads are to be had");
    tokio::spawn(async {
        if let Err(fatal) = engine.run().await {
            panic!("a client ended the master: {fatal}");
        }
    });
    Api::new(handle, views, Sources { clock, per_framework: true })
}
