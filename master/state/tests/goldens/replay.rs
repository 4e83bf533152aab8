// SPDX-License-Identifier: Apache-2.0

//! Holds a recorded conversation with a master.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::{attributes, resources::Resources, time::Time};
use mesos_master_state::{
    Config, FromAgent, Input, Master, OperatorCall, Output, RegistrySnapshot, RequestKey,
    StreamKey, ToAgent,
};
use mesos_proto::{
    internal::{
        ExecutorToFrameworkMessage, ExitedExecutorMessage, RegisterSlaveMessage, StatusUpdate,
        StatusUpdateMessage,
    },
    json,
    v1::{self, FrameworkId, MasterInfo, TaskStatus, scheduler::Call},
};
use serde_json::{Value, json};

use crate::case::{Case, Moment};

struct Replay {
    master: Master,
    start: Time,
    now: Time,
    /// Recorded id → our id.
    ids: BTreeMap<String, String>,
    /// By exchange: our events that were not compared yet.
    events: BTreeMap<usize, VecDeque<Value>>,
    /// By exchange: our offers that have no recorded counterpart yet, and the reverse.
    offers: BTreeMap<usize, (VecDeque<String>, VecDeque<String>)>,
    frameworks: BTreeMap<usize, String>,
    answers: BTreeMap<u64, (u16, String)>,
    agents: Vec<String>,
    differences: Vec<String>,
}

/// Replays a case; gives back what is different.
pub fn replay(case: &Case) -> Vec<String> {
    let start = Time::from_nanos(1_795_400_000_000_000_000);
    let info = MasterInfo { id: "master".to_owned(), port: 5250, ..Default::default() };
    let mut config = Config::new(info);
    config.allocator.region = None;
    let mut replay = Replay {
        master: Master::new(config, RegistrySnapshot::default(), start, 1),
        start,
        now: start,
        ids: BTreeMap::new(),
        events: BTreeMap::new(),
        offers: BTreeMap::new(),
        frameworks: BTreeMap::new(),
        answers: BTreeMap::new(),
        agents: Vec::new(),
        differences: Vec::new(),
    };
    for (number, (resources, attributes)) in case.agents.iter().enumerate() {
        replay.register(number, resources, attributes);
    }
    for (at, moment) in &case.moments {
        if *at != u64::MAX {
            replay.advance_to(start + Duration::from_millis(*at));
        }
        replay.moment(moment);
    }
    replay.differences
}

impl Replay {
    fn moment(&mut self, moment: &Moment) {
        match moment {
            Moment::Call { exchange, body, headers, response } => {
                self.call(*exchange, body, headers, response);
            }
            Moment::Event { exchange, record } => self.recorded(*exchange, record),
            Moment::Closed { exchange } => {
                self.input(Input::StreamClosed { stream: StreamKey(*exchange as u64) });
            }
            Moment::TornDown { exchange } => {
                if let Some(value) = self.frameworks.get(exchange).cloned() {
                    let framework_id = FrameworkId { value };
                    let call = OperatorCall::Teardown { framework_id };
                    self.input(Input::Operator { request: RequestKey(u64::MAX), call });
                }
            }
        }
    }

