// SPDX-License-Identifier: Apache-2.0

//! Agents that are not who they say they are, or that cannot decide.

use anyhow::{Context, Result, ensure};
use mesos_integration::{get_json, until};
use mesos_proto::{
    internal::{
        ExecutorToFrameworkMessage, ExitedExecutorMessage, UnregisterSlaveMessage,
        UpdateSlaveMessage,
    },
    v1::{AgentId, ExecutorId, FrameworkId, TaskState},
};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::{
    Target,
    agent::{self, Agent},
    raw,
};

/// A victim, and what the master says about it.
async fn victim(target: &Target) -> Result<(Agent, AgentId)> {
    let agent = Agent::register(2, "victim", target.address).await?;
    let id = agent.id().context("no id")?;
    Ok((agent, id))
}

async fn shown(target: &Target, id: &AgentId) -> Result<Option<Value>> {
    let slaves = get_json(target.cluster.master.address(), "/slaves").await?;
    let slaves = slaves["slaves"].as_array().context("no agents")?;
    Ok(slaves.iter().find(|slave| slave["id"] == id.value.as_str()).cloned())
}

async fn leaves(target: &Target, agent: &Agent, id: AgentId) -> Result<()> {
    agent.send(&UnregisterSlaveMessage { agent_id: id.clone() })?;
    until("the agent to be gone", async || shown(target, &id).await.ok()?.is_none().then_some(()))
        .await
}

/// From another address: it is told to shut down, and the victim stays.
pub async fn other_host(target: &Target) -> Result<String> {
    let (victim, id) = victim(target).await?;
    let impostor = Agent::serve(66, target.address)?;
    impostor.send(&agent::reregistration("victim", 1, id.clone()))?;
    let told = until("the impostor's end", async || impostor.shut_down()).await?;
    ensure!(told == "Agent attempted to reregister with different IP / hostname", "{told}");
    impostor.send(&UnregisterSlaveMessage { agent_id: id.clone() })?;
    impostor.send(&UpdateSlaveMessage { agent_id: id.clone(), ..Default::default() })?;
    // Whatever was sent before is handled by the time this is.
    let other = Agent::register(66, "other", target.address).await?;
    let slave = shown(target, &id).await?.context("the victim is gone")?;
    ensure!(slave["pid"] == victim.upid.to_string(), "{slave}");
    leaves(target, &other, other.id().context("no id")?).await?;
    leaves(target, &victim, id).await?;
    Ok("told to shut down; the agent stays".to_owned())
}

/// From the same address it may be the agent, started again on another port.
pub async fn same_host(target: &Target) -> Result<String> {
    let (victim, id) = victim(target).await?;
    let successor = Agent::serve(2, target.address)?;
    let port = successor.upid.address.port();
    successor.send(&agent::reregistration("victim", port, id.clone()))?;
    until("the successor to be let in", async || successor.id()).await?;
    // What the former one says is not heard any more.
    victim.send(&UnregisterSlaveMessage { agent_id: id.clone() })?;
    let other = Agent::register(66, "other", target.address).await?;
    let slave = shown(target, &id).await?.context("the agent is gone")?;
    ensure!(slave["pid"] == successor.upid.to_string(), "{slave}");
    leaves(target, &other, other.id().context("no id")?).await?;
    leaves(target, &successor, id).await?;
    Ok("let in, as an agent that was started again; the former one is not heard".to_owned())
}

