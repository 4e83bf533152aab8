// SPDX-License-Identifier: Apache-2.0

//! Ids and names of a megabyte.

use anyhow::{Result, ensure};
use mesos_proto::{
    internal::{UnregisterSlaveMessage, UpdateSlaveMessage},
    v1::{
        AgentId, FrameworkId, FrameworkInfo, TaskId, TaskState,
        scheduler::{Call, call},
    },
};

use crate::{
    Target, agent, raw,
    scheduler::{self, subscribe_call},
};

/// Everything that has an id, with a long one.
pub async fn megabyte_ids(target: &Target) -> Result<String> {
    let long = "x".repeat(1 << 20);
    let mut info = scheduler::info("hostile", vec!["hostile".to_owned()]);
    info.id = Some(FrameworkId { value: long.clone() });
    refused(target, info, "ID must not be greater than 255 characters").await?;
    for role in [long.clone(), "a/".repeat(1 << 19) + "a"] {
        let info = scheduler::info("hostile", vec![role]);
        refused(target, info, "Role names must not be longer than 1024 bytes").await?;
    }

    let framework =
        scheduler::subscribe(target.address, scheduler::info("x", vec!["hostile".into()])).await?;
    let task_id = TaskId { value: long.clone() };
    let agent_id = Some(AgentId { value: long.clone() });
    let kill =
        call::Kill { task_id: task_id.clone(), agent_id: agent_id.clone(), kill_policy: None };
    let calls = [
        Call { kill: Some(kill), ..scheduler::bare(call::Type::Kill) },
        Call {
            reconcile: Some(call::Reconcile {
                tasks: vec![call::reconcile::Task { task_id, agent_id }],
            }),
            ..scheduler::bare(call::Type::Reconcile)
        },
    ];
    for call in calls {
        framework.call(target.address, &call).await?.expect(202, "")?;
    }
    let mut wire = agent::wire(target.address).await?;
    let from = "slave(1)@127.0.0.66:1";
    let id = AgentId { value: long.clone() };
    let messages = [
        agent::message(from, target.address, &agent::reregistration("hostile", 1, id.clone()))?,
        agent::message(from, target.address, &agent::registration(&long, 1))?,
        agent::message(
            from,
            target.address,
            &UpdateSlaveMessage { agent_id: id.clone(), ..Default::default() },
        )?,
        agent::message(from, target.address, &UnregisterSlaveMessage { agent_id: id })?,
        agent::message(
            from,
            target.address,
            &agent::update(&long, &long, &long, TaskState::TaskRunning, 1),
        )?,
    ];
    for message in messages {
        tokio::io::AsyncWriteExt::write_all(&mut wire, &message).await?;
        raw::answer(&mut wire).await?.expect(202, "")?;
    }
    // The process that a message claims to be from is part of its head.
    let head = format!(
        "POST /master/mesos.internal.PongSlaveMessage HTTP/1.1\r\n\
         Libprocess-From: {}@127.0.0.1:1\r\nContent-Length: 0\r\n\r\n",
        "x".repeat(79_000)
    );
    raw::ask(target.address, head.as_bytes()).await?.expect(202, "")?;
    Ok("ERROR for frameworks and roles; agents and tasks remain unknown".to_owned())
}

/// A framework that is told what is wrong with it, as an event.
async fn refused(target: &Target, info: FrameworkInfo, says: &str) -> Result<()> {
    let body = prost::Message::encode_to_vec(&subscribe_call(info));
    let request = raw::post(scheduler::PATH, scheduler::PROTOBUF, &body);
    let mut stream = raw::connect_from(66, target.address).await?;
    tokio::io::AsyncWriteExt::write_all(&mut stream, &request).await?;
    let events = raw::ended(&mut stream).await?;
    ensure!(events.contains(says), "{events:.500}");
    Ok(())
}