    fn register(&mut self, number: usize, resources: &str, attributes: &str) {
        let agent = v1::AgentInfo {
            hostname: "127.0.0.1".to_owned(),
            port: Some(5260),
            resources: Resources::parse(resources, "*").expect("recorded flags").to_proto(),
            attributes: attributes::parse(attributes).unwrap_or_default(),
            ..Default::default()
        };
        let agent_capabilities =
            (1..=8).map(|number| v1::agent_info::Capability { r#type: Some(number) }).collect();
        let message = RegisterSlaveMessage {
            agent,
            version: Some("1.11.0".to_owned()),
            agent_capabilities,
            ..Default::default()
        };
        let pid = format!("slave(1)@127.0.0.1:{}", 5260 + number);
        self.agents.push(pid.clone());
        let message = FromAgent::Register(Box::new(message));
        self.input(Input::AgentMessage { pid, message });
    }

    fn input(&mut self, input: Input) {
        self.master.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.master.poll_output() {
            match output {
                Output::Store { write, .. } => {
                    self.master.handle(self.now, Input::RegistryStored { write });
                }
                Output::Ping { pid, observer, .. } => {
                    let message = FromAgent::Pong { observer };
                    self.master.handle(self.now, Input::AgentMessage { pid, message });
                }
                Output::Answer { request, status, body } => {
                    self.answers.insert(request.0, (status, body));
                }
                Output::RefuseSubscribe { stream, status, body } => {
                    self.answers.insert(stream.0, (status, body));
                }
                Output::Subscribed { stream, stream_id } => {
                    self.answers.insert(stream.0, (200, stream_id));
                }
                Output::Event { stream, event } => self.ours(stream.0 as usize, &event),
                Output::ToAgent { message: ToAgent::Registered(_), .. }
                | Output::ToAgent { .. }
                | Output::Link { .. }
                | Output::Unlink { .. }
                | Output::Explained { .. }
                | Output::CloseStream { .. }
                | Output::Change(_)
                | Output::Log { .. }
                | Output::Fatal { .. } => {}
            }
        }
    }

    fn ours(&mut self, exchange: usize, event: &v1::scheduler::Event) {
        let event: Value = serde_json::from_str(&json::to_json(event)).expect("our JSON is JSON");
        if event["type"] == "OFFERS" {
            let offers = event["offers"]["offers"].as_array().cloned().unwrap_or_default();
            let ids = offers.iter().filter_map(|it| it["id"]["value"].as_str());
            self.offers.entry(exchange).or_default().0.extend(ids.map(str::to_owned));
        } else if event["type"] != "HEARTBEAT" {
            self.events.entry(exchange).or_default().push_back(event);
        }
        self.match_offers(exchange);
    }

    fn match_offers(&mut self, exchange: usize) {
        let Some((ours, recorded)) = self.offers.get_mut(&exchange) else { return };
        while !ours.is_empty() && !recorded.is_empty() {
            let pair = recorded.pop_front().zip(ours.pop_front());
            self.ids.extend(pair);
        }
    }

    fn advance_to(&mut self, end: Time) {
        while let Some((at, _)) = self.master.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.input(Input::Wake);
        }
        self.now = self.now.max(end);
    }

    /// Waits until a recorded offer has its counterpart.
    fn wait_for_offers(&mut self, exchange: usize) {
        let limit = self.now + Duration::from_secs(12);
        while self.offers.get(&exchange).is_some_and(|(_, recorded)| !recorded.is_empty()) {
            let Some((at, _)) = self.master.poll_timeout().filter(|(at, _)| *at <= limit) else {
                return;
            };
            self.now = self.now.max(at);
            self.input(Input::Wake);
        }
    }

    fn translate(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let mut text = text.clone();
                if let Some(ours) = self.ids.get(&text) {
                    text.clone_from(ours);
                } else {
                    // Longest first, so that no id is taken for the start of another.
                    let mut ids: Vec<_> = self.ids.iter().collect();
                    ids.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
                    for (recorded, ours) in ids {
                        text = text.replace(recorded.as_str(), ours);
                    }
                }
                Value::String(text)
            }
            Value::Array(items) => items.iter().map(|it| self.translate(it)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, it)| (key.clone(), self.translate(it))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn call(&mut self, exchange: usize, body: &Value, headers: &Value, response: &Value) {
        let streams: Vec<usize> = self.offers.keys().copied().collect();
        streams.into_iter().for_each(|stream| self.wait_for_offers(stream));
        let mut body = self.translate(body);
        self.use_all_offers(&mut body);
        let text = body.to_string();
        // What is no call at all is the shell's to refuse.
        let Ok(call) = json::from_json::<Call>(text.as_bytes()) else { return };
        let named = |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("Mesos-Stream-Id");
        let mut headers = headers.as_object().into_iter().flatten();
        let stream_id = headers.find(named).and_then(|(_, id)| id.as_str());
        let stream_id = stream_id.map(|id| self.ids.get(id).cloned().unwrap_or(id.to_owned()));
        let call = Box::new(call);
        let is_subscribe = call.r#type() == v1::scheduler::call::Type::Subscribe;
        let key = exchange as u64;
        self.input(match is_subscribe && call.r#type.is_some() {
            true => Input::Subscribe { stream: StreamKey(key), call, stream_id, principal: None },
            false => {
                Input::SchedulerCall { request: RequestKey(key), stream_id, call, principal: None }
            }
        });
        let (status, answer) = self.answers.get(&key).cloned().unwrap_or_default();
        if is_subscribe && status == 200 {
            let recorded = response["headers"]["Mesos-Stream-Id"].as_str();
            self.ids.extend(recorded.map(|id| (id.to_owned(), answer.clone())));
        }
        let expected = self.translate(&response["body"]);
        let expected = expected.as_str().unwrap_or_default();
        let answer = if status == 200 && is_subscribe { "" } else { &answer };
        let (wanted, crashed) = (response["status"].as_u64(), response["status"].is_null());
        if !crashed && (wanted != Some(u64::from(status)) || expected != answer) {
            self.differences.push(format!(
                "  call {exchange} {text:.200}\n    recorded {wanted:?} {expected}\n    ours \
                 {status} {answer}"
            ));
        }
    }

