// SPDX-License-Identifier: Apache-2.0

//! Calls of schedulers by hand.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use mesos_proto::v1::{
    FrameworkId, FrameworkInfo, TaskInfo, framework_info,
    scheduler::{Call, Event, call},
};
use prost::Message;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use crate::raw::{self, Answer, PATIENCE};

/// Where calls go.
pub const PATH: &str = "/api/v1/scheduler";
/// The headers of calls in protobuf.
pub const PROTOBUF: &str =
    "Content-Type: application/x-protobuf\r\nAccept: application/x-protobuf\r\n";
/// The headers of calls in JSON.
pub const JSON: &str = "Content-Type: application/json\r\nAccept: application/json\r\n";

/// A subscribed framework whose stream is read by nobody but the test.
pub struct Subscribed {
    /// The stream, after its first event.
    pub stream: TcpStream,
    /// The header of its calls.
    pub stream_id: String,
    /// Its id.
    pub id: FrameworkId,
}

/// A framework that can have several roles.
pub fn info(name: &str, roles: Vec<String>) -> FrameworkInfo {
    use framework_info::{Capability, capability::Type};
    FrameworkInfo {
        user: "root".to_owned(),
        name: name.to_owned(),
        roles,
        capabilities: [Type::MultiRole, Type::PartitionAware]
            .map(|it| Capability { r#type: Some(it.into()) })
            .to_vec(),
        ..Default::default()
    }
}

/// SUBSCRIBE.
pub fn subscribe_call(info: FrameworkInfo) -> Call {
    Call {
        framework_id: info.id.clone(),
        r#type: Some(call::Type::Subscribe.into()),
        subscribe: Some(call::Subscribe { framework_info: info, ..Default::default() }),
        ..Default::default()
    }
}

/// Subscribes from the attackers' address.
///
/// # Errors
/// It is refused.
pub async fn subscribe(master: SocketAddr, info: FrameworkInfo) -> Result<Subscribed> {
    let stream = raw::connect_from(66, master).await?;
    subscribe_on(stream, info).await
}

/// Subscribes on a connection that may be peculiar.
///
/// # Errors
/// It is refused.
pub async fn subscribe_on(mut stream: TcpStream, info: FrameworkInfo) -> Result<Subscribed> {
    let request = raw::post(PATH, PROTOBUF, &subscribe_call(info).encode_to_vec());
    tokio::io::AsyncWriteExt::write_all(&mut stream, &request).await?;
    let first = timeout(PATIENCE, first_event(&mut stream)).await.context("no event in time")?;
    let (stream_id, event) = first?;
    let subscribed = event.subscribed.context("the first event is another one")?;
    Ok(Subscribed { stream, stream_id, id: subscribed.framework_id })
}

/// The stream's id and its first event; no byte more is read.
async fn first_event(stream: &mut TcpStream) -> Result<(String, Event)> {
    let head = line(stream, b"\r\n\r\n").await?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    let stream_id = head.lines().find_map(|line| line.strip_prefix("Mesos-Stream-Id: "));
    let stream_id = stream_id.context("no Mesos-Stream-Id")?.to_owned();
    // One record is one chunk.
    line(stream, b"\r\n").await?;
    let length: usize = line(stream, b"\n").await?.trim().parse()?;
    let mut record = vec![0; length];
    stream.read_exact(&mut record).await?;
    Ok((stream_id, Event::decode(&record[..])?))
}

async fn line(stream: &mut TcpStream, end: &[u8]) -> Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        bytes.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Subscribed {
    /// The headers of its calls.
    pub fn headers(&self) -> String {
        format!("{PROTOBUF}Mesos-Stream-Id: {}\r\n", self.stream_id)
    }

    /// A call of this framework as a request.
    pub fn request(&self, call: &Call) -> Vec<u8> {
        let call = Call { framework_id: Some(self.id.clone()), ..call.clone() };
        raw::post(PATH, &self.headers(), &call.encode_to_vec())
    }

    /// Makes a call on a connection of its own.
    ///
    /// # Errors
    /// It is not answered.
    pub async fn call(&self, master: SocketAddr, call: &Call) -> Result<Answer> {
        raw::ask(master, &self.request(call)).await
    }
}

/// A call with nothing but its type.
pub fn bare(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}

/// ACCEPT that launches tasks.
pub fn accept(offers: Vec<mesos_proto::v1::OfferId>, tasks: Vec<TaskInfo>) -> Call {
    use mesos_proto::v1::offer::{Operation, operation};
    let operation = Operation {
        r#type: Some(operation::Type::Launch.into()),
        launch: Some(operation::Launch { task_infos: tasks }),
        ..Default::default()
    };
    Call {
        accept: Some(call::Accept {
            offer_ids: offers,
            operations: vec![operation],
            ..Default::default()
        }),
        ..bare(call::Type::Accept)
    }
}
