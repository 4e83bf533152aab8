// SPDX-License-Identifier: Apache-2.0

//! Resources as `/state` and its kin show them: one flat object, amounts summed
//! over roles and volumes.
//!
//! `disk`, `mem`, `gpus` and `cpus` are always there; numbers and words are
//! strings; names of revocable resources end in `_revocable`.
//!
//! Source in Mesos: `json(JSON::ObjectWriter*, const Resources&)` in
//! `src/common/http.cpp`.

use std::borrow::Cow;

use super::{Name, Resource, Resources, Scalar, Value};

/// The value of one member of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// To be written as a number.
    Number(Scalar),
    /// To be written as a string.
    Text(String),
}

/// The members of the object, by name, in the order to write them in.
pub fn members(resources: &Resources) -> impl Iterator<Item = (Cow<'static, str>, Member)> {
    members_of(resources.iter())
}

/// Like [`members`], of resources from anywhere.
pub fn members_of<'a>(
    resources: impl IntoIterator<Item = &'a Resource>,
) -> impl Iterator<Item = (Cow<'static, str>, Member)> {
    let mut sums: Vec<((Name, bool), Value)> = [Name::Disk, Name::Mem, Name::Gpus, Name::Cpus]
        .map(|name| ((name, false), Value::Scalar(Scalar::ZERO)))
        .into();
    for resource in resources {
        let revocable = resource.is_revocable();
        let sum = sums.iter_mut().find(|((name, kind), value)| {
            *name == resource.name && *kind == revocable && value.same_type(&resource.value)
        });
        match sum {
            Some((_, value)) => value.add(&resource.value),
            None => sums.push(((resource.name.clone(), revocable), resource.value.clone())),
        }
    }
    // Numbers come first, then ranges, then sets. The sort is stable.
    sums.sort_by_key(|(_, value)| match value {
        Value::Scalar(_) => 0,
        Value::Ranges(_) => 1,
        Value::Set(_) => 2,
    });
    sums.into_iter().map(|((name, revocable), value)| {
        let member = match value {
            Value::Scalar(amount) => Member::Number(amount),
            Value::Ranges(ranges) => Member::Text(ranges.to_string()),
            Value::Set(set) => Member::Text(set.to_string()),
        };
        (member_name(&name, revocable), member)
    })
}

/// The usual names, which most members have, need no memory.
fn member_name(name: &Name, revocable: bool) -> Cow<'static, str> {
    if revocable {
        return Cow::Owned(format!("{name}_revocable"));
    }
    match name {
        Name::Cpus => Cow::Borrowed("cpus"),
        Name::Mem => Cow::Borrowed("mem"),
        Name::Disk => Cow::Borrowed("disk"),
        Name::Gpus => Cow::Borrowed("gpus"),
        Name::Ports => Cow::Borrowed("ports"),
        Name::Other(text) => Cow::Owned(text.as_ref().to_owned()),
    }
}
