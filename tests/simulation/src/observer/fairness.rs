// SPDX-License-Identifier: Apache-2.0

//! What is offered, and what ought to be.
//!
//! - Nothing is offered in a role that is suppressed or not the framework's, of an
//!   agent that is not there, or against the framework's constraints.
//! - What a framework declined is not offered to it again before its time.
//! - What nobody has and somebody wants is offered within [`PATIENCE`].

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_core::{resources::Resources, time::Time};
use mesos_master_state::{AgentKey, AgentRecord, FrameworkKey, FrameworkRecord, OfferRecord};
use mesos_proto::v1::scheduler::{
    AttributeConstraint, OfferConstraints,
    attribute_constraint::{predicate::Predicate, selector::Selector},
};

use super::books::Books;

/// How long resources that somebody wants may lie idle.
const PATIENCE: Duration = Duration::from_secs(8);

/// Filters live this long at least, and a missing time means five seconds.
const FILTER_MIN: Duration = Duration::from_secs(1);
const FILTER_DEFAULT: Duration = Duration::from_secs(5);

/// An allocator keeps so many filters of one client on one agent.
const FILTERS_KEPT: usize = 8;

#[derive(Debug)]
struct Filter {
    framework: FrameworkKey,
    role: Arc<str>,
    agent: AgentKey,
    refused: Resources,
    until: Time,
    /// Nothing in it may be offered; otherwise it only excuses that nothing is.
    binding: bool,
}

/// A framework's role and an agent.
type Pair = (FrameworkKey, String, AgentKey);

#[derive(Debug, Default)]
pub(crate) struct Fairness {
    filters: Vec<Filter>,
    /// Since when someone could have been offered something of an agent.
    waiting: BTreeMap<Pair, Time>,
    /// The hosts that take part, if not all do.
    pub(crate) whitelist: Option<BTreeSet<String>>,
}

/// The time that a filter means.
fn refusal(seconds: Option<f64>) -> Duration {
    let seconds = seconds.filter(|seconds| *seconds >= 0.0);
    seconds.map_or(FILTER_DEFAULT, Duration::from_secs_f64).max(FILTER_MIN)
}

impl Fairness {
    pub(super) fn declines(
        &mut self,
        now: Time,
        framework: &FrameworkRecord,
        offer: &OfferRecord,
        seconds: Option<f64>,
    ) {
        let role = offer.role.to_string();
        let wanted = framework.roles.contains(&role) && !framework.suppressed_roles.contains(&role);
        self.filters.push(Filter {
            framework: offer.framework,
            role: offer.role.clone(),
            agent: offer.agent,
            refused: offer.resources.unallocated(),
            until: now + refusal(seconds),
            binding: wanted,
        });
    }

    /// What is left of an offer is declined too, however much that is.
    pub(super) fn accepts(&mut self, now: Time, offer: &OfferRecord, seconds: Option<f64>) {
        self.filters.push(Filter {
            framework: offer.framework,
            role: offer.role.clone(),
            agent: offer.agent,
            refused: offer.resources.unallocated(),
            until: now + refusal(seconds),
            binding: false,
        });
    }

    pub(super) fn revives(&mut self, framework: FrameworkKey, roles: &[String]) {
        self.filters.retain(|filter| {
            let meant = roles.is_empty() || roles.iter().any(|role| **role == *filter.role);
            filter.framework != framework || !meant
        });
    }

    /// One that is not there any more has refused nothing.
    pub(super) fn framework_changes(&mut self, framework: &FrameworkRecord) {
        if !framework.connected {
            self.filters.retain(|filter| filter.framework != framework.key);
        }
        let of_it = self.filters.iter_mut().filter(|filter| filter.framework == framework.key);
        of_it.for_each(|filter| filter.binding = false);
    }

    pub(super) fn framework_completed(&mut self, framework: FrameworkKey) {
        self.filters.retain(|filter| filter.framework != framework);
        self.waiting.retain(|(of, ..), _| *of != framework);
    }

    pub(super) fn agent_changes(&mut self, agent: AgentKey) {
        let of_it = self.filters.iter_mut().filter(|filter| filter.agent == agent);
        of_it.for_each(|filter| filter.binding = false);
    }

    pub(super) fn agent_removed(&mut self, agent: AgentKey) {
        self.filters.retain(|filter| filter.agent != agent);
        self.waiting.retain(|(.., on), _| *on != agent);
    }

