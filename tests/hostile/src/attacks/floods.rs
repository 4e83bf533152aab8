// SPDX-License-Identifier: Apache-2.0

//! More messages than make sense.

use anyhow::Result;
use mesos_proto::v1::TaskState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    Target,
    agent::{self, Agent},
};

/// Of an agent that is admitted, about tasks that nobody launched.
pub async fn unknown_updates(target: &Target) -> Result<String> {
    let count = target.scaled(100_000);
    let agent = Agent::register(66, "flood", target.address).await?;
    let id = agent.id().expect("it is registered");
    let from = agent.upid.to_string();
    let mut stream = agent::wire(target.address).await?;
    let (mut reader, mut writer) = stream.split();
    let update = agent::update("no framework", &id.value, "no task", TaskState::TaskRunning, 1);
    let one = agent::message(&from, target.address, &update)?;
    let head = b"HTTP/1.1 202";
    let read = async {
        let (mut answers, mut carry, mut buffer) = (0, Vec::new(), vec![0; 64 << 10]);
        while answers < count {
            let length = reader.read(&mut buffer).await?;
            anyhow::ensure!(length > 0, "closed after {answers}");
            carry.extend_from_slice(&buffer[..length]);
            answers += carry.windows(head.len()).filter(|window| window == head).count();
            carry.drain(..carry.len().saturating_sub(head.len() - 1));
        }
        anyhow::Ok(())
    };
    let write = async {
        for _ in 0..count {
            writer.write_all(&one).await?;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(read, write)?;
    agent.send(&mesos_proto::internal::UnregisterSlaveMessage { agent_id: id })?;
    Ok(format!("{count} answered, counted as invalid"))
}
