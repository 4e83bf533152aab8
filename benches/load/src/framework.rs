// SPDX-License-Identifier: Apache-2.0

//! A framework on the v1 scheduler API, in protobuf: one stream of events, and
//! one connection for everything else, as Mesos's own client library has it.

use std::{net::SocketAddr, rc::Rc, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use mesos_core::recordio::Decoder;
use mesos_proto::v1::{
    AgentId, Filters, FrameworkId, FrameworkInfo, OfferId, TaskId, TaskStatus, offer,
    scheduler::{Call, Event, call},
};
use prost::Message;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::http::{Calls, Stream};

const PATH: &str = "/api/v1/scheduler";
/// No event is larger: all offers of a large cluster come in one.
const EVENT_MAX: usize = 1 << 30;
/// How long a subscription may take.
const SUBSCRIBING: Duration = Duration::from_secs(120);

/// How a framework behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Prompt,
    /// Rests for so long after each piece of its stream.
    Slow(Duration),
    /// Never reads its stream once it is subscribed.
    Stalled,
    /// Makes every call twice.
    Repeating,
}

/// A subscribed framework. Its stream ends with the value.
pub struct Framework {
    /// How it makes calls.
    pub caller: Caller,
    /// What it is told.
    pub events: mpsc::UnboundedReceiver<Box<Event>>,
    reader: JoinHandle<()>,
}

impl Drop for Framework {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Framework {
    /// Subscribes and waits until the master says so.
    pub async fn subscribe(
        master: SocketAddr,
        info: FrameworkInfo,
        suppressed: bool,
        manner: Manner,
    ) -> Result<Self> {
        let name = info.name.clone();
        let subscribing = Self::try_subscribe(master, info, suppressed, manner);
        let subscribed = timeout(SUBSCRIBING, subscribing).await;
        subscribed
            .with_context(|| format!("no answer within {SUBSCRIBING:?}"))
            .and_then(|result| result)
            .with_context(|| format!("subscribing {name}"))
    }

    async fn try_subscribe(
        master: SocketAddr,
        info: FrameworkInfo,
        suppressed: bool,
        manner: Manner,
    ) -> Result<Self> {
        let suppressed_roles = if suppressed { info.roles.clone() } else { Vec::new() };
        let call = Call {
            framework_id: info.id.clone(),
            r#type: Some(call::Type::Subscribe.into()),
            subscribe: Some(call::Subscribe {
                framework_info: info,
                suppressed_roles,
                offer_constraints: None,
            }),
            ..Default::default()
        };
        let request = request(&head(master, None), &call);
        let mut stream = Stream::open(master, &request).await?;
        let mut decoder = Decoder::new(EVENT_MAX);
        let first = loop {
            decoder.feed(&stream.piece().await?);
            if let Some(record) = decoder.next_record()? {
                break Event::decode(record)?;
            }
        };
        let Some(subscribed) = first.subscribed else { bail!("the first event is {first:?}") };
        let caller = Caller {
            calls: Calls::connect(master).await?,
            head: head(master, Some(&stream.stream_id)).into(),
            id: subscribed.framework_id,
            repeating: manner == Manner::Repeating,
        };
        let (events, received) = mpsc::unbounded_channel();
        let reader = tokio::task::spawn_local(async move {
            // The end of the stream ends the events, which is all there is to say.
            let _ = read(stream, decoder, events, manner).await;
        });
        Ok(Framework { caller, events: received, reader })
    }

