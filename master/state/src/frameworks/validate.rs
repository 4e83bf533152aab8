// SPDX-License-Identifier: Apache-2.0

//! Which frameworks are taken: the rules are `mesos_core::validation`'s, the
//! facts about this master are ours.

use mesos_core::{
    trial::{self, Defect},
    validation::framework::{self, Admission},
};
use mesos_proto::v1::FrameworkInfo;

use super::subscribe::id_of;
use crate::master::Master;

impl Master {
    /// What SUBSCRIBE and UPDATE_FRAMEWORK must fulfil.
    pub(super) fn validate_framework(
        &self,
        info: &FrameworkInfo,
        suppressed: &[String],
    ) -> Result<(), String> {
        let admission = Admission {
            role_whitelist: self.config.role_whitelist.as_ref(),
            root_submissions: self.config.root_submissions,
            completed: !id_of(info).is_empty()
                && self.frameworks.completed.contains_key(id_of(info))
                && !trial::has(Defect::CompletedFrameworkAccepted),
        };
        framework::subscription(info, suppressed, admission).map_err(|error| error.to_string())
    }
}

/// The roles of a framework, sorted.
pub(crate) fn roles_of(info: &FrameworkInfo) -> Vec<String> {
    framework::roles(info).into_iter().map(str::to_owned).collect()
}
