// SPDX-License-Identifier: Apache-2.0

//! Small bodies that would become large messages, or long work.

use anyhow::Result;
use mesos_proto::v1::{
    Filters, OfferId,
    scheduler::{Call, call},
};

use crate::{
    Target, agent,
    raw::{self, Answer},
    scheduler::{self, JSON, PATH, PROTOBUF},
};

async fn post_json(target: &Target, text: &str) -> Result<Answer> {
    raw::ask(target.address, &raw::post(PATH, JSON, text.as_bytes())).await
}

/// CVE-2018-11793: recursion without a bound.
pub async fn nested_json(target: &Target) -> Result<String> {
    const DEPTH: usize = 1_000_000;
    let cases = [
        "[".repeat(DEPTH),
        r#"{"a":"#.repeat(DEPTH),
        format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!(r#"{{"type":"KILL","x":{}"#, "[{\"y\":".repeat(DEPTH)),
    ];
    for text in &cases {
        post_json(target, text).await?.expect(400, "Failed to parse body into JSON: ")?;
    }
    // Groups within groups, which the wire format has.
    for byte in [0x0b_u8, 0x1b] {
        let request = raw::post(PATH, PROTOBUF, &vec![byte; DEPTH]);
        let answer = raw::ask(target.address, &request).await?;
        answer.expect(400, "Failed to parse body into Call protobuf")?;
    }
    Ok("400, in JSON and in protobuf".to_owned())
}

/// Each takes more memory than its two bytes of text.
pub async fn many_values(target: &Target) -> Result<String> {
    for element in ["0,", "[],", "{},", "\"\","] {
        let text = format!("[{}0]", element.repeat(5_000_000));
        post_json(target, &text).await?.expect(400, "more than 4000000 values")?;
    }
    Ok("400".to_owned())
}

/// Each takes two bytes on the wire and thousands in memory.
pub async fn empty_operations(target: &Target) -> Result<String> {
    let operations = [0x12, 0x00].repeat(1_000_000);
    let mut body = vec![0x10, 0x02, 0x22];
    prost::encoding::encode_varint(operations.len() as u64, &mut body);
    body.extend_from_slice(&operations);
    let answer = raw::ask(target.address, &raw::post(PATH, PROTOBUF, &body)).await?;
    answer.expect(400, "Failed to parse body into Call protobuf")?;
    let list = "{},".repeat(1_000_000);
    let text = format!(r#"{{"type":"ACCEPT","accept":{{"operations":[{list}{{}}]}}}}"#);
    post_json(target, &text).await?.expect(400, "bytes of memory")?;
    Ok("400, in protobuf and in JSON".to_owned())
}

/// Their sum would cost the square of their number.
pub async fn resource_names(target: &Target) -> Result<String> {
    let count = target.scaled(100_000).max(20_000);
    let resources: Vec<_> = (0..count).map(|it| agent::scalar(&format!("r{it}"), 1.0)).collect();
    // An agent with so many is not admitted.
    let mut message = agent::registration("hostile", 1);
    message.agent.resources = resources.clone();
    let bytes = agent::message("slave(1)@127.0.0.66:1", target.address, &message)?;
    raw::ask(target.address, &bytes).await?.expect(202, "")?;
    // A framework cannot use or request so many.
    let framework = subscribed(target).await?;
    let task = mesos_proto::v1::TaskInfo { resources, ..Default::default() };
    let offers = vec![OfferId { value: "none".to_owned() }];
    let call = scheduler::accept(offers, vec![task]);
    framework.call(target.address, &call).await?.expect(202, "")?;
    // Many roles with as many filters.
    let roles = (0..count).map(|it| format!("role-{it}")).collect();
    let revive =
        Call { revive: Some(call::Revive { roles }), ..scheduler::bare(call::Type::Revive) };
    framework.call(target.address, &revive).await?.expect(202, "")?;
    let decline = Call {
        decline: Some(call::Decline {
            offer_ids: Vec::new(),
            filters: Some(Filters { refuse_seconds: Some(f64::MAX) }),
        }),
        ..scheduler::bare(call::Type::Decline)
    };
    framework.call(target.address, &decline).await?.expect(202, "")?;
    let state = mesos_integration::get_json(target.cluster.master.address(), "/slaves").await?;
    let slaves = state["slaves"].as_array().into_iter().flatten();
    let admitted = slaves.filter(|it| it["hostname"] == "hostile").count();
    anyhow::ensure!(admitted == 0, "it was admitted");
    Ok("not admitted, not launched".to_owned())
}

async fn subscribed(target: &Target) -> Result<scheduler::Subscribed> {
    let roles = vec!["hostile".to_owned()];
    let mut call = scheduler::info("hostile", roles);
    call.failover_timeout = Some(0.0);
    scheduler::subscribe(target.address, call).await
}