/// What an agent says about the tasks and executors of another one.
pub async fn foreign_updates(target: &Target) -> Result<String> {
    let (victim, id) = victim(target).await?;
    let impostor = Agent::register(66, "impostor", target.address).await?;
    let own = impostor.id().context("no id")?;
    let state = get_json(target.cluster.master.address(), "/frameworks").await?;
    let framework = state["frameworks"][0]["id"].as_str().unwrap_or("none").to_owned();
    let before = invalid_updates(target).await?;
    for number in 0..100 {
        let task = format!("task-{number}");
        for of in [&id, &own] {
            let update = agent::update(&framework, &of.value, &task, TaskState::TaskFailed, number);
            impostor.send(&update)?;
        }
    }
    let framework_id = FrameworkId { value: framework };
    let executor_id = ExecutorId { value: "task-0".to_owned() };
    impostor.send(&ExitedExecutorMessage {
        agent_id: id.clone(),
        framework_id: framework_id.clone(),
        executor_id: executor_id.clone(),
        status: 9,
    })?;
    impostor.send(&ExecutorToFrameworkMessage {
        agent_id: id.clone(),
        framework_id,
        executor_id,
        data: Default::default(),
    })?;
    until("the updates to be refused", async || {
        (invalid_updates(target).await.ok()? >= before + 200.0).then_some(())
    })
    .await?;
    leaves(target, &impostor, own).await?;
    leaves(target, &victim, id).await?;
    Ok("200 updates counted as invalid".to_owned())
}

async fn invalid_updates(target: &Target) -> Result<f64> {
    let metrics = get_json(target.cluster.master.address(), "/metrics/snapshot").await?;
    metrics["master/invalid_status_updates"].as_f64().context("no such metric")
}

/// Registers and leaves as fast as it is let.
pub async fn flapping(target: &Target) -> Result<String> {
    let count = target.scaled(3000);
    let agent = Agent::serve(66, target.address)?;
    let registration = agent::registration("flapping", 1);
    let mut stream = agent::wire(target.address).await?;
    let (mut reader, mut writer) = stream.split();
    let from = agent.upid.to_string();
    let one = agent::message(&from, target.address, &registration)?;
    let drain = async {
        let mut sink = vec![0; 64 << 10];
        while tokio::io::AsyncReadExt::read(&mut reader, &mut sink).await.is_ok_and(|it| it > 0) {}
    };
    let flap = async {
        for number in 0..count {
            writer.write_all(&one).await?;
            if let Some(id) = agent.id() {
                let leave = UnregisterSlaveMessage { agent_id: id.clone() };
                writer.write_all(&agent::message(&from, target.address, &leave)?).await?;
                let back = agent::reregistration("flapping", 1, id);
                if number % 3 == 0 {
                    writer.write_all(&agent::message(&from, target.address, &back)?).await?;
                }
            }
        }
        anyhow::Ok(())
    };
    tokio::select! {
        () = drain => anyhow::bail!("the connection was closed"),
        done = flap => done?,
    }
    // One way or the other it is gone in the end.
    until("the agent to be gone", async || {
        let slaves = get_json(target.cluster.master.address(), "/slaves").await.ok()?;
        let of_it = slaves["slaves"].as_array()?.iter().filter(|it| it["hostname"] == "flapping");
        let ids: Vec<_> = of_it.map(|it| it["id"].as_str().unwrap_or_default()).collect();
        for id in &ids {
            let agent_id = AgentId { value: (*id).to_owned() };
            agent.send(&UnregisterSlaveMessage { agent_id }).ok()?;
        }
        ids.is_empty().then_some(())
    })
    .await?;
    Ok(format!("{count} registrations as fast as they can be sent"))
}

/// Messages from processes that are none, and of messages that are none.
pub async fn strange_senders(target: &Target) -> Result<String> {
    let senders = ["", "x", "@", "a@b:c", "a@127.0.0.1:99999", "a@[::1]:1", "master@0.0.0.0:0"];
    let names = ["RegisterSlaveMessage", "NoSuchMessage", "", "RunTaskMessage/x", "%00"];
    let mut stream = agent::wire(target.address).await?;
    let mut count = 0;
    for from in senders {
        for name in names {
            for body in ["", "\u{8}\u{1}", "\u{7f}\u{7f}\u{7f}"] {
                let headers = format!("Libprocess-From: {from}\r\n");
                let path = format!("/master/mesos.internal.{name}");
                stream.write_all(&raw::post(&path, &headers, body.as_bytes())).await?;
                raw::answer(&mut stream).await?.expect(202, "")?;
                count += 1;
            }
        }
    }
    Ok(format!("{count} messages answered and not taken"))
}
