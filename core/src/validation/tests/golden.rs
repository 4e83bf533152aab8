// SPDX-License-Identifier: Apache-2.0

//! Reading a recorded conversation with Apache Mesos, as far as these tests need it.

use std::collections::{BTreeMap, VecDeque};

use mesos_proto::{
    json::{Value, from_value, parse},
    v1::{
        FrameworkInfo, Offer, OperationState, TaskState,
        scheduler::{Call, Event, call, event},
    },
};

/// A conversation between one framework and a master.
pub(super) struct Conversation {
    /// The framework, with the id it was given.
    pub(super) framework: FrameworkInfo,
    /// Its calls after SUBSCRIBE, in order, with the answer's status and text.
    pub(super) calls: Vec<(Call, Value<'static>)>,
    /// All offers made to it, by id.
    pub(super) offers: BTreeMap<String, Offer>,
    /// The messages of TASK_ERROR updates, by task id, in order.
    pub(super) task_errors: BTreeMap<String, VecDeque<String>>,
    /// The messages of OPERATION_ERROR updates, by operation id.
    pub(super) operation_errors: BTreeMap<String, String>,
}

/// The exchanges of a golden case.
pub(super) fn exchanges(text: &'static str) -> Vec<Value<'static>> {
    let golden = parse(text.as_bytes()).unwrap();
    golden.get("exchanges").and_then(Value::as_array).unwrap().to_vec()
}

/// A member of an object; null if there is none.
pub(super) fn member<'v>(value: &'v Value<'static>, name: &str) -> &'v Value<'static> {
    value.get(name).unwrap_or(&Value::Null)
}

/// The text of a string; empty for anything else.
pub(super) fn text<'v>(value: &'v Value<'static>) -> &'v str {
    value.as_str().unwrap_or_default()
}

/// The items of an array; none of anything else.
pub(super) fn items<'v>(value: &'v Value<'static>) -> &'v [Value<'static>] {
    value.as_array().unwrap_or_default()
}

impl Conversation {
    pub(super) fn read(golden: &'static str) -> Self {
        let mut conversation = Conversation {
            framework: FrameworkInfo::default(),
            calls: Vec::new(),
            offers: BTreeMap::new(),
            task_errors: BTreeMap::new(),
            operation_errors: BTreeMap::new(),
        };
        for exchange in exchanges(golden) {
            let body = member(member(&exchange, "request"), "body");
            if let Ok(call) = from_value::<Call>(body) {
                if call.r#type() == call::Type::Subscribe {
                    conversation.framework = call.subscribe.unwrap().framework_info;
                } else {
                    let answer = member(member(&exchange, "response"), "body").clone();
                    conversation.calls.push((call, answer));
                }
            }
            for event in items(member(&exchange, "events")) {
                conversation.event(from_value(member(event, "record")).unwrap());
            }
        }
        conversation
    }

    fn event(&mut self, event: Event) {
        match event.r#type() {
            event::Type::Subscribed => {
                self.framework.id = Some(event.subscribed.unwrap().framework_id);
            }
            event::Type::Offers => {
                let offers = event.offers.unwrap().offers;
                self.offers.extend(offers.into_iter().map(|o| (o.id.value.clone(), o)));
            }
            event::Type::Update => {
                let status = event.update.unwrap().status;
                if status.state() == TaskState::TaskError {
                    let message = status.message().to_owned();
                    self.task_errors.entry(status.task_id.value).or_default().push_back(message);
                }
            }
            event::Type::UpdateOperationStatus => {
                let status = event.update_operation_status.unwrap().status;
                if status.state() == OperationState::OperationError {
                    let message = status.message().to_owned();
                    self.operation_errors.insert(status.operation_id.unwrap().value, message);
                }
            }
            event::Type::Unknown
            | event::Type::InverseOffers
            | event::Type::Rescind
            | event::Type::RescindInverseOffer
            | event::Type::Message
            | event::Type::Failure
            | event::Type::Error
            | event::Type::Heartbeat => {}
        }
    }

    /// The offers an ACCEPT names.
    pub(super) fn accepted(&self, accept: &call::Accept) -> Vec<&Offer> {
        accept.offer_ids.iter().filter_map(|id| self.offers.get(&id.value)).collect()
    }

    /// The role that an offer is allocated to.
    pub(super) fn role(&self, offer: &Offer) -> String {
        match &offer.allocation_info {
            Some(info) => info.role().to_owned(),
            None => self.framework.role().to_owned(),
        }
    }
}
