// SPDX-License-Identifier: Apache-2.0

//! `/version`.

use mesos_net::{
    Reply, Request,
    model::{Object, object},
};

use super::Api;
use crate::VERSION;

/// The members are sorted by name.
pub(super) fn reply(api: &Api, request: &Request) -> Reply {
    let mut out = Vec::new();
    object(&mut out, |object| members(object, api));
    Reply::json(&request.query, bytes::Bytes::from(out))
}

fn members(object: &mut Object<'_>, api: &Api) {
    let build = &api.views.fixed().build;
    object.text("build_date", &build.date);
    object.number("build_time", build.time);
    object.text("build_user", build.user);
    if let Some(sha) = build.git_sha {
        object.text("git_sha", sha);
    }
    object.text("version", VERSION);
}
