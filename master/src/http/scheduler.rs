// SPDX-License-Identifier: Apache-2.0

//! `/api/v1/scheduler`: calls of schedulers, and the stream that SUBSCRIBE opens.

use http::{HeaderName, Method};
use mesos_core::validation::scheduler_call;
use mesos_net::{MediaType, Reply, Request, media};
use mesos_proto::v1::scheduler::{Call, call::Type};

use super::{Api, answered, unavailable};
use crate::engine::{Answer, Subscription};

/// Names a subscription in both directions.
const STREAM_ID: HeaderName = HeaderName::from_static("mesos-stream-id");

/// Answers one call.
pub(super) async fn reply(api: &Api, request: &Request) -> Reply {
    if request.method != Method::POST {
        return Reply::method_not_allowed(&["POST"], &request.method);
    }
    let call = match media::content_type(&request.headers) {
        Ok(media) => media::decode_body::<Call>(media, &request.body).await,
        Err(refusal) => Err(refusal),
    };
    match call {
        Ok(call) => dispatch(api, request, call).await,
        Err(refusal) => refusal,
    }
}

async fn dispatch(api: &Api, request: &Request, call: Call) -> Reply {
    // A header that is no text matches no stream, but it is there.
    let stream_id = request
        .headers
        .get(&STREAM_ID)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let wants_answer = matches!(call.r#type(), Type::Subscribe | Type::ReconcileOperations);
    let media = match media::accept(&request.headers) {
        Ok(media) => media,
        Err(_) if !wants_answer => MediaType::Json,
        // Mesos looks at the call first.
        Err(_) if scheduler_call::validate(&call, None).is_err() => MediaType::Json,
        Err(refusal) => return refusal,
    };
    if call.r#type() != Type::Subscribe {
        return answered(api.engine.scheduler_call(call, stream_id).await);
    }
    match api.engine.subscribe(call, stream_id, media).await {
        Ok(Subscription::Started { stream_id, events }) => {
            Reply::stream(media, events).with_header(STREAM_ID, &stream_id)
        }
        Ok(Subscription::Refused(Answer { status, body })) => answered(Ok(Answer { status, body })),
        Err(closed) => unavailable(closed),
    }
}