    /// Where Mesos waits for its next tick and makes one offer, we may have made
    /// several sooner: they are used together.
    fn use_all_offers(&mut self, body: &mut Value) {
        let id = body["framework_id"]["value"].as_str().unwrap_or_default().to_owned();
        let stream = self.frameworks.iter().rev().find(|(_, framework)| **framework == id);
        let Some((ours, _)) = stream.and_then(|(stream, _)| self.offers.get_mut(stream)) else {
            return;
        };
        for list in ["/accept/offer_ids", "/decline/offer_ids"] {
            let Some(ids) = body.pointer_mut(list).and_then(Value::as_array_mut) else { continue };
            let is_ours = |id: &Value| self.ids.values().any(|ours| id["value"] == **ours);
            if ids.len() == 1 && is_ours(&ids[0]) {
                ids.extend(ours.drain(..).map(|id| json!({ "value": id })));
            }
        }
    }

    /// Something that happened on a recorded stream.
    fn recorded(&mut self, exchange: usize, record: &Value) {
        match record["type"].as_str().unwrap_or_default() {
            "HEARTBEAT" => {}
            "OFFERS" => {
                let offers = record["offers"]["offers"].as_array().cloned().unwrap_or_default();
                for offer in &offers {
                    let id = offer["id"]["value"].as_str().unwrap_or_default().to_owned();
                    self.learn_agent(offer);
                    self.offers.entry(exchange).or_default().1.push_back(id);
                }
                self.match_offers(exchange);
            }
            "FAILURE" if record["failure"]["executor_id"].is_object() => {
                self.executor_exits(exchange, record);
                self.compare(exchange, record);
            }
            "MESSAGE" => {
                self.executor_says(exchange, record);
                self.compare(exchange, record);
            }
            "SUBSCRIBED" => self.subscribed(exchange, record),
            "UPDATE" if record["update"]["status"]["source"] != "SOURCE_MASTER" => {
                self.report(exchange, record);
                self.compare(exchange, record);
            }
            _ => self.compare(exchange, record),
        }
    }

    fn learn_agent(&mut self, offer: &Value) {
        let id = offer["agent_id"]["value"].as_str().unwrap_or_default();
        let port = offer["url"]["address"]["port"].as_u64().unwrap_or(0);
        self.ids.insert(id.to_owned(), format!("master-S{}", port.saturating_sub(5260)));
    }

    fn subscribed(&mut self, exchange: usize, record: &Value) {
        let ours = self.events.entry(exchange).or_default().pop_front().unwrap_or_default();
        let id = |event: &Value| {
            event["subscribed"]["framework_id"]["value"].as_str().unwrap_or_default().to_owned()
        };
        self.ids.insert(id(record), id(&ours));
        self.frameworks.insert(exchange, id(&ours));
        if ours["type"] != "SUBSCRIBED" {
            self.differences.push(format!("  stream {exchange}: no SUBSCRIBED but {ours}"));
        }
    }

