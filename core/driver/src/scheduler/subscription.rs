// SPDX-License-Identifier: Apache-2.0

//! What the driver tells each master about the framework: its info, its
//! suppressed roles and its offer constraints.
//!
//! A master that takes over knows none of it, so it is kept here, follows
//! every SUPPRESS, REVIVE and UPDATE_FRAMEWORK, and is sent whole with each
//! SUBSCRIBE.

use std::collections::BTreeSet;

use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{
    FrameworkId, FrameworkInfo, framework_info,
    scheduler::{self, OfferConstraints, call},
};

use crate::{Error, ErrorKind};

/// The framework as the driver subscribes it.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    framework: FrameworkInfo,
    suppressed: BTreeSet<String>,
    constraints: Option<OfferConstraints>,
}

impl Subscription {
    pub(super) fn new(
        framework: FrameworkInfo,
        suppressed: Vec<String>,
        constraints: Option<OfferConstraints>,
    ) -> Self {
        Subscription { framework, suppressed: suppressed.into_iter().collect(), constraints }
    }

    pub(super) fn framework_id(&self) -> Option<&FrameworkId> {
        self.framework.id.as_ref().filter(|id| !id.value.is_empty())
    }

    pub(super) fn set_framework_id(&mut self, id: FrameworkId) {
        self.framework.id = Some(id);
    }

    /// The SUBSCRIBE call for the next attempt.
    ///
    /// A suppressed role that is none of the framework's is the master's to refuse, as a typing
    /// error would otherwise bring the offers that were to be suppressed. None is left behind by an
    /// UPDATE_FRAMEWORK, which names the suppressed roles anew.
    pub(super) fn call(&self) -> scheduler::Call {
        let suppressed_roles = match trial::has(Defect::DriverForgetsSuppressed) {
            true => Vec::new(),
            false => self.suppressed_roles(),
        };
        scheduler::Call {
            framework_id: self.framework_id().cloned(),
            r#type: Some(call::Type::Subscribe.into()),
            subscribe: Some(call::Subscribe {
                framework_info: self.framework.clone(),
                suppressed_roles,
                offer_constraints: self.constraints.clone(),
            }),
            ..Default::default()
        }
    }

    fn suppressed_roles(&self) -> Vec<String> {
        self.suppressed.iter().cloned().collect()
    }

    /// The calls that a master needs to hear that was subscribed with `sent`.
    pub(super) fn calls_since(&self, sent: &Subscription) -> Vec<scheduler::Call> {
        let call =
            |kind: call::Type| scheduler::Call { r#type: Some(kind.into()), ..Default::default() };
        let roles = self.roles();
        let info = |of: &Subscription| FrameworkInfo { id: None, ..of.framework.clone() };
        // SUPPRESS of a role that is none of the framework's would be ignored without a word.
        let refusable = !self.suppressed.is_subset(&roles);
        if info(self) != info(sent) || self.constraints != sent.constraints || refusable {
            let update = call::UpdateFramework {
                framework_info: self.framework.clone(),
                suppressed_roles: self.suppressed_roles(),
                offer_constraints: self.constraints.clone(),
            };
            let update_framework = Some(update);
            return vec![scheduler::Call { update_framework, ..call(call::Type::UpdateFramework) }];
        }
        let added = |to: &BTreeSet<String>, since: &BTreeSet<String>| -> Vec<String> {
            to.difference(since).filter(|role| roles.contains(*role)).cloned().collect()
        };
        let suppressed = added(&self.suppressed, &sent.suppressed);
        let revived = added(&sent.suppressed, &self.suppressed);
        let mut calls = Vec::new();
        if !suppressed.is_empty() {
            let suppress = Some(call::Suppress { roles: suppressed });
            calls.push(scheduler::Call { suppress, ..call(call::Type::Suppress) });
        }
        if !revived.is_empty() {
            let revive = Some(call::Revive { roles: revived });
            calls.push(scheduler::Call { revive, ..call(call::Type::Revive) });
        }
        calls
    }

    /// Follows SUPPRESS: no role named means every role.
    ///
    /// # Errors
    /// A role that the framework does not have: the master would ignore the
    /// call without a word, and refuse the next subscription.
    pub(super) fn suppress(&mut self, roles: &[String]) -> Result<(), Error> {
        let known = self.roles();
        check_roles("SUPPRESS", roles, &known)?;
        if roles.is_empty() {
            self.suppressed = known;
        } else {
            self.suppressed.extend(roles.iter().cloned());
        }
        Ok(())
    }

    /// Follows REVIVE: no role named means every role.
    ///
    /// # Errors
    /// As [`Subscription::suppress`].
    pub(super) fn revive(&mut self, roles: &[String]) -> Result<(), Error> {
        check_roles("REVIVE", roles, &self.roles())?;
        if roles.is_empty() {
            self.suppressed.clear();
        } else {
            for role in roles {
                self.suppressed.remove(role);
            }
        }
        Ok(())
    }

    /// Fills in what an UPDATE_FRAMEWORK leaves empty and the master does not let a framework
    /// leave: its user and its hostname stay.
    pub(super) fn complete(&self, info: &mut FrameworkInfo) {
        if info.user.is_empty() {
            info.user.clone_from(&self.framework.user);
        }
        if info.hostname().is_empty() {
            info.hostname.clone_from(&self.framework.hostname);
        }
    }

    /// Follows UPDATE_FRAMEWORK, which replaces everything but the id.
    pub(super) fn update(&mut self, update: call::UpdateFramework) {
        let id = self.framework.id.take();
        self.framework = FrameworkInfo { id, ..update.framework_info };
        self.suppressed = update.suppressed_roles.into_iter().collect();
        self.constraints = update.offer_constraints;
    }

    /// The roles of the framework, from whichever of the two fields it uses.
    #[expect(deprecated, reason = "frameworks without MULTI_ROLE have only `role`")]
    fn roles(&self) -> BTreeSet<String> {
        let multi = i32::from(framework_info::capability::Type::MultiRole);
        if self.framework.capabilities.iter().any(|it| it.r#type == Some(multi)) {
            self.framework.roles.iter().cloned().collect()
        } else {
            let role = self.framework.role.clone().unwrap_or_else(|| "*".to_owned());
            BTreeSet::from([role])
        }
    }
}

fn check_roles(what: &str, roles: &[String], known: &BTreeSet<String>) -> Result<(), Error> {
    match roles.iter().find(|role| !known.contains(*role)) {
        None => Ok(()),
        Some(role) => {
            let known = known.iter().map(String::as_str).collect::<Vec<_>>().join("', '");
            Err(Error::new(
                ErrorKind::InvalidCall,
                format!(
                    "{what} names the role '{role}', which the framework does not have; \
                     it has '{known}'"
                ),
            ))
        }
    }
}
