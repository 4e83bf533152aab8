// SPDX-License-Identifier: Apache-2.0

//! `org.apache.mesos.v1.scheduler.V0Mesos`: the v1 interface on a native driver.
//!
//! | the driver | the scheduler |
//! |---|---|
//! | `registered`, `reregistered` | `connected`; after its SUBSCRIBE: SUBSCRIBED, HEARTBEAT |
//! | `disconnected` | `disconnected` |
//! | every other callback | the event that it is in v1 |
//! | | HEARTBEAT every 15 s while subscribed |
//! | `error` before it is connected | `connected`; after its SUBSCRIBE: ERROR |
//!
//! The driver subscribes by itself, so SUBSCRIBE only says that events may come. Calls
//! that the native driver does not have are refused with an exception, where Apache
//! Mesos logs a line.

mod gate;

use std::{sync::Arc, thread};

use bytes::Bytes;
use jni::{JNIEnv, objects::JObject};
use mesos_client::v0::{CallbackResult, Scheduler, SchedulerDriver};
use mesos_proto::v1::{
    AgentId, ExecutorId, FrameworkId, FrameworkInfo, MasterInfo, Offer, OfferId, TaskStatus,
    scheduler::{Call, Event, call, event},
};
use prost::Message;

use self::gate::{Gate, HEARTBEAT_INTERVAL};
use crate::{
    border::{Crossing, Failure, field, guard, message},
    handles::Handles,
    v1_mesos::{FIELD, JavaPeer, credential, master},
};

/// The adapters whose Java objects have not been finalized.
static ADAPTERS: Handles<Arc<Adapter>> = Handles::new(FIELD);

/// A driver, and what stands between its callbacks and the scheduler.
struct Adapter {
    driver: SchedulerDriver,
    gate: Arc<Gate>,
}

impl Drop for Adapter {
    fn drop(&mut self) {
        // Ends the thread that tells, which then drops the driver.
        self.gate.close();
    }
}

fn plain(kind: event::Type) -> Event {
    Event { r#type: Some(kind.into()), ..Default::default() }
}

/// What the driver calls back.
struct Listener {
    gate: Arc<Gate>,
    framework_id: FrameworkId,
}

impl Listener {
    fn subscribed(&self, master: MasterInfo) -> CallbackResult {
        let subscribed = Some(event::Subscribed {
            framework_id: self.framework_id.clone(),
            heartbeat_interval_seconds: Some(HEARTBEAT_INTERVAL.as_secs_f64()),
            master_info: Some(master),
        });
        let subscribed = Event { subscribed, ..plain(event::Type::Subscribed) };
        self.gate.connected([subscribed, plain(event::Type::Heartbeat)]);
        Ok(())
    }

    fn received(&self, event: Event) -> CallbackResult {
        self.gate.event(event);
        Ok(())
    }

    fn failure(&self, failure: event::Failure) -> CallbackResult {
        self.received(Event { failure: Some(failure), ..plain(event::Type::Failure) })
    }
}

impl Scheduler for Listener {
    fn registered(
        &mut self,
        _driver: &SchedulerDriver,
        framework_id: FrameworkId,
        master: MasterInfo,
    ) -> CallbackResult {
        self.framework_id = framework_id;
        self.subscribed(master)
    }

    fn reregistered(&mut self, _driver: &SchedulerDriver, master: MasterInfo) -> CallbackResult {
        self.subscribed(master)
    }

    fn disconnected(&mut self, _driver: &SchedulerDriver) -> CallbackResult {
        self.gate.disconnected();
        Ok(())
    }

    fn resource_offers(&mut self, _driver: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
        let offers = Some(event::Offers { offers });
        self.received(Event { offers, ..plain(event::Type::Offers) })
    }

    fn offer_rescinded(&mut self, _driver: &SchedulerDriver, offer_id: OfferId) -> CallbackResult {
        let rescind = Some(event::Rescind { offer_id });
        self.received(Event { rescind, ..plain(event::Type::Rescind) })
    }

    fn status_update(&mut self, _driver: &SchedulerDriver, status: TaskStatus) -> CallbackResult {
        let update = Some(event::Update { status });
        self.received(Event { update, ..plain(event::Type::Update) })
    }

    fn framework_message(
        &mut self,
        _driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        data: Bytes,
    ) -> CallbackResult {
        let message = Some(event::Message { agent_id, executor_id, data });
        self.received(Event { message, ..plain(event::Type::Message) })
    }

    fn agent_lost(&mut self, _driver: &SchedulerDriver, agent_id: AgentId) -> CallbackResult {
        self.failure(event::Failure { agent_id: Some(agent_id), ..Default::default() })
    }

    fn executor_lost(
        &mut self,
        _driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        status: i32,
    ) -> CallbackResult {
        self.failure(event::Failure {
            agent_id: Some(agent_id),
            executor_id: Some(executor_id),
            status: Some(status),
        })
    }

    fn error(&mut self, _driver: &SchedulerDriver, message: &str) -> CallbackResult {
        let error = Some(event::Error { message: message.to_owned() });
        self.gate.error(Event { error, ..plain(event::Type::Error) });
        Ok(())
    }
}

/// A new object's adapter.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V0Mesos_initialize<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    guard(&mut env, (), |env| {
        let peer = JavaPeer::new(env, &this)?;
        let framework =
            field(env, &this, "framework", "Lorg/apache/mesos/v1/Protos$FrameworkInfo;")?;
        let framework = FrameworkInfo::decode(message(env, &framework)?.as_slice())
            .map_err(|error| Failure::illegal_state(error.to_string()))?;
        let master = master(env, &this)?;
        let credential = credential(env, &this)?;
        let gate = Arc::new(Gate::new(peer));
        let framework_id = framework.id.clone().unwrap_or_default();
        let listener = Listener { gate: Arc::clone(&gate), framework_id };
        let mut builder =
            SchedulerDriver::builder(listener, framework, &master).implicit_acknowledgements(false);
        if let Some(credential) = credential {
            builder = builder.credential(credential);
        }
        let driver = builder.build();
        let (telling, driving) = (Arc::clone(&gate), driver.clone());
        // Before the first callback, which may call `send`.
        ADAPTERS.give(env, &this, Arc::new(Adapter { driver, gate }))?;
        thread::Builder::new()
            .name("mesos-v0".to_owned())
            .spawn(move || {
                // Not by who makes the object: a cluster of its own takes its time.
                driving.start();
                if telling.tell().is_err() {
                    // Java has printed why.
                    telling.close();
                    driving.abort();
                }
            })
            .map_err(|error| Failure::illegal_state(format!("cannot start a thread: {error}")))?;
        Ok(())
    });
}

