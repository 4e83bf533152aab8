// SPDX-License-Identifier: Apache-2.0

//! SUBSCRIBE: a scheduler comes, or comes back.
//!
//! What is malformed is answered with an HTTP error. What is refused for its
//! meaning is answered with 200 and a stream of one ERROR, as Mesos does. With
//! the id of a framework that is not completed, the newest subscription wins.

use std::{collections::BTreeSet, sync::Arc};

use mesos_allocator::{Constraints, FrameworkKey, FrameworkSpec};
use mesos_core::{
    resources::Resources,
    trial::{self, Defect},
    validation::framework,
};
use mesos_proto::v1::{
    FrameworkId, FrameworkInfo,
    scheduler::{Call, OfferConstraints, call},
};

use super::{Framework, FrameworkCapabilities, Stream, roles_of};
use crate::{calls, change::FrameworkRecord, input::StreamKey, master::Master, output::Output};

/// A valid wish of a framework to be part of the cluster.
pub(super) struct Wish {
    pub(super) info: FrameworkInfo,
    pub(super) suppressed: BTreeSet<String>,
    pub(super) offer_constraints: OfferConstraints,
    pub(super) constraints: Arc<Constraints>,
}

impl Wish {
    /// How the allocator sees it.
    pub(super) fn spec(&self, id: &str) -> FrameworkSpec {
        let (suppressed, constraints) = (self.suppressed.clone(), self.constraints.clone());
        FrameworkSpec::from_info(id, &self.info, suppressed, constraints)
    }
}

impl Master {
    /// Input: SUBSCRIBE.
    pub(crate) fn subscribe(
        &mut self,
        stream: StreamKey,
        call: Call,
        stream_id: Option<&str>,
        principal: Option<&str>,
    ) {
        trial::reached("calls", "SUBSCRIBE");
        let subscribe = match check_shape(call, stream_id, principal) {
            Ok(subscribe) => subscribe,
            Err(body) => {
                return self.outputs.push_back(Output::RefuseSubscribe {
                    stream,
                    status: 400,
                    body,
                });
            }
        };
        match id_of(&subscribe.framework_info) {
            "" => self.metrics.messages_register_framework += 1,
            _given => self.metrics.messages_reregister_framework += 1,
        }
        let id = self.rng.uuid_text();
        self.outputs.push_back(Output::Subscribed { stream, stream_id: id.clone() });
        let name = subscribe.framework_info.name.clone();
        let stream = Stream { key: stream, id };
        let subscribed = self.wish(subscribe).and_then(|wish| match id_of(&wish.info) {
            "" => {
                self.add_new_framework(wish, stream.clone());
                Ok(())
            }
            _given => self.subscribe_again(wish, stream.clone()),
        });
        if let Err(message) = subscribed {
            self.warn(format!("Refusing the subscription of framework '{name}': {message}"));
            self.end_stream(stream.key, &message);
        }
    }

    fn wish(&self, subscribe: call::Subscribe) -> Result<Wish, String> {
        self.validate_framework(&subscribe.framework_info, &subscribe.suppressed_roles)?;
        let suppressed = subscribe.suppressed_roles.into_iter().collect();
        let offer_constraints = subscribe.offer_constraints.unwrap_or_default();
        let constraints = self.compile(&offer_constraints)?;
        Ok(Wish { info: subscribe.framework_info, suppressed, offer_constraints, constraints })
    }

    /// Compiles offer constraints within the limits of this master.
    pub(super) fn compile(
        &self,
        constraints: &OfferConstraints,
    ) -> Result<Arc<Constraints>, String> {
        let limits = self.config.allocator.constraint_limits;
        let compiled = Constraints::compile(constraints, limits);
        compiled.map(Arc::new).map_err(|error| error.to_string())
    }

    /// A framework without an id.
    fn add_new_framework(&mut self, mut wish: Wish, stream: Stream) {
        wish.info.id = Some(FrameworkId { value: self.new_framework_id() });
        let key = self.add_framework(wish, Some(stream));
        self.send_subscribed(key);
        self.store_framework(key, None);
    }

    /// An id that no framework has or had, not even one that made it up.
    fn new_framework_id(&mut self) -> String {
        loop {
            let number = self.frameworks.next_id;
            self.frameworks.next_id += 1;
            let id = format!("{}-{number:04}", self.config.master_info.id);
            let taken = self.frameworks.completed.contains_key(id.as_str());
            if !taken && self.frameworks.find(&id).is_none() {
                return id;
            }
        }
    }

