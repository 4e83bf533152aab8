// SPDX-License-Identifier: Apache-2.0

//! `/version`.

use bytes::Bytes;
use mesos_net::model::object;

use super::Sources;

pub(super) fn body(sources: &Sources) -> Bytes {
    let mut out = Vec::new();
    object(&mut out, |object| {
        sources.build.write(object);
        object.text("version", &sources.version);
    });
    out.into()
}
