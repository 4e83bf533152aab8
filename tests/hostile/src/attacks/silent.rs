// SPDX-License-Identifier: Apache-2.0

//! An agent whose port takes connections and reads nothing from them.

use anyhow::{Context, Result, ensure};
use mesos_integration::{get_json, until};
use mesos_proto::v1::{
    AgentId, ExecutorId,
    scheduler::{Call, call},
};
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{Target, agent, raw, scheduler};

/// Fills what the master keeps for it.
pub async fn agent(target: &Target) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.66:0").await?;
    let from = format!("slave(1)@{}", listener.local_addr()?);
    let mut wire = agent::wire(target.address).await?;
    let registration = agent::registration("silent", 1);
    wire.write_all(&agent::message(&from, target.address, &registration)?).await?;
    let (_unread, _) = listener.accept().await?;
    let id = until("the agent to be admitted", async || active(target).await.ok()?).await?;

    let info = scheduler::info("talks to it", vec!["hostile".to_owned()]);
    let framework = scheduler::subscribe(target.address, info).await?;
    let message = Call {
        message: Some(call::Message {
            agent_id: AgentId { value: id.clone() },
            executor_id: ExecutorId { value: "x".to_owned() },
            data: vec![b'x'; 1 << 20].into(),
        }),
        ..scheduler::bare(call::Type::Message)
    };
    let mut sent = 0;
    while active(target).await?.is_some() {
        for _ in 0..10 {
            framework.call(target.address, &message).await?.expect(202, "")?;
            sent += 1;
        }
        ensure!(sent < 500, "{sent} MB are kept for an agent that does not read");
    }
    drop(framework);
    let id = AgentId { value: id };
    let leave = mesos_proto::internal::UnregisterSlaveMessage { agent_id: id };
    wire.write_all(&agent::message(&from, target.address, &leave)?).await?;
    raw::answer(&mut wire).await?.expect(202, "")?;
    Ok(format!("disconnected after {sent} MB"))
}

/// Its id, while the master takes it for connected.
async fn active(target: &Target) -> Result<Option<String>> {
    let slaves = get_json(target.cluster.master.address(), "/slaves").await?;
    let slaves = slaves["slaves"].as_array().context("no agents")?;
    let silent = slaves.iter().find(|it| it["hostname"] == "silent" && it["active"] == true);
    Ok(silent.and_then(|it| Some(it["id"].as_str()?.to_owned())))
}
