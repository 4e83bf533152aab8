// SPDX-License-Identifier: Apache-2.0

//! Offer constraints: which agents a framework wants at all, per role.
//!
//! A role's constraints are groups, of which one must hold; a group's constraints
//! must all hold. A constraint asks for the first attribute of a name, or for the
//! hostname, region or zone of the agent. Text predicates let attributes pass that
//! are not text.
//!
//! Compiled once, when a framework subscribes or updates itself; what is wrong is
//! said in Mesos's words.
//!
//! Source in Mesos: `src/master/allocator/mesos/offer_constraints_filter.cpp`.

mod pattern;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use mesos_proto::v1::{
    self,
    scheduler::{
        AttributeConstraint, OfferConstraints,
        attribute_constraint::{
            Selector,
            predicate::Predicate as ProtoPredicate,
            selector::{PseudoattributeType, Selector as ProtoSelector},
        },
        offer_constraints::RoleConstraints,
    },
};

use self::pattern::Pattern;

/// How large the regular expressions in constraints may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConstraintLimits {
    /// `--offer_constraints_re2_max_mem`, in bytes.
    pub max_memory_bytes: u64,
    /// `--offer_constraints_re2_max_program_size`, in instructions.
    pub max_program_size: u64,
}

impl Default for ConstraintLimits {
    fn default() -> Self {
        ConstraintLimits { max_memory_bytes: 4096, max_program_size: 100 }
    }
}

/// Why constraints are refused, in the words of Mesos.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// A role without groups.
    #[error(
        "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role {0}"
    )]
    NoGroups(String),
    /// A group without constraints. The missing blank is Mesos's.
    #[error(
        "'OfferConstraints::RoleConstraints::groups' for role {0}contains an empty RoleConstraints::Group"
    )]
    EmptyGroup(String),
    /// One constraint is not valid.
    #[error("A role {role} has an invalid 'AttributeConstraint': {reason}")]
    Invalid {
        /// The role.
        role: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Compiled offer constraints of one framework.
#[derive(Debug, Default)]
pub struct Constraints {
    roles: BTreeMap<String, Vec<Vec<Constraint>>>,
}

impl Constraints {
    /// Compiles what a framework sent.
    pub fn compile(
        constraints: &OfferConstraints,
        limits: ConstraintLimits,
    ) -> Result<Self, ConstraintError> {
        let roles = constraints.role_constraints.iter();
        let compiled = roles.map(|(role, constraints)| {
            Ok((role.clone(), compile_role(role, constraints, limits)?))
        });
        Ok(Constraints { roles: compiled.collect::<Result<_, ConstraintError>>()? })
    }

    /// The roles that have constraints.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(String::as_str)
    }

    /// Whether `role` does not want offers of this agent.
    pub fn excludes(&self, role: &str, agent: &v1::AgentInfo) -> bool {
        if self.roles.is_empty() {
            return false;
        }
        self.roles.get(role).is_some_and(|groups| {
            !groups.iter().any(|group| group.iter().all(|constraint| constraint.holds(agent)))
        })
    }
}

fn compile_role(
    role: &str,
    constraints: &RoleConstraints,
    limits: ConstraintLimits,
) -> Result<Vec<Vec<Constraint>>, ConstraintError> {
    if constraints.groups.is_empty() {
        return Err(ConstraintError::NoGroups(role.to_owned()));
    }
    let invalid = |reason| ConstraintError::Invalid { role: role.to_owned(), reason };
    let mut groups = Vec::new();
    for group in &constraints.groups {
        if group.attribute_constraints.is_empty() {
            return Err(ConstraintError::EmptyGroup(role.to_owned()));
        }
        let compiled = group.attribute_constraints.iter();
        let compiled = compiled.map(|constraint| Constraint::compile(constraint, limits));
        groups.push(compiled.collect::<Result<_, String>>().map_err(invalid)?);
    }
    Ok(groups)
}

#[derive(Debug)]
struct Constraint {
    subject: Subject,
    predicate: Predicate,
}

/// What is looked at.
#[derive(Debug)]
enum Subject {
    Attribute(String),
    Hostname,
    Region,
    Zone,
}

#[derive(Debug)]
enum Predicate {
    Exists,
    NotExists,
    Equals(String),
    NotEquals(String),
    Matches(Pattern),
    NotMatches(Pattern),
}

