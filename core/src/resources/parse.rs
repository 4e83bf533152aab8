// SPDX-License-Identifier: Apache-2.0

//! Resources as operators write them: `cpus:4;mem(web):1024;ports:[31000-32000]`,
//! or a JSON array of the protobuf.
//!
//! What only the cluster itself can make (volumes, dynamic reservations,
//! revocable resources) is refused.
//!
//! Source in Mesos: `Resources::parse` in `src/common/resources.cpp`.

use std::collections::BTreeMap;

use mesos_proto::v1::{
    self,
    resource::{ReservationInfo, reservation_info},
    value,
};

use super::{
    Name, Quantities, Resource, Resources, Scalar, convert,
    validate::{self, InvalidResource},
};
use crate::{
    roles,
    values::{self, ParsedValue, ValueError},
};

/// Why a text describes no resources, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum ParseError {
    #[error("Bad value for resources, missing or extra ':' in {0}")]
    Colon(String),
    #[error("Bad value for resources, mismatched parentheses in {0}")]
    Parentheses(String),
    #[error("Failed to parse resource {name} value {value} error {reason}")]
    Value { name: String, value: String, reason: ValueError },
    #[error("Bad type for resource {name} value {value} type TEXT")]
    Text { name: String, value: String },
    #[error("Some JSON resources were not formatted properly: {0}")]
    Json(String),
    #[error(transparent)]
    Invalid(#[from] InvalidResource),
    #[error("Persistent volumes cannot be specified at the command line")]
    PersistentVolume,
    #[error(
        "Revocable resources cannot be specified at the command line; do not include a \
         'revocable' key in the resources JSON"
    )]
    Revocable,
    #[error(
        "Dynamic reservations cannot be specified at the command line; do not include a \
         reservation with DYNAMIC type in the resources JSON"
    )]
    DynamicReservation,
    #[error("Resources with the same name ('{0}') but different types are not allowed")]
    MixedTypes(String),
}

/// Why a text describes no quantities, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum QuantitiesError {
    #[error("Failed to parse '{0}': missing or extra ':'")]
    Colon(String),
    #[error("Failed to parse '{value}' to quantity: {reason}")]
    Value { value: String, reason: ValueError },
    #[error("Failed to parse '{0}' to quantity: only scalar values are allowed")]
    NotScalar(String),
}

impl Resources {
    /// Parses the text or JSON form; what names no role is reserved (statically)
    /// to `default_role`, unless that is `*`.
    ///
    /// # Errors
    /// When the text is malformed, a resource is invalid, or it is of a kind
    /// that cannot be declared.
    pub fn parse(text: &str, default_role: &str) -> Result<Resources, ParseError> {
        let declared = if text.trim_start().starts_with('[') {
            parse_json(text, default_role)?
        } else {
            parse_text(text, default_role)?
        };
        let mut types: BTreeMap<&str, i32> = BTreeMap::new();
        for resource in &declared {
            validate::resource(resource)?;
            let known = types.entry(&resource.name).or_insert(resource.r#type);
            if *known != resource.r#type {
                return Err(ParseError::MixedTypes(resource.name.clone()));
            }
        }
        let resources = Resources::from_proto(&declared);
        resources.iter().try_for_each(check_declarable)?;
        Ok(resources)
    }

    /// What the text or JSON form says, one by one: only its form is checked.
    ///
    /// # Errors
    /// When the text is malformed.
    pub fn declared(text: &str, default_role: &str) -> Result<Vec<v1::Resource>, ParseError> {
        if !text.trim_start().starts_with('[') {
            return Self::declared_as_text(text, default_role);
        }
        let mut declared = parse_json(text, default_role)?;
        declared.iter_mut().for_each(convert::upgrade);
        Ok(declared)
    }

    /// [`Resources::declared`] of the text form.
    ///
    /// # Errors
    /// When the text is malformed.
    pub fn declared_as_text(
        text: &str,
        default_role: &str,
    ) -> Result<Vec<v1::Resource>, ParseError> {
        parse_text(text, default_role)
    }
}

fn check_declarable(resource: &Resource) -> Result<(), ParseError> {
    if resource.is_persistent_volume() {
        Err(ParseError::PersistentVolume)
    } else if resource.is_revocable() {
        Err(ParseError::Revocable)
    } else if resource.is_dynamically_reserved() {
        Err(ParseError::DynamicReservation)
    } else {
        Ok(())
    }
}

