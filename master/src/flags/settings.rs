// SPDX-License-Identifier: Apache-2.0

//! From flags to what the state machine is told.

use std::collections::BTreeSet;

use mesos_core::resources::Quantities;
use mesos_flags::{duration, text_or_file};
use mesos_master_state::{Config, RateLimit};
use mesos_proto::v1;

use super::{MasterFlags, check::Refused};

/// The configuration of the state machine of a master with this info.
pub fn config(flags: &MasterFlags, master_info: v1::MasterInfo) -> Result<Config, Refused> {
    let mut config = Config::new(master_info);
    config.agent_ping_timeout = flags.agent_ping_timeout;
    config.max_agent_ping_timeouts = flags.max_agent_ping_timeouts;
    config.agent_reregister_timeout = flags.agent_reregister_timeout;
    config.agent_removal_rate_limit =
        flags.agent_removal_rate_limit.as_deref().map(rate_limit).transpose()?;
    config.recovery_agent_removal_limit = flags.recovery_agent_removal_limit.as_fraction();
    config.require_agent_domain = flags.require_agent_domain;
    config.offer_timeout = flags.offer_timeout;
    config.max_completed_frameworks = flags.max_completed_frameworks;
    config.max_completed_tasks_per_framework = flags.max_completed_tasks_per_framework;
    config.max_unreachable_tasks_per_framework = flags.max_unreachable_tasks_per_framework;
    config.registry_gc_interval = flags.registry_gc_interval;
    config.registry_max_agent_age = flags.registry_max_agent_age;
    config.registry_max_agent_count = flags.registry_max_agent_count;
    config.root_submissions = flags.root_submissions;
    config.role_whitelist = flags.roles.as_deref().map(|roles| list(roles).into_iter().collect());
    allocator(flags, &mut config)?;
    Ok(config)
}

fn allocator(flags: &MasterFlags, config: &mut Config) -> Result<(), Refused> {
    let region = config.master_info.domain.as_ref().and_then(|domain| domain.fault_domain.as_ref());
    config.allocator.region = region.map(|fault| fault.region.name.clone());
    config.allocator.allocation_interval = flags.allocation_interval;
    config.allocator.filter_gpu_resources = flags.filter_gpu_resources;
    config.allocator.fair_sharing_excluded =
        flags.fair_sharing_excluded_resource_names.as_deref().map(list).unwrap_or_default();
    config.allocator.weights =
        flags.weights.as_deref().map(weights).transpose()?.unwrap_or_default();
    config.allocator.min_allocatable = flags
        .min_allocatable_resources
        .split('|')
        .filter(|set| !set.trim().is_empty())
        .map(|set| {
            Quantities::parse(set).map_err(|error| Refused {
                flag: "min_allocatable_resources",
                reason: format!("'{set}': {error}"),
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(())
}

/// The fault domain that `--domain` gives, as JSON or in a file.
pub fn domain(text: &str) -> Result<v1::DomainInfo, Refused> {
    let refused = |reason| Refused { flag: "domain", reason };
    let json = text_or_file(text).map_err(refused)?;
    let domain: v1::DomainInfo = mesos_proto::json::from_json(json.as_bytes())
        .map_err(|error| refused(error.to_string()))?;
    if domain.fault_domain.is_none() {
        return Err(refused("`domain` must define `fault_domain`".to_owned()));
    }
    Ok(domain)
}

fn list(text: &str) -> BTreeSet<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `1/10mins`: a number of agents, and the time in which so many may go.
fn rate_limit(text: &str) -> Result<RateLimit, Refused> {
    let refused = |reason: String| Refused { flag: "agent_removal_rate_limit", reason };
    let (permits, period) = text.split_once('/').ok_or_else(|| {
        refused(format!("'{text}' is no rate; expected <agents>/<duration>, such as 1/10mins"))
    })?;
    let permits = permits.trim().parse().ok().filter(|permits| *permits > 0);
    let permits = permits
        .ok_or_else(|| refused(format!("'{text}' must start with a positive whole number")))?;
    let period = duration::parse(period.trim()).map_err(|error| refused(error.to_string()))?;
    if period.is_zero() {
        return Err(refused(format!("'{text}' must have a positive duration")));
    }
    Ok(RateLimit { permits, period })
}

/// `role=weight,role=weight`.
fn weights(text: &str) -> Result<Vec<(String, f64)>, Refused> {
    let refused = |part: &str| Refused {
        flag: "weights",
        reason: format!("'{part}' is no weight; expected role=number with a positive number"),
    };
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (role, weight) = part.split_once('=').ok_or_else(|| refused(part))?;
            let weight: f64 = weight.trim().parse().map_err(|_| refused(part))?;
            if !weight.is_finite() || weight <= 0.0 {
                return Err(refused(part));
            }
            Ok((role.trim().to_owned(), weight))
        })
        .collect()
}
