// SPDX-License-Identifier: Apache-2.0

//! GET_HEALTH, GET_FLAGS, GET_VERSION, GET_MASTER, GET_METRICS: about the
//! master itself.

use mesos_net::{MediaType, Reply, media};
use mesos_proto::v1::{
    Flag, Metric, VersionInfo,
    master::{
        Response,
        response::{GetFlags, GetHealth, GetMaster, GetMetrics, GetVersion, Type},
    },
};

use super::super::{Api, unavailable};
use crate::VERSION;

fn answer(media: MediaType, r#type: Type, mut response: Response) -> Reply {
    response.set_type(r#type);
    Reply::encoded(media, media::encode(media, &response))
}

pub(super) fn health(media: MediaType) -> Reply {
    let get_health = Some(GetHealth { healthy: true });
    answer(media, Type::GetHealth, Response { get_health, ..Default::default() })
}

pub(super) fn flags(api: &Api, media: MediaType) -> Reply {
    let flags = api.views.fixed().flags.iter();
    let flags = flags
        .map(|(name, value)| Flag { name: (*name).to_owned(), value: Some(value.clone()) })
        .collect();
    let get_flags = Some(GetFlags { flags });
    answer(media, Type::GetFlags, Response { get_flags, ..Default::default() })
}

pub(super) fn version(api: &Api, media: MediaType) -> Reply {
    let build = &api.views.fixed().build;
    let version_info = VersionInfo {
        version: VERSION.to_owned(),
        build_date: Some(build.date.clone()),
        build_time: Some(build.time),
        build_user: Some(build.user.to_owned()),
        git_sha: build.git_sha.map(str::to_owned),
        ..Default::default()
    };
    let get_version = Some(GetVersion { version_info });
    answer(media, Type::GetVersion, Response { get_version, ..Default::default() })
}

pub(super) fn master(api: &Api, media: MediaType) -> Reply {
    let fixed = api.views.fixed();
    let get_master = Some(GetMaster {
        master_info: Some(fixed.info.clone()),
        start_time: Some(fixed.start_time.as_secs_f64()),
        elected_time: Some(fixed.elected_time.as_secs_f64()),
    });
    answer(media, Type::GetMaster, Response { get_master, ..Default::default() })
}

pub(super) async fn metrics(api: &Api, media: MediaType) -> Reply {
    let metrics = match api.metrics.collect(&api.engine, &api.views).await {
        Ok(metrics) => metrics,
        Err(closed) => return unavailable(closed),
    };
    let metrics =
        metrics.into_iter().map(|(name, value)| Metric { name, value: Some(value) }).collect();
    let get_metrics = Some(GetMetrics { metrics });
    answer(media, Type::GetMetrics, Response { get_metrics, ..Default::default() })
}
