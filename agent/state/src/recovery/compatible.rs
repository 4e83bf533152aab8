// SPDX-License-Identifier: Apache-2.0

//! Whether an agent may keep its id although its description has changed.
//!
//! | `--reconfiguration_policy` | hostname, port | domain | resources | attributes |
//! |---|---|---|---|---|
//! | `equal` | same | same | same | same |
//! | `additive` | same | same, or none before | may grow | may be added |
//!
//! In Mesos: `src/slave/compatibility.cpp`.

use mesos_core::resources::Resources;
use mesos_proto::v1::AgentInfo;

use crate::config::ReconfigurationPolicy;

/// What forbids the change from `old` to `new`, if anything does.
pub(super) fn conflict(
    policy: ReconfigurationPolicy,
    old: &AgentInfo,
    new: &AgentInfo,
) -> Option<String> {
    if old.hostname != new.hostname {
        return Some(format!("the hostname was '{}' and is '{}'", old.hostname, new.hostname));
    }
    if old.port() != new.port() {
        return Some(format!("the port was {} and is {}", old.port(), new.port()));
    }
    let before = Resources::from_proto(&old.resources);
    let after = Resources::from_proto(&new.resources);
    let kept = old.attributes.iter().all(|attribute| new.attributes.contains(attribute));
    match policy {
        ReconfigurationPolicy::Equal => {
            if old.domain != new.domain {
                return Some("the domain has changed".to_owned());
            }
            if !(before.contains(&after) && after.contains(&before)) {
                return Some(format!("the resources were '{before}' and are '{after}'"));
            }
            if !kept || old.attributes.len() != new.attributes.len() {
                return Some("the attributes have changed".to_owned());
            }
        }
        ReconfigurationPolicy::Additive => {
            if old.domain.is_some() && old.domain != new.domain {
                return Some("the domain has changed".to_owned());
            }
            if !after.contains(&before) {
                return Some(format!("the resources were '{before}' and are only '{after}'"));
            }
            if !kept {
                return Some("an attribute is gone or has changed".to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use mesos_proto::v1::{Attribute, Resource, value};

    use super::*;

    fn agent(cpus: f64, attributes: &[&str]) -> AgentInfo {
        let mut resource = Resource {
            name: "cpus".into(),
            scalar: Some(value::Scalar { value: cpus }),
            ..Resource::default()
        };
        resource.set_type(value::Type::Scalar);
        let attribute = |name: &&str| Attribute {
            name: (*name).into(),
            text: Some(value::Text { value: "x".into() }),
            ..Attribute::default()
        };
        AgentInfo {
            hostname: "h".into(),
            resources: vec![resource],
            attributes: attributes.iter().map(attribute).collect(),
            ..AgentInfo::default()
        }
    }

    #[test]
    fn each_policy_allows_what_it_says() {
        use ReconfigurationPolicy::{Additive, Equal};
        let old = agent(2.0, &["a"]);
        let other_host = AgentInfo { hostname: "g".into(), ..old.clone() };
        for (policy, new, allowed) in [
            (Equal, old.clone(), true),
            (Additive, old.clone(), true),
            (Equal, agent(4.0, &["a"]), false),
            (Additive, agent(4.0, &["a"]), true),
            (Additive, agent(1.0, &["a"]), false),
            (Equal, agent(2.0, &["a", "b"]), false),
            (Additive, agent(2.0, &["a", "b"]), true),
            (Additive, agent(2.0, &[]), false),
            (Additive, other_host, false),
        ] {
            assert_eq!(conflict(policy, &old, &new).is_none(), allowed, "{policy:?} {new:?}");
        }
    }
}
