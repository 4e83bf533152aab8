// SPDX-License-Identifier: Apache-2.0

//! The v1 executor API on HTTP: `POST /api/v1/executor`.
//!
//! | what is wrong                             | answer                     |
//! |-------------------------------------------|----------------------------|
//! | another method                            | 405                        |
//! | no content type, or a body that is no call | 400                       |
//! | another content type                      | 415                        |
//! | a body above 16 MB                        | 413                        |
//! | SUBSCRIBE that accepts neither encoding   | 406                        |
//! | anything that needs the agent's state     | what the state machine says |
//!
//! SUBSCRIBE is answered by a stream of RecordIO records, in the encoding the
//! executor accepts; everything else by 202 without a body.

use http::{Method, StatusCode};
use mesos_net::{Reply, Request, media};
use mesos_proto::v1::executor::{Call, call};

use crate::engine::{Answer, Closed, Handle, Subscription};

/// The longest call. All it can hold of any length is the data of a message or of a status, which
/// the agent, the master and the scheduler each keep for a while.
const LONGEST_CALL: usize = 16 << 20;

/// Answers a request.
pub async fn answer(engine: &Handle, request: &Request) -> Reply {
    if request.method != Method::POST {
        return Reply::method_not_allowed(&["POST"], &request.method);
    }
    match carry_out(engine, request).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn carry_out(engine: &Handle, request: &Request) -> Result<Reply, Reply> {
    let content_type = media::content_type(&request.headers)?;
    if request.body.len() > LONGEST_CALL {
        let text = format!(
            "The call has {} bytes; {LONGEST_CALL} are allowed. Put large data into the sandbox",
            request.body.len()
        );
        return Err(Reply::text(StatusCode::PAYLOAD_TOO_LARGE, text));
    }
    let call: Call = media::decode_body(content_type, &request.body).await?;
    if call.r#type() != call::Type::Subscribe {
        return Ok(plain(engine.executor_call(call).await.map_err(closing)?));
    }
    let accepted = media::accept(&request.headers)?;
    Ok(match engine.subscribe(call, accepted).await.map_err(closing)? {
        Subscription::Started(events) => Reply::stream(accepted, events),
        Subscription::Refused(answer) => plain(answer),
    })
}

fn plain(answer: Answer) -> Reply {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Reply::text(status, answer.body)
}

fn closing(closed: Closed) -> Reply {
    Reply::text(StatusCode::SERVICE_UNAVAILABLE, closed.to_string())
}