    /// Checks that an offer may be made.
    pub(super) fn offers(
        &mut self,
        now: Time,
        agent: &AgentRecord,
        framework: &FrameworkRecord,
        offer: &OfferRecord,
    ) -> Result<(), String> {
        let (role, name) = (offer.role.to_string(), &framework.info.name);
        let complain = |what: String| Err(format!("{name} is offered of {} {what}", agent.id));
        if !framework.roles.contains(&role) {
            return complain(format!("in role {role}, which it does not have"));
        }
        if framework.suppressed_roles.contains(&role) {
            return complain(format!("in role {role}, which it suppressed"));
        }
        if !agent.active || !framework.connected {
            return complain("while one of them is not there".to_owned());
        }
        if excludes(&framework.offer_constraints, &role, agent) {
            return complain("against its constraints".to_owned());
        }
        self.filters.retain(|filter| filter.until > now);
        let of_pair = self.filters.iter().filter(|filter| {
            (filter.framework, filter.agent) == (offer.framework, offer.agent)
                && filter.role == offer.role
        });
        let of_pair: Vec<&Filter> = of_pair.collect();
        let resources = offer.resources.unallocated();
        let refused = of_pair.iter().find(|it| it.binding && it.refused.contains(&resources));
        match refused {
            Some(filter) if of_pair.len() <= FILTERS_KEPT => complain(format!(
                "{resources}, of which it refused {} for another {:?}",
                filter.refused,
                filter.until.since(now)
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that nobody waits for long for what is there.
    pub(super) fn audit(
        &mut self,
        now: Time,
        books: &Books,
        frameworks: &BTreeMap<FrameworkKey, Arc<FrameworkRecord>>,
    ) -> Result<(), String> {
        let mut waiting = BTreeMap::new();
        for agent in books.agents().filter(|agent| agent.active && self.takes_part(agent)) {
            let free = books.free(agent);
            if !is_enough(&free) {
                continue;
            }
            for framework in frameworks.values().filter(|framework| framework.connected) {
                for role in &framework.roles {
                    let suppressed = framework.suppressed_roles.contains(role);
                    if suppressed || self.is_excused(now, framework, role, agent, &free) {
                        continue;
                    }
                    let pair = (framework.key, role.clone(), agent.key);
                    let since = self.waiting.get(&pair).copied().unwrap_or(now);
                    if now.since(since) > PATIENCE {
                        return Err(format!(
                            "{} could have {free} of {} in role {role}, and has not been offered \
                             it for {PATIENCE:?}",
                            framework.info.name, agent.id
                        ));
                    }
                    waiting.insert(pair, since);
                }
            }
        }
        self.waiting = waiting;
        Ok(())
    }

    /// The clock has jumped: nobody waited meanwhile.
    pub(crate) fn jumps(&mut self) {
        self.waiting.clear();
    }

    fn takes_part(&self, agent: &AgentRecord) -> bool {
        self.whitelist.as_ref().is_none_or(|hosts| hosts.contains(&agent.info.hostname))
    }

    fn is_excused(
        &self,
        now: Time,
        framework: &FrameworkRecord,
        role: &str,
        agent: &AgentRecord,
        free: &Resources,
    ) -> bool {
        excludes(&framework.offer_constraints, role, agent)
            || self.filters.iter().any(|filter| {
                (filter.framework, filter.agent) == (framework.key, agent.key)
                    && *filter.role == *role
                    && filter.until > now
                    && filter.refused.contains(free)
            })
    }
}

/// Whether it can be offered at all, by Mesos's minimum.
fn is_enough(free: &Resources) -> bool {
    let enough =
        |text: &str| free.contains(&Resources::parse(text, "*").expect("the text is valid"));
    enough("cpus:0.01") || enough("mem:32")
}

/// Whether constraints keep an agent from a role; only the kinds that simulated
/// frameworks use are understood.
fn excludes(constraints: &OfferConstraints, role: &str, agent: &AgentRecord) -> bool {
    let Some(of_role) = constraints.role_constraints.get(role) else { return false };
    let holds = |constraint: &AttributeConstraint| {
        let Some(Selector::AttributeName(name)) = &constraint.selector.selector else {
            return true;
        };
        let is_there = agent.info.attributes.iter().any(|attribute| attribute.name == *name);
        match &constraint.predicate.predicate {
            Some(Predicate::Exists(_)) => is_there,
            Some(Predicate::NotExists(_)) => !is_there,
            Some(
                Predicate::TextEquals(_)
                | Predicate::TextNotEquals(_)
                | Predicate::TextMatches(_)
                | Predicate::TextNotMatches(_),
            )
            | None => true,
        }
    };
    !of_role.groups.iter().any(|group| group.attribute_constraints.iter().all(holds))
}
