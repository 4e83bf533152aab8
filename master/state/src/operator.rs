// SPDX-License-Identifier: Apache-2.0

//! What operators ask for.

use std::collections::BTreeSet;

use mesos_core::trial;

use crate::{
    input::{OperatorCall, RequestKey},
    master::Master,
    output::Output,
};

impl Master {
    /// Input: an operator's call.
    pub(crate) fn operator_call(&mut self, request: RequestKey, call: OperatorCall) {
        match call {
            OperatorCall::Teardown { framework_id } => {
                match self.frameworks.find(&framework_id.value) {
                    Some(key) => {
                        trial::reached("frameworks", "any but completed | TEARDOWN");
                        self.complete_framework(key, Some((request, 200)));
                    }
                    None => self.answer(request, 400, "No framework found with specified ID"),
                }
            }
            OperatorCall::MarkAgentGone { agent_id } => {
                self.mark_agent_gone(request, &agent_id.value);
            }
            OperatorCall::Explain { framework_id, role } => {
                self.explain(request, &framework_id.value, role);
            }
        }
    }

    fn explain(&mut self, request: RequestKey, framework_id: &str, role: Option<String>) {
        let Some(key) = self.frameworks.find(framework_id) else {
            let body = format!("No framework with the id '{framework_id}' is registered");
            return self.answer(request, 404, body);
        };
        let roles = match role {
            Some(role) => vec![role],
            None => self.frameworks.registered[key].record.roles.clone(),
        };
        let explanations =
            roles.iter().map(|role| self.allocator.explain(self.now, key, role)).collect();
        self.outputs.push_back(Output::Explained { request, explanations });
    }

    /// Input: the whitelist changed. What is on offer stays so.
    pub(crate) fn whitelist_changed(&mut self, hostnames: Option<Vec<String>>) {
        let hostnames: Option<BTreeSet<String>> =
            hostnames.map(|names| names.into_iter().collect());
        self.allocator.set_whitelist(hostnames);
    }
}