/// Ends the driver; its framework is left to its failover timeout.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V0Mesos_finalize<'local>(
    env: JNIEnv<'local>,
    this: JObject<'local>,
) {
    ADAPTERS.finalize(env, &this, drop);
}

/// Carries out a call.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_apache_mesos_v1_scheduler_V0Mesos_send<'local>(
    mut env: JNIEnv<'local>,
    this: JObject<'local>,
    call: JObject<'local>,
) {
    guard(&mut env, (), |env| {
        let adapter = ADAPTERS
            .of(env, &this)?
            .ok_or_else(|| Failure::illegal_state("this Mesos has been finalized"))?;
        let call = Call::decode(message(env, &call)?.as_slice())
            .map_err(|error| Failure::illegal_state(error.to_string()))?;
        send(&adapter, call)
    });
}

fn send(adapter: &Adapter, call: Call) -> Crossing<()> {
    let driver = &adapter.driver;
    let kind = call.r#type();
    match kind {
        call::Type::Subscribe => adapter.gate.subscribe(),
        call::Type::Teardown => {
            driver.stop(false);
        }
        call::Type::Accept => {
            let accept = call.accept.unwrap_or_default();
            let filters = accept.filters.unwrap_or_default();
            driver.accept_offers(accept.offer_ids, accept.operations, filters);
        }
        call::Type::Decline => {
            let decline = call.decline.unwrap_or_default();
            let filters = decline.filters.unwrap_or_default();
            for offer_id in decline.offer_ids {
                driver.decline_offer(offer_id, filters);
            }
        }
        call::Type::Revive => match call.revive.unwrap_or_default().roles {
            all if all.is_empty() => {
                driver.revive_offers();
            }
            roles => {
                driver.revive_offers_for(roles);
            }
        },
        call::Type::Suppress => match call.suppress.unwrap_or_default().roles {
            all if all.is_empty() => {
                driver.suppress_offers();
            }
            roles => {
                driver.suppress_offers_for(roles);
            }
        },
        call::Type::Kill => {
            driver.kill_task(call.kill.unwrap_or_default().task_id);
        }
        call::Type::Acknowledge => acknowledge(driver, call.acknowledge.unwrap_or_default()),
        call::Type::Reconcile => reconcile(driver, call.reconcile.unwrap_or_default()),
        call::Type::Message => {
            let message = call.message.unwrap_or_default();
            driver.send_framework_message(message.executor_id, message.agent_id, message.data);
        }
        call::Type::Request => {
            driver.request_resources(call.request.unwrap_or_default().requests);
        }
        call::Type::Unknown
        | call::Type::AcceptInverseOffers
        | call::Type::DeclineInverseOffers
        | call::Type::Shutdown
        | call::Type::AcknowledgeOperationStatus
        | call::Type::ReconcileOperations
        | call::Type::UpdateFramework => {
            let name = kind.as_str_name();
            return Err(Failure::unsupported(format!(
                "V0Mesos does not send {name}: its driver has no such method; use V1Mesos"
            )));
        }
    }
    Ok(())
}

fn acknowledge(driver: &SchedulerDriver, acknowledge: call::Acknowledge) {
    driver.acknowledge_status_update(TaskStatus {
        task_id: acknowledge.task_id,
        agent_id: Some(acknowledge.agent_id),
        uuid: Some(acknowledge.uuid),
        ..Default::default()
    });
}

fn reconcile(driver: &SchedulerDriver, reconcile: call::Reconcile) {
    let statuses = reconcile.tasks.into_iter().map(|task| TaskStatus {
        task_id: task.task_id,
        agent_id: task.agent_id,
        ..Default::default()
    });
    driver.reconcile_tasks(statuses.collect());
}