fn parse_text(text: &str, default_role: &str) -> Result<Vec<v1::Resource>, ParseError> {
    text.split(';')
        .filter(|token| !token.is_empty())
        .map(|token| {
            let (key, value) =
                key_and_value(token).ok_or_else(|| ParseError::Colon(token.to_owned()))?;
            let (name, role) = match key.split_once('(') {
                None => (key, default_role),
                Some((name, rest)) => match rest.split_once(')') {
                    // A parenthesis closed before it is opened closes nothing.
                    Some((role, _)) if !name.contains(')') => (name, role),
                    Some(_) | None => return Err(ParseError::Parentheses(token.to_owned())),
                },
            };
            declared_one(name.trim(), value, role.trim())
        })
        .collect()
}

/// One resource of its name and the text of its value; reserved (statically) to `role`, unless
/// that is `*`.
///
/// # Errors
/// When the text is no value.
pub fn declared_one(name: &str, value: &str, role: &str) -> Result<v1::Resource, ParseError> {
    let parsed = values::parse(value).map_err(|reason| ParseError::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        reason,
    })?;
    let mut resource = v1::Resource { name: name.to_owned(), ..v1::Resource::default() };
    match parsed {
        ParsedValue::Scalar(value) => {
            resource.set_type(value::Type::Scalar);
            resource.scalar = Some(value::Scalar { value });
        }
        ParsedValue::Ranges(ranges) => {
            resource.set_type(value::Type::Ranges);
            resource.ranges = Some((&ranges).into());
        }
        ParsedValue::Set(item) => {
            resource.set_type(value::Type::Set);
            resource.set = Some(value::Set { item });
        }
        ParsedValue::Text(_) => {
            return Err(ParseError::Text { name: name.to_owned(), value: value.to_owned() });
        }
    }
    if role != roles::DEFAULT {
        resource.reservations.push(static_reservation(role));
    }
    Ok(resource)
}

fn parse_json(text: &str, default_role: &str) -> Result<Vec<v1::Resource>, ParseError> {
    let mut resources: Vec<v1::Resource> = mesos_proto::json::list_from_json(text.as_bytes())
        .map_err(|error| ParseError::Json(error.to_string()))?;
    for resource in &mut resources {
        #[expect(deprecated, reason = "the pre-refinement format is still spoken")]
        let names_a_role = resource.role.is_some() || !resource.reservations.is_empty();
        if !names_a_role && default_role != roles::DEFAULT {
            resource.reservations.push(static_reservation(default_role));
        }
    }
    Ok(resources)
}

fn static_reservation(role: &str) -> ReservationInfo {
    let mut reservation =
        ReservationInfo { role: Some(role.to_owned()), ..ReservationInfo::default() };
    reservation.set_type(reservation_info::Type::Static);
    reservation
}

/// The two sides of the only colon; neither is empty.
fn key_and_value(token: &str) -> Option<(&str, &str)> {
    let mut sides = token.split(':').filter(|side| !side.is_empty());
    match (sides.next(), sides.next(), sides.next()) {
        (Some(key), Some(value), None) => Some((key, value)),
        (_, _, Some(_)) | (None, _, _) | (_, None, _) => None,
    }
}

impl Quantities {
    /// Parses `cpus:0.1;mem:32`; what is zero is left out.
    ///
    /// # Errors
    /// When the text is malformed or a value is not an amount.
    pub fn parse(text: &str) -> Result<Quantities, QuantitiesError> {
        let mut result = Quantities::new();
        for token in text.split(';').filter(|token| !token.is_empty()) {
            let (name, value) =
                key_and_value(token).ok_or_else(|| QuantitiesError::Colon(token.to_owned()))?;
            let parsed = values::parse(value)
                .map_err(|reason| QuantitiesError::Value { value: value.to_owned(), reason })?;
            let ParsedValue::Scalar(amount) = parsed else {
                return Err(QuantitiesError::NotScalar(value.to_owned()));
            };
            result.increase(&Name::new(name.trim()), Scalar::from_f64(amount));
        }
        Ok(result)
    }
}
