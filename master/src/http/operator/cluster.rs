// SPDX-License-Identifier: Apache-2.0

//! GET_STATE, GET_AGENTS, GET_FRAMEWORKS, GET_TASKS, GET_EXECUTORS: the cluster
//! as the views have it; and GET_OPERATIONS, of which there are none yet.
//!
//! In JSON the lists of these answers are there even when they are empty, unlike
//! those of any other message.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::{resources::convert::upgrade, time::Time};
use mesos_master_state::TaskRecord;
use mesos_net::{
    MediaType, Reply, media,
    model::{Object, object},
};
use mesos_proto::{
    Described,
    v1::{
        self, TimeInfo,
        master::{
            Response,
            response::{
                GetAgents, GetExecutors, GetFrameworks, GetOperations, GetState, GetTasks, Type,
                get_agents::Agent, get_executors::Executor, get_frameworks::Framework,
            },
        },
    },
};

use mesos_wire::Upid;

use super::super::{Api, unavailable};
use crate::views::{AgentView, FrameworkView, OfferView, Snapshot};

pub(super) async fn state(api: &Api, media: MediaType) -> Reply {
    answer(api, media, |snapshot| {
        let state = GetState {
            get_tasks: Some(get_tasks(snapshot)),
            get_executors: Some(get_executors(snapshot)),
            get_frameworks: Some(get_frameworks(snapshot)),
            get_agents: Some(get_agents(snapshot)),
        };
        (Type::GetState, Response { get_state: Some(state), ..Default::default() })
    })
    .await
}

pub(super) async fn agents(api: &Api, media: MediaType) -> Reply {
    answer(api, media, |snapshot| {
        let get_agents = Some(get_agents(snapshot));
        (Type::GetAgents, Response { get_agents, ..Default::default() })
    })
    .await
}

pub(super) async fn frameworks(api: &Api, media: MediaType) -> Reply {
    answer(api, media, |snapshot| {
        let get_frameworks = Some(get_frameworks(snapshot));
        (Type::GetFrameworks, Response { get_frameworks, ..Default::default() })
    })
    .await
}

pub(super) async fn tasks(api: &Api, media: MediaType) -> Reply {
    answer(api, media, |snapshot| {
        let get_tasks = Some(get_tasks(snapshot));
        (Type::GetTasks, Response { get_tasks, ..Default::default() })
    })
    .await
}

pub(super) async fn executors(api: &Api, media: MediaType) -> Reply {
    answer(api, media, |snapshot| {
        let get_executors = Some(get_executors(snapshot));
        (Type::GetExecutors, Response { get_executors, ..Default::default() })
    })
    .await
}

/// Operations are refused when they are asked for, so none is under way.
pub(super) fn operations(media: MediaType) -> Reply {
    let get_operations = Some(GetOperations::default());
    let mut response = Response { get_operations, ..Default::default() };
    response.set_type(Type::GetOperations);
    Reply::encoded(media, media::encode(media, &response))
}

