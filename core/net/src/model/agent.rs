// SPDX-License-Identifier: Apache-2.0

//! Resources, attributes and domains.

use std::collections::BTreeMap;

use mesos_core::{
    attributes::{self as core_attributes, Shown},
    resources::{
        Resource, Resources,
        model::{Member, members_of},
    },
};
use mesos_proto::v1;

use super::{Object, object};

/// Appends resources as one flat object: `{"disk":0.0,"mem":32.0,…}`.
pub fn resources(resources: &Resources, out: &mut Vec<u8>) {
    flat(resources.iter(), out);
}

fn flat<'a>(resources: impl IntoIterator<Item = &'a Resource>, out: &mut Vec<u8>) {
    object(out, |object| {
        for (name, member) in members_of(resources) {
            match member {
                Member::Number(amount) => object.number(&name, amount.as_f64()),
                Member::Text(text) => object.text(&name, &text),
            }
        }
    });
}

/// Appends the reserved resources: an object of flat resources by role.
pub fn reserved_by_role(resources: &Resources, out: &mut Vec<u8>) {
    let mut by_role: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
    for resource in resources.iter() {
        if let Some(role) = resource.reservation_role() {
            by_role.entry(role).or_default().push(resource);
        }
    }
    object(out, |object| {
        for (role, reserved) in by_role {
            flat(reserved, object.key(role));
        }
    });
}

/// Appends attributes as an object.
pub fn attributes(attributes: &[v1::Attribute], out: &mut Vec<u8>) {
    object(out, |object| {
        for attribute in attributes {
            match core_attributes::shown(attribute) {
                Some(Shown::Number(number)) => object.number(&attribute.name, number.as_f64()),
                Some(Shown::Text(text)) => object.text(&attribute.name, &text),
                None => {}
            }
        }
    });
}

/// Adds the member `domain`, when there is one.
pub fn domain(object: &mut Object<'_>, domain: Option<&v1::DomainInfo>) {
    if let Some(domain) = domain {
        object.message("domain", domain);
    }
}
