// SPDX-License-Identifier: Apache-2.0

//! Frameworks that are many, or that ask for much at a time.

use anyhow::{Context, Result, ensure};
use mesos_integration::{TestFramework, command, get_json, task};
use mesos_proto::v1::{
    OfferId,
    scheduler::{Call, call},
};
use tokio::io::AsyncWriteExt;

use crate::{Target, agent::Agent, raw, scheduler};

/// Subscribes and is torn down, again and again.
pub async fn come_and_go(target: &Target) -> Result<String> {
    let count = target.scaled(2000);
    for number in 0..count {
        let info = scheduler::info(&format!("framework {number}"), vec!["hostile".to_owned()]);
        let framework = scheduler::subscribe(target.address, info).await?;
        let teardown = scheduler::bare(call::Type::Teardown);
        framework.call(target.address, &teardown).await?.expect(202, "")?;
    }
    let state = get_json(target.cluster.master.address(), "/frameworks").await?;
    let completed = state["completed_frameworks"].as_array().map_or(0, Vec::len);
    ensure!(completed <= 5, "{completed} are kept");
    Ok(format!("{count} taken, {completed} remembered"))
}

/// As many roles as fit.
pub async fn roles(target: &Target) -> Result<String> {
    let count = target.scaled(5000);
    let roles = (0..count).map(|it| format!("a/b{}/c{it}", it % 100)).collect();
    let mut info = scheduler::info("many roles", roles);
    use mesos_proto::v1::scheduler::call::Subscribe;
    info.failover_timeout = Some(0.0);
    let subscribe = Call {
        subscribe: Some(Subscribe {
            suppressed_roles: info.roles.clone(),
            framework_info: info,
            ..Default::default()
        }),
        ..scheduler::bare(call::Type::Subscribe)
    };
    let mut stream = raw::connect_from(66, target.address).await?;
    let body = prost::Message::encode_to_vec(&subscribe);
    stream.write_all(&raw::post(scheduler::PATH, scheduler::PROTOBUF, &body)).await?;
    let mut status = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut status).await?;
    ensure!(&status == b"HTTP/1.1 200", "{}", String::from_utf8_lossy(&status));
    // One more framework with other ones, and roles that come and go.
    for number in 0..10 {
        let roles = (0..count / 10).map(|it| format!("r{number}/{it}")).collect();
        scheduler::subscribe(target.address, scheduler::info("more", roles)).await?;
    }
    Ok(format!("{count} roles of one framework, as many of others"))
}

/// The most tasks that one ACCEPT may launch.
const TASKS_MAX: usize = 5000;

/// More tasks than any agent could run: too many for one call, and as many as one may have.
pub async fn accept_many(target: &Target) -> Result<String> {
    refuse_many(target).await?;
    let count = target.scaled(TASKS_MAX);
    let agent = Agent::register(66, "hostile", target.address).await?;
    let id = agent.id().context("no id")?;
    let info = TestFramework::info();
    let mut framework = TestFramework::subscribe(target.cluster.master.address(), info).await?;
    let offer = loop {
        let offer = framework.offer().await?;
        if offer.agent_id == id {
            break offer;
        }
        let none = mesos_client::v1::Filters { refuse_seconds: Some(3600.0) };
        framework.client.decline(vec![offer.id], none).await?;
    };
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let mut task = task(&format!("t{number}"), command("true"));
            task.agent_id = id.clone();
            task
        })
        .collect();
    let filters = mesos_client::v1::Filters { refuse_seconds: Some(3600.0) };
    framework.client.launch(vec![offer.id], tasks, filters).await?;
    while framework.updates.len() < count {
        framework.step("an answer for each task").await?;
    }
    framework.client.stop().await?;
    let unregister = mesos_proto::internal::UnregisterSlaveMessage { agent_id: id };
    agent.send(&unregister)?;
    Ok(format!("400; {} updates for {count} tasks of another one", framework.updates.len()))
}

/// An ACCEPT of too many tasks is refused as a whole.
async fn refuse_many(target: &Target) -> Result<()> {
    let info = scheduler::info("launches", vec!["hostile".to_owned()]);
    let framework = scheduler::subscribe(target.address, info).await?;
    let tasks = 0..target.scaled(10 * TASKS_MAX).max(TASKS_MAX + 1);
    let tasks = tasks.map(|it| task(&format!("t{it}"), command("true"))).collect();
    let accept = scheduler::accept(Vec::new(), tasks);
    framework.call(target.address, &accept).await?.expect(400, "at most 5000 tasks")
}

/// Offers that do not exist, in one call and in many.
pub async fn decline_many(target: &Target) -> Result<String> {
    let count = target.scaled(100_000);
    let info = scheduler::info("declines", vec!["hostile".to_owned()]);
    let framework = scheduler::subscribe(target.address, info).await?;
    let decline = |offers: Vec<OfferId>| Call {
        decline: Some(call::Decline { offer_ids: offers, filters: None }),
        ..scheduler::bare(call::Type::Decline)
    };
    let offers = (0..count).map(|it| OfferId { value: format!("offer-{it}") }).collect();
    framework.call(target.address, &decline(offers)).await?.expect(202, "")?;
    let one = framework.request(&decline(vec![OfferId { value: "offer".to_owned() }]));
    let mut stream = raw::connect_from(66, target.address).await?;
    let (mut reader, mut writer) = stream.split();
    let write = async {
        let batch = one.repeat(100);
        for _ in 0..count / 100 {
            writer.write_all(&batch).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        let head = b"HTTP/1.1 202";
        let mut answers = 0;
        let mut carry = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        while answers < count / 100 * 100 {
            let length = tokio::io::AsyncReadExt::read(&mut reader, &mut buffer).await?;
            ensure!(length > 0, "closed after {answers}");
            carry.extend_from_slice(&buffer[..length]);
            let found = carry.windows(head.len()).filter(|window| window == head).count();
            answers += found;
            // Part of an answer may be at the end.
            carry.drain(..carry.len().saturating_sub(head.len() - 1));
        }
        anyhow::Ok(answers)
    };
    let (written, answers) = tokio::join!(write, read);
    written?;
    Ok(format!("{} × 202", answers? + 1))
}