/// Builds and encodes an answer on a thread of its own, as it may be large.
async fn answer(api: &Api, media: MediaType, build: fn(&Snapshot) -> (Type, Response)) -> Reply {
    let snapshot = match api.views.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(closed) => return unavailable(closed),
    };
    let encoded = mesos_net::background::handle().spawn_blocking(move || {
        let (r#type, mut response) = build(&snapshot);
        response.set_type(r#type);
        match media {
            MediaType::Json => bytes::Bytes::from(write(r#type, &response)),
            MediaType::Protobuf => media::encode(media, &response),
        }
    });
    match encoded.await {
        Ok(body) => Reply::encoded(media, body),
        Err(_) => unavailable(crate::engine::Closed),
    }
}

fn get_agents(snapshot: &Snapshot) -> GetAgents {
    GetAgents {
        agents: snapshot.agents.iter().map(|view| agent(view)).collect(),
        recovered_agents: snapshot.recovered.iter().map(|info| agent_info(info)).collect(),
    }
}

fn agent(view: &AgentView) -> Agent {
    let record = &view.record;
    Agent {
        agent_info: agent_info(&record.info),
        active: record.active,
        deactivated: Some(false),
        version: record.version.clone(),
        pid: Some(record.pid.to_string()),
        registered_time: Some(time(record.registered_time)),
        reregistered_time: record.reregistered_time.map(time),
        total_resources: record.total.to_endpoint(),
        allocated_resources: view.used.to_endpoint(),
        offered_resources: view.offered.to_endpoint(),
        capabilities: record.capabilities.clone(),
        ..Default::default()
    }
}

/// What the v1 API tells of an agent's info: no role where nothing is reserved.
fn agent_info(info: &v1::AgentInfo) -> v1::AgentInfo {
    let mut info = info.clone();
    info.resources.iter_mut().for_each(upgrade);
    info
}

fn get_frameworks(snapshot: &Snapshot) -> GetFrameworks {
    let agents: BTreeMap<&str, &AgentView> =
        snapshot.agents.iter().map(|view| (&*view.record.id, &**view)).collect();
    let all =
        |views: &[Arc<FrameworkView>]| views.iter().map(|view| framework(view, &agents)).collect();
    GetFrameworks {
        frameworks: all(&snapshot.frameworks),
        completed_frameworks: all(&snapshot.completed),
        ..Default::default()
    }
}

fn framework(view: &FrameworkView, agents: &BTreeMap<&str, &AgentView>) -> Framework {
    let record = &view.record;
    let offers = view
        .offers
        .iter()
        .map(|offer| one_offer(offer, &record.id, agents.get(&*offer.agent_id).copied()));
    Framework {
        framework_info: (*record.info).clone(),
        active: record.active,
        connected: record.connected,
        recovered: record.recovered,
        registered_time: Some(time(record.registered_time)),
        reregistered_time: Some(time(record.reregistered_time)),
        unregistered_time: record.unregistered_time.map(time),
        offers: offers.collect(),
        allocated_resources: view.used.to_endpoint(),
        offered_resources: view.offered.to_endpoint(),
        offer_constraints: Some((*record.offer_constraints).clone()),
        ..Default::default()
    }
}

/// An offer as its framework was sent it.
fn one_offer(view: &OfferView, framework_id: &str, agent: Option<&AgentView>) -> v1::Offer {
    let mut offer = v1::Offer {
        id: v1::OfferId { value: view.record.id.clone() },
        framework_id: v1::FrameworkId { value: framework_id.to_owned() },
        agent_id: v1::AgentId { value: view.agent_id.to_string() },
        resources: view.record.resources.to_proto(),
        allocation_info: Some(v1::resource::AllocationInfo {
            role: Some(view.record.role.to_string()),
        }),
        ..Default::default()
    };
    if let Some(agent) = agent {
        let info = &agent.record.info;
        offer.hostname = info.hostname.clone();
        offer.attributes = info.attributes.clone();
        offer.domain = info.domain.clone();
        offer.url = agent.record.pid.parse::<Upid>().ok().map(|pid| v1::Url {
            scheme: "http".to_owned(),
            address: v1::Address {
                hostname: Some(info.hostname.clone()),
                ip: Some(pid.address.ip().to_string()),
                port: i32::from(pid.address.port()),
            },
            path: Some(format!("/{}", pid.id)),
            ..Default::default()
        });
    }
    offer
}

fn get_tasks(snapshot: &Snapshot) -> GetTasks {
    let mut answer = GetTasks::default();
    for view in snapshot.frameworks.iter().chain(&snapshot.completed) {
        let shown = |task: &Arc<TaskRecord>| task.to_proto();
        answer.tasks.extend(view.tasks.iter().map(shown));
        answer.unreachable_tasks.extend(view.unreachable.iter().map(shown));
        answer.completed_tasks.extend(view.completed.iter().map(shown));
    }
    answer
}

fn get_executors(snapshot: &Snapshot) -> GetExecutors {
    let views = snapshot.frameworks.iter().flat_map(|view| view.executors.iter());
    let executors = views.map(|view| Executor {
        executor_info: (*view.info).clone(),
        agent_id: v1::AgentId { value: view.agent_id.to_string() },
    });
    GetExecutors { executors: executors.collect(), ..Default::default() }
}

fn time(time: Time) -> TimeInfo {
    TimeInfo { nanoseconds: i64::try_from(time.as_nanos()).unwrap_or(i64::MAX) }
}

/// The JSON of an answer, with its empty lists.
fn write(r#type: Type, response: &Response) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |object| {
        object.text("type", r#type.as_str_name());
        if let Some(state) = &response.get_state {
            object.object("get_state", |object| {
                write_parts(
                    object,
                    state.get_tasks.as_ref(),
                    state.get_executors.as_ref(),
                    state.get_frameworks.as_ref(),
                    state.get_agents.as_ref(),
                );
            });
        }
        write_parts(
            object,
            response.get_tasks.as_ref(),
            response.get_executors.as_ref(),
            response.get_frameworks.as_ref(),
            response.get_agents.as_ref(),
        );
    });
    out
}

fn write_parts(
    object: &mut Object<'_>,
    tasks: Option<&GetTasks>,
    executors: Option<&GetExecutors>,
    frameworks: Option<&GetFrameworks>,
    agents: Option<&GetAgents>,
) {
    if let Some(part) = tasks {
        object.object("get_tasks", |object| {
            list(object, "tasks", &part.tasks);
            list(object, "unreachable_tasks", &part.unreachable_tasks);
            list(object, "completed_tasks", &part.completed_tasks);
        });
    }
    if let Some(part) = executors {
        object.object("get_executors", |object| list(object, "executors", &part.executors));
    }
    if let Some(part) = frameworks {
        object.object("get_frameworks", |object| {
            list(object, "frameworks", &part.frameworks);
            list(object, "completed_frameworks", &part.completed_frameworks);
        });
    }
    if let Some(part) = agents {
        object.object("get_agents", |object| {
            list(object, "agents", &part.agents);
            list(object, "recovered_agents", &part.recovered_agents);
        });
    }
}

fn list<M: Described>(object: &mut Object<'_>, name: &str, messages: &[M]) {
    object.array(name, |array| messages.iter().for_each(|message| array.message(message)));
}
