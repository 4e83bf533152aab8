// SPDX-License-Identifier: Apache-2.0

//! `/flags`.

use bytes::Bytes;
use mesos_net::model::{Object, object};

use super::Sources;

pub(super) fn body(sources: &Sources) -> Bytes {
    let mut out = Vec::new();
    object(&mut out, |object| write(object, sources));
    out.into()
}

/// Adds the member `flags`, as `/state` has it too.
pub(super) fn write(object: &mut Object<'_>, sources: &Sources) {
    object.object("flags", |object| {
        sources.flags.iter().for_each(|(name, value)| object.text(name, value));
    });
}
