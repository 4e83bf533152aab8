// SPDX-License-Identifier: Apache-2.0

//! Streams of events: too many, and never read.

use anyhow::{Result, ensure};
use mesos_integration::{get_json, until};
use mesos_proto::v1::{
    AgentId, TaskId,
    scheduler::{Call, call},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{Target, raw, scheduler};

/// Each subscription of a framework ends the one before it.
pub async fn thousand_of_one(target: &Target) -> Result<String> {
    let mut info = scheduler::info("many streams", vec!["hostile".to_owned()]);
    info.failover_timeout = Some(3600.0);
    let first = scheduler::subscribe(target.address, info.clone()).await?;
    info.id = Some(first.id.clone());
    let count = target.scaled(1000);
    let mut streams = vec![first];
    for _ in 1..count {
        streams.push(scheduler::subscribe(target.address, info.clone()).await?);
    }
    let last = streams.pop();
    for mut former in streams {
        raw::ended(&mut former.stream).await?;
    }
    let last = last.into_iter().next().expect("there is one");
    let teardown = scheduler::bare(call::Type::Teardown);
    last.call(target.address, &teardown).await?.expect(202, "")?;
    Ok(format!("{} ended by their successors", count - 1))
}

/// A framework that asks for more and more events and takes none.
pub async fn never_read(target: &Target) -> Result<String> {
    let stream = with_little_room(target).await?;
    let info = scheduler::info("never reads", vec!["hostile".to_owned()]);
    let mut framework = scheduler::subscribe_on(stream, info).await?;
    let task = |number: usize| call::reconcile::Task {
        task_id: TaskId { value: format!("{number:0>250}") },
        agent_id: Some(AgentId { value: "unknown".to_owned() }),
    };
    let call = Call {
        reconcile: Some(call::Reconcile { tasks: (0..20_000).map(task).collect() }),
        ..scheduler::bare(call::Type::Reconcile)
    };
    let mut asked = 0;
    let cut = loop {
        let answer = framework.call(target.address, &call).await?;
        asked += 1;
        if answer.status != 202 {
            break answer;
        }
        ensure!(asked < 200, "it is never cut off");
    };
    ensure!([400, 403].contains(&cut.status), "{cut:?}");
    raw::closed(&mut framework.stream).await?;
    gone(target, &framework.id.value).await?;
    Ok(format!("cut off after {} MB of events", (asked * 20_000 * 400) >> 20))
}

/// Its connection takes only a little.
async fn with_little_room(target: &Target) -> Result<TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    Ok(socket.connect(target.address).await?)
}

async fn gone(target: &Target, id: &str) -> Result<()> {
    until("the framework to be gone", async || {
        let state = get_json(target.cluster.master.address(), "/frameworks").await.ok()?;
        let frameworks = state["frameworks"].as_array()?.iter();
        frameworks.clone().all(|framework| framework["id"] != id).then_some(())
    })
    .await
}

/// Large answers to clients that do not take them.
pub async fn unread_answers(target: &Target) -> Result<String> {
    let count = target.scaled(1000);
    let mut open = Vec::new();
    for number in 0..count {
        let mut stream = with_little_room(target).await?;
        let gzip = if number % 2 == 0 { "Accept-Encoding: gzip\r\n" } else { "" };
        let request = format!("GET /state HTTP/1.1\r\nHost: x\r\n{gzip}\r\n").repeat(20);
        stream.write_all(request.as_bytes()).await?;
        open.push(stream);
    }
    Ok(format!("{count} connections with 20 requests for /state each"))
}