    /// The next event; fails when there is none for too long.
    pub async fn next(&mut self, patience: Duration) -> Result<Box<Event>> {
        let event = timeout(patience, self.events.recv()).await;
        event.with_context(|| format!("no event for {patience:?}"))?.context("the stream has ended")
    }
}

async fn read(
    mut stream: Stream,
    mut decoder: Decoder,
    events: mpsc::UnboundedSender<Box<Event>>,
    manner: Manner,
) -> Result<()> {
    loop {
        while let Some(record) = decoder.next_record()? {
            let mut event = Box::<Event>::default();
            event.merge(record)?;
            events.send(event)?;
        }
        match manner {
            Manner::Prompt | Manner::Repeating => {}
            Manner::Slow(rest) => sleep(rest).await,
            Manner::Stalled => std::future::pending().await,
        }
        decoder.feed(&stream.piece().await?);
    }
}

/// Makes the calls of one framework; cheap to clone.
#[derive(Clone)]
pub struct Caller {
    calls: Calls,
    head: Rc<str>,
    /// The framework.
    pub id: FrameworkId,
    repeating: bool,
}

impl Caller {
    /// Sends a call after those before it, without waiting for its answer.
    pub fn call(&self, kind: call::Type, call: Call) {
        let call = Call { framework_id: Some(self.id.clone()), r#type: Some(kind.into()), ..call };
        let request = request(&self.head, &call);
        if self.repeating {
            self.calls.send(request.clone());
        }
        self.calls.send(request);
    }

    /// Uses an offer; what is left of it is wanted again at once.
    pub fn accept(&self, offer: OfferId, operations: Vec<offer::Operation>) {
        let filters = Some(Filters { refuse_seconds: Some(0.0) });
        let accept = call::Accept { offer_ids: vec![offer], operations, filters };
        self.call(call::Type::Accept, Call { accept: Some(accept), ..Default::default() });
    }

    /// Gives offers back for a while.
    pub fn decline(&self, offer_ids: Vec<OfferId>, refuse_seconds: f64) {
        let filters = Some(Filters { refuse_seconds: Some(refuse_seconds) });
        let decline = call::Decline { offer_ids, filters };
        self.call(call::Type::Decline, Call { decline: Some(decline), ..Default::default() });
    }

    /// Wants no offers any more.
    pub fn suppress(&self) {
        let suppress = call::Suppress::default();
        self.call(call::Type::Suppress, Call { suppress: Some(suppress), ..Default::default() });
    }

    /// Acknowledges an update, if it asks for that.
    pub fn acknowledge(&self, status: &TaskStatus) {
        let (Some(uuid), Some(agent_id)) = (&status.uuid, &status.agent_id) else { return };
        let acknowledge = call::Acknowledge {
            agent_id: agent_id.clone(),
            task_id: status.task_id.clone(),
            uuid: uuid.clone(),
        };
        let call = Call { acknowledge: Some(acknowledge), ..Default::default() };
        self.call(call::Type::Acknowledge, call);
    }

    /// Asks for the state of these tasks, or of all when there are none.
    pub fn reconcile(&self, tasks: impl Iterator<Item = (TaskId, Option<AgentId>)>) {
        let tasks = tasks.map(|(task_id, agent_id)| call::reconcile::Task { task_id, agent_id });
        let reconcile = call::Reconcile { tasks: tasks.collect() };
        self.call(call::Type::Reconcile, Call { reconcile: Some(reconcile), ..Default::default() });
    }

    /// Ends the framework.
    pub fn teardown(&self) {
        self.call(call::Type::Teardown, Call::default());
    }

    /// Fails if the master refused a call.
    pub fn check(&self) -> Result<()> {
        match &self.calls.tally().first_refusal {
            Some(text) => bail!("the master refused a call: {text}"),
            None => Ok(()),
        }
    }
}

fn head(master: SocketAddr, stream_id: Option<&str>) -> String {
    let mut head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {master}\r\n\
         Content-Type: application/x-protobuf\r\nAccept: application/x-protobuf\r\n"
    );
    if let Some(stream_id) = stream_id {
        head.push_str(&format!("Mesos-Stream-Id: {stream_id}\r\n"));
    }
    head
}

fn request(head: &str, call: &Call) -> Bytes {
    let body = call.encode_to_vec();
    let mut request = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend_from_slice(&body);
    request.into()
}