    /// The agent says what it said then.
    fn report(&mut self, exchange: usize, record: &Value) {
        let status = self.translate(&record["update"]["status"]);
        let status: TaskStatus =
            json::from_json(status.to_string().as_bytes()).expect("a recorded status is valid");
        let agent_id = status.agent_id.clone().map(|id| id.value).unwrap_or_default();
        let number: usize =
            agent_id.rsplit_once("-S").and_then(|it| it.1.parse().ok()).unwrap_or(0);
        let framework = self.frameworks.get(&exchange).cloned().unwrap_or_default();
        let message = StatusUpdateMessage {
            update: StatusUpdate {
                framework_id: FrameworkId { value: framework },
                executor_id: status.executor_id.clone(),
                agent_id: status.agent_id.clone(),
                timestamp: status.timestamp.unwrap_or(0.0),
                uuid: status.uuid.clone(),
                latest_state: Some(status.state),
                status,
            },
            pid: None,
        };
        let pid = self.agents.get(number).cloned().unwrap_or_default();
        let message = FromAgent::StatusUpdate(Box::new(message));
        self.input(Input::AgentMessage { pid, message });
    }

    fn executor_exits(&mut self, exchange: usize, record: &Value) {
        let failure = self.translate(&record["failure"]);
        let id = |key: &str| failure[key]["value"].as_str().unwrap_or_default().to_owned();
        let value = self.frameworks.get(&exchange).cloned().unwrap_or_default();
        let message = ExitedExecutorMessage {
            agent_id: v1::AgentId { value: id("agent_id") },
            framework_id: FrameworkId { value },
            executor_id: v1::ExecutorId { value: id("executor_id") },
            status: failure["status"].as_i64().and_then(|it| it.try_into().ok()).unwrap_or(0),
        };
        let pid = self.agents.first().cloned().unwrap_or_default();
        self.input(Input::AgentMessage { pid, message: FromAgent::ExitedExecutor(message) });
    }

    fn executor_says(&mut self, exchange: usize, record: &Value) {
        let message = self.translate(&record["message"]).to_string();
        let message: v1::scheduler::event::Message =
            json::from_json(message.as_bytes()).expect("a recorded message is valid");
        let value = self.frameworks.get(&exchange).cloned().unwrap_or_default();
        let message = ExecutorToFrameworkMessage {
            agent_id: message.agent_id,
            framework_id: FrameworkId { value },
            executor_id: message.executor_id,
            data: message.data,
        };
        let pid = self.agents.first().cloned().unwrap_or_default();
        self.input(Input::AgentMessage { pid, message: FromAgent::ExecutorToFramework(message) });
    }

    fn compare(&mut self, exchange: usize, record: &Value) {
        let mut expected = self.translate(record);
        let queue = self.events.entry(exchange).or_default();
        // A rescind is about our own offers, which come at other moments.
        let mut ours = loop {
            let next = queue.pop_front().unwrap_or_default();
            if next["type"] != "RESCIND" || expected["type"] == "RESCIND" {
                break next;
            }
        };
        for event in [&mut expected, &mut ours] {
            if let Some(status) = event.pointer_mut("/update/status") {
                status["timestamp"] = json!(0);
                let message = status["message"].as_str().map(without_available);
                status["message"] = json!(message);
            }
        }
        if expected["type"] == "RESCIND" && ours["type"] == "RESCIND" {
            return;
        }
        if expected != ours {
            let at = self.now.since(self.start).as_millis();
            self.differences.push(format!(
                "  stream {exchange} at {at} ms\n    recorded {expected}\n    ours     {ours}"
            ));
        }
    }
}

/// A message without what was available, which depends on the moment.
fn without_available(message: &str) -> String {
    let (before, _) = message.split_once(" than available ").unwrap_or((message, ""));
    before.to_owned()
}