/// What the subject turned out to be.
#[derive(Clone, Copy)]
enum Found<'a> {
    Nothing,
    Text(&'a str),
    /// An attribute that is a number, ranges or a set.
    OtherThanText,
}

impl Constraint {
    fn compile(constraint: &AttributeConstraint, limits: ConstraintLimits) -> Result<Self, String> {
        Ok(Constraint {
            subject: Subject::read(&constraint.selector)?,
            predicate: Predicate::compile(constraint.predicate.predicate.as_ref(), limits)?,
        })
    }

    fn holds(&self, agent: &v1::AgentInfo) -> bool {
        self.predicate.holds(self.subject.find(agent))
    }
}

impl Subject {
    fn read(selector: &Selector) -> Result<Self, String> {
        match &selector.selector {
            Some(ProtoSelector::AttributeName(name)) => Ok(Subject::Attribute(name.clone())),
            Some(ProtoSelector::PseudoattributeType(kind)) => {
                match PseudoattributeType::try_from(*kind) {
                    Ok(PseudoattributeType::Hostname) => Ok(Subject::Hostname),
                    Ok(PseudoattributeType::Region) => Ok(Subject::Region),
                    Ok(PseudoattributeType::Zone) => Ok(Subject::Zone),
                    Ok(PseudoattributeType::Unknown) | Err(_) => {
                        Err("Unknown pseudoattribute type".to_owned())
                    }
                }
            }
            None => Err("Exactly one of 'AttributeConstraint::Selector::name' or \
                 'AttributeConstraint::Selector::pseudoattribute_type' must be set"
                .to_owned()),
        }
    }

    fn find<'a>(&self, agent: &'a v1::AgentInfo) -> Found<'a> {
        let fault_domain = || agent.domain.as_ref()?.fault_domain.as_ref();
        let text = |text: Option<&'a String>| text.map_or(Found::Nothing, |text| Found::Text(text));
        match self {
            Subject::Hostname => Found::Text(&agent.hostname),
            Subject::Region => text(fault_domain().map(|domain| &domain.region.name)),
            Subject::Zone => text(fault_domain().map(|domain| &domain.zone.name)),
            Subject::Attribute(name) => {
                match agent.attributes.iter().find(|attribute| attribute.name == *name) {
                    None => Found::Nothing,
                    Some(attribute) => match &attribute.text {
                        Some(text) => Found::Text(&text.value),
                        None => Found::OtherThanText,
                    },
                }
            }
        }
    }
}

impl Predicate {
    fn compile(
        predicate: Option<&ProtoPredicate>,
        limits: ConstraintLimits,
    ) -> Result<Self, String> {
        Ok(match predicate {
            Some(ProtoPredicate::Exists(_)) => Predicate::Exists,
            Some(ProtoPredicate::NotExists(_)) => Predicate::NotExists,
            Some(ProtoPredicate::TextEquals(text)) => Predicate::Equals(text.value.clone()),
            Some(ProtoPredicate::TextNotEquals(text)) => Predicate::NotEquals(text.value.clone()),
            Some(ProtoPredicate::TextMatches(text)) => {
                Predicate::Matches(Pattern::compile(&text.regex, limits)?)
            }
            Some(ProtoPredicate::TextNotMatches(text)) => {
                Predicate::NotMatches(Pattern::compile(&text.regex, limits)?)
            }
            None => return Err("Unknown predicate type".to_owned()),
        })
    }

    fn holds(&self, found: Found<'_>) -> bool {
        let text = match found {
            Found::Text(text) => text,
            Found::Nothing => {
                return match self {
                    Predicate::Exists | Predicate::Equals(_) | Predicate::Matches(_) => false,
                    Predicate::NotExists | Predicate::NotEquals(_) | Predicate::NotMatches(_) => {
                        true
                    }
                };
            }
            Found::OtherThanText => return !matches!(self, Predicate::NotExists),
        };
        match self {
            Predicate::Exists => true,
            Predicate::NotExists => false,
            Predicate::Equals(value) => text == value,
            Predicate::NotEquals(value) => text != value,
            Predicate::Matches(pattern) => pattern.matches(text),
            Predicate::NotMatches(pattern) => !pattern.matches(text),
        }
    }
}
