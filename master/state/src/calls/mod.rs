// SPDX-License-Identifier: Apache-2.0

//! The calls of schedulers, one file each.
//!
//! | call | file | what it does |
//! |---|---|---|
//! | SUBSCRIBE | `frameworks/subscribe.rs` | comes, or comes back |
//! | TEARDOWN | `frameworks/remove.rs` | ends the framework |
//! | ACCEPT | `accept.rs`, `launch.rs`, `launch_group.rs`, `operations.rs` | uses offers |
//! | DECLINE | `decline.rs` | gives offers back |
//! | REVIVE, SUPPRESS | `suppress.rs` | wants offers again, or no more |
//! | KILL | `kill.rs` | ends a task |
//! | SHUTDOWN | `shutdown.rs` | ends an executor |
//! | ACKNOWLEDGE | `acknowledge.rs` | has seen a status |
//! | RECONCILE | `reconcile.rs` | asks for the states of tasks |
//! | MESSAGE | `message.rs` | sends data to an executor |
//! | REQUEST | `mod.rs` | nothing, as with Mesos's own allocator |
//! | ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS | `mod.rs` | nothing: there are none yet |
//! | RECONCILE_OPERATIONS, ACKNOWLEDGE_OPERATION_STATUS | `operations.rs` | there are no operations yet |
//! | UPDATE_FRAMEWORK | `frameworks/update.rs` | changes the framework |
//!
//! All but UPDATE_FRAMEWORK are answered 202 as soon as they are from the
//! framework's own stream, TEARDOWN when the registry has stored it: what is wrong
//! with them comes as events.

mod accept;
mod acknowledge;
mod decline;
mod kill;
mod launch;
mod launch_group;
mod message;
mod operations;
mod prepare;
mod reconcile;
mod shutdown;
mod suppress;

use mesos_allocator::FrameworkKey;
use mesos_core::{
    trial::{self, Defect},
    validation::scheduler_call,
};
use mesos_proto::v1::scheduler::{Call, call::Type};

pub(crate) use self::reconcile::Unfinished;
use crate::{input::RequestKey, master::Master};

/// What stands for the pid of a framework on the HTTP API.
pub(crate) const NO_PID: &str = "@0.0.0.0:0";

/// Checks the shape of a call; the text is the body of a 400.
pub(crate) fn validate(call: &Call, principal: Option<&str>) -> Result<(), String> {
    scheduler_call::validate(call, principal)
        .and_then(|()| accept::few_enough(call.accept.as_ref()))
        .map_err(|error| format!("Failed to validate scheduler::Call: {error}"))
}

impl Master {
    /// Input: any call but SUBSCRIBE.
    pub(crate) fn scheduler_call(
        &mut self,
        request: RequestKey,
        stream_id: Option<&str>,
        call: Call,
        principal: Option<&str>,
    ) {
        if let Err(body) = validate(&call, principal) {
            return self.answer(request, 400, body);
        }
        match self.sender(&call, stream_id, principal) {
            Err((status, body)) => self.answer(request, status, body),
            Ok(framework) => {
                if let Some((status, body)) = self.dispatch(framework, request, call) {
                    self.answer(request, status, body);
                }
            }
        }
    }

    /// The framework that a call is from, if the call is from its stream.
    fn sender(
        &self,
        call: &Call,
        stream_id: Option<&str>,
        principal: Option<&str>,
    ) -> Result<FrameworkKey, (u16, String)> {
        let id = call.framework_id.as_ref().map_or("", |id| id.value.as_str());
        let Some(key) = self.frameworks.find(id) else {
            return Err((400, "Framework cannot be found".to_owned()));
        };
        let framework = &self.frameworks.registered[key];
        let expected = framework.record.info.principal.as_deref();
        if let Some(principal) = principal.filter(|principal| Some(*principal) != expected) {
            let expected = expected.unwrap_or_default();
            return Err((
                400,
                format!(
                    "Authenticated principal '{principal}' does not match principal '{expected}' set \
                 in `FrameworkInfo`"
                ),
            ));
        }
        let Some(stream) = &framework.stream else {
            return Err((403, "Framework is not subscribed".to_owned()));
        };
        let Some(stream_id) = stream_id else {
            let text = "All non-subscribe calls should include the 'Mesos-Stream-Id' header";
            return Err((400, text.to_owned()));
        };
        if stream_id != stream.id && !trial::has(Defect::OldStreamIdAccepted) {
            return Err((
                400,
                format!(
                    "The stream ID '{stream_id}' included in this request didn't match the stream ID \
                 currently associated with framework ID {id}"
                ),
            ));
        }
        Ok(key)
    }

    /// Does a call; gives its answer unless that has to wait for something.
    fn dispatch(
        &mut self,
        framework: FrameworkKey,
        request: RequestKey,
        call: Call,
    ) -> Option<(u16, String)> {
        let kind = call.r#type();
        trial::reached("calls", kind.as_str_name());
        match kind {
            Type::Teardown => {
                trial::reached("frameworks", "any but completed | TEARDOWN");
                self.complete_framework(framework, Some((request, 202)));
                return None;
            }
            Type::Accept => self.accept(framework, call.accept.unwrap_or_default()),
            Type::Decline => self.decline(framework, &call.decline.unwrap_or_default()),
            Type::Revive => self.revive(framework, &call.revive.unwrap_or_default()),
            Type::Suppress => self.suppress(framework, &call.suppress.unwrap_or_default()),
            Type::Kill => self.kill(framework, call.kill.unwrap_or_default()),
            Type::Shutdown => self.shutdown(framework, call.shutdown.unwrap_or_default()),
            Type::Acknowledge => self.acknowledge(framework, call.acknowledge.unwrap_or_default()),
            Type::Reconcile => self.reconcile(framework, call.reconcile.unwrap_or_default()),
            Type::Message => self.message(framework, call.message.unwrap_or_default()),
            Type::Request => self.metrics.messages_resource_request += 1,
            Type::AcceptInverseOffers | Type::DeclineInverseOffers => {}
            Type::ReconcileOperations => {
                let call = call.reconcile_operations.unwrap_or_default();
                self.reconcile_operations(framework, call);
            }
            Type::AcknowledgeOperationStatus => {
                let call = call.acknowledge_operation_status.unwrap_or_default();
                self.acknowledge_operation_status(framework, &call);
            }
            Type::UpdateFramework => {
                let call = call.update_framework.unwrap_or_default();
                return Some(self.call_update_framework(framework, call));
            }
            // A SUBSCRIBE is another input. Mesos aborts on UNKNOWN.
            Type::Subscribe | Type::Unknown => {
                let name = kind.as_str_name();
                return Some((501, format!("A call of type {name} is not implemented")));
            }
        }
        Some((202, String::new()))
    }
}