    /// Adds a framework; recovered unless it has a stream.
    pub(super) fn add_framework(&mut self, wish: Wish, stream: Option<Stream>) -> FrameworkKey {
        let id: Arc<str> = id_of(&wish.info).into();
        let key = self.frameworks.registered.next_key();
        let connected = stream.is_some();
        let row = [
            "(none) | an agent or the registry knows it",
            "(none) | SUBSCRIBE, with or without an id",
        ];
        trial::reached("frameworks", row[usize::from(connected)]);
        let record = FrameworkRecord {
            key,
            id: id.clone(),
            roles: roles_of(&wish.info),
            suppressed_roles: wish.suppressed.iter().cloned().collect(),
            offer_constraints: Arc::new(wish.offer_constraints.clone()),
            info: Arc::new(wish.info.clone()),
            active: connected,
            connected,
            recovered: !connected,
            registered_time: self.now,
            reregistered_time: self.now,
            unregistered_time: None,
        };
        if let Some(stream) = &stream {
            self.frameworks.by_stream.insert(stream.key, key);
        }
        self.frameworks.registered.insert(Framework {
            record: Arc::new(record),
            capabilities: FrameworkCapabilities::new(&wish.info),
            constraints: wish.constraints.clone(),
            stream,
            heartbeat: None,
            failover: None,
            tasks: Default::default(),
            unreachable: Default::default(),
            told: None,
            shapes: Default::default(),
            executors: Default::default(),
            offers: Default::default(),
            used: Resources::default(),
            offered: Resources::default(),
        });
        self.frameworks.by_id.insert(id.clone(), key);
        let spec = wish.spec(&id);
        self.allocator.add_framework(key, spec, connected);
        self.framework_changed(key);
        key
    }

    /// A framework with an id; one that was never given out is taken as it is.
    fn subscribe_again(&mut self, mut wish: Wish, stream: Stream) -> Result<(), String> {
        let id = id_of(&wish.info).to_owned();
        let Some(key) = self.frameworks.find(&id) else {
            let key = self.add_framework(wish, Some(stream));
            self.send_subscribed(key);
            self.store_framework(key, None);
            return Ok(());
        };
        let current = self.frameworks.registered[key].record.info.clone();
        framework::preserve_immutable(&current, &mut wish.info);
        framework::update(&current, &wish.info).map_err(|error| error.to_string())?;
        let is_other = *current != wish.info;
        let record = &self.frameworks.registered[key].record;
        trial::reached(
            "frameworks",
            match (record.recovered, record.connected) {
                (true, _) => "recovered | SUBSCRIBE",
                (false, true) => "connected | SUBSCRIBE (the older stream is closed)",
                (false, false) => "disconnected | SUBSCRIBE",
            },
        );
        // First, since the new stream must begin with SUBSCRIBED and not with RESCIND.
        self.discard_offers_of_framework(key);
        self.replace_stream(key, stream);
        self.update_framework(key, wish);
        self.allocator.activate_framework(key);
        let framework = &mut self.frameworks.registered[key];
        let failover = framework.failover.take();
        let record = Arc::make_mut(&mut framework.record);
        record.reregistered_time = self.now;
        record.recovered = false;
        record.connected = true;
        record.active = true;
        self.timers.cancel(failover);
        self.framework_changed(key);
        self.send_subscribed(key);
        if is_other {
            self.broadcast_framework(key);
        }
        self.store_framework(key, None);
        Ok(())
    }

    /// The new stream takes the place of the old one, which is told and ended.
    fn replace_stream(&mut self, key: FrameworkKey, stream: Stream) {
        let framework = &mut self.frameworks.registered[key];
        let heartbeat = framework.heartbeat.take();
        self.frameworks.by_stream.insert(stream.key, key);
        let old = framework.stream.replace(stream);
        self.timers.cancel(heartbeat);
        if let Some(old) = old.filter(|_| !trial::has(Defect::OldStreamKept)) {
            self.frameworks.by_stream.remove(&old.key);
            self.end_stream(old.key, "Framework failed over");
        }
    }

    /// Tells every agent about a framework: one may have an executor of it
    /// that the master does not know.
    pub(super) fn broadcast_framework(&mut self, key: FrameworkKey) {
        let agents: Vec<_> = self.agents.registered.keys().collect();
        for agent in agents {
            self.send_framework(agent, key);
        }
    }
}

/// What makes a SUBSCRIBE malformed; also fills in the authenticated principal.
fn check_shape(
    mut call: Call,
    stream_id: Option<&str>,
    principal: Option<&str>,
) -> Result<call::Subscribe, String> {
    calls::validate(&call, principal)?;
    if stream_id.is_some() {
        return Err("Subscribe calls should not include the 'Mesos-Stream-Id' header".to_owned());
    }
    let mut subscribe = call.subscribe.take().unwrap_or_default();
    let info = &mut subscribe.framework_info;
    info.principal = info.principal.take().or_else(|| principal.map(str::to_owned));
    Ok(subscribe)
}

/// The id in a framework's info; empty when there is none.
pub(super) fn id_of(info: &FrameworkInfo) -> &str {
    info.id.as_ref().map_or("", |id| id.value.as_str())
}
