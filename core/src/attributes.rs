// SPDX-License-Identifier: Apache-2.0

//! What an operator says about an agent: `rack:a1;level:10;keys:[1000-1500]`.
//!
//! A value is a number, a set of numbers or a text. Words in braces are refused,
//! as Mesos has no sets here.
//!
//! Source in Mesos: `src/common/attributes.cpp`.

use std::fmt::{self, Display, Formatter};

use mesos_proto::v1::{Attribute, value};

use crate::{
    resources::{Ranges, Scalar},
    values::{self, ParsedValue, ValueError},
};

/// Why a text describes no attributes, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum ParseError {
    #[error("Invalid attribute key:value pair '{0}'")]
    Pair(String),
    #[error("Failed to parse attribute {name} text {text} error {reason}")]
    Value { name: String, text: String, reason: ValueError },
    #[error("Bad type for attribute {name} text {text} type SET")]
    Set { name: String, text: String },
}

/// Parses attributes, separated by semicolons or new lines.
///
/// # Errors
/// When a pair has no name or no value, or its value is malformed or a set.
pub fn parse(text: &str) -> Result<Vec<Attribute>, ParseError> {
    text.split([';', '\n'])
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once(':') {
            Some((name, text)) if !name.is_empty() && !text.is_empty() => parse_one(name, text),
            Some(_) | None => Err(ParseError::Pair(pair.to_owned())),
        })
        .collect()
}

fn parse_one(name: &str, text: &str) -> Result<Attribute, ParseError> {
    let parsed = values::parse(text).map_err(|reason| ParseError::Value {
        name: name.to_owned(),
        text: text.to_owned(),
        reason,
    })?;
    let mut attribute = Attribute { name: name.to_owned(), ..Attribute::default() };
    match parsed {
        ParsedValue::Scalar(value) => {
            attribute.set_type(value::Type::Scalar);
            attribute.scalar = Some(value::Scalar { value });
        }
        ParsedValue::Ranges(ranges) => {
            attribute.set_type(value::Type::Ranges);
            attribute.ranges = Some((&ranges).into());
        }
        ParsedValue::Text(value) => {
            attribute.set_type(value::Type::Text);
            attribute.text = Some(value::Text { value });
        }
        ParsedValue::Set(_) => {
            return Err(ParseError::Set { name: name.to_owned(), text: text.to_owned() });
        }
    }
    Ok(attribute)
}

/// Whether an attribute has a name and the value that its type says.
pub fn is_valid(attribute: &Attribute) -> bool {
    !attribute.name.is_empty()
        && match value::Type::try_from(attribute.r#type) {
            Ok(value::Type::Scalar) => attribute.scalar.is_some(),
            Ok(value::Type::Ranges) => attribute.ranges.is_some(),
            Ok(value::Type::Text) => attribute.text.is_some(),
            Ok(value::Type::Set) | Err(_) => false,
        }
}

/// Whether both say the same; numbers are compared to three decimals.
pub fn same(left: &Attribute, right: &Attribute) -> bool {
    left.name == right.name
        && left.r#type == right.r#type
        && match value::Type::try_from(left.r#type) {
            Ok(value::Type::Scalar) => {
                left.scalar.as_ref().map(Scalar::from) == right.scalar.as_ref().map(Scalar::from)
            }
            Ok(value::Type::Ranges) => {
                left.ranges.as_ref().map(Ranges::from) == right.ranges.as_ref().map(Ranges::from)
            }
            Ok(value::Type::Text) => left.text == right.text,
            Ok(value::Type::Set) => left.set == right.set,
            Err(_) => false,
        }
}

/// Whether `attributes` says what `wanted` says.
pub fn contains(attributes: &[Attribute], wanted: &Attribute) -> bool {
    attributes.iter().any(|attribute| same(attribute, wanted))
}

/// Whether both say the same, in whatever order.
pub fn all_same(left: &[Attribute], right: &[Attribute]) -> bool {
    left.len() == right.len()
        && left.iter().all(|attribute| contains(right, attribute))
        && right.iter().all(|attribute| contains(left, attribute))
}

/// The value of an attribute as `/state` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// To be written as a number.
    Number(Scalar),
    /// To be written as a string.
    Text(String),
}

/// The value of an attribute as `/state` shows it; `None` if it has none.
pub fn shown(attribute: &Attribute) -> Option<Shown> {
    match value::Type::try_from(attribute.r#type).ok()? {
        value::Type::Scalar => Some(Shown::Number(attribute.scalar.as_ref()?.into())),
        value::Type::Ranges => {
            let ranges = Ranges::from(attribute.ranges.as_ref()?);
            Some(Shown::Text(ranges.to_string()))
        }
        value::Type::Text => Some(Shown::Text(attribute.text.as_ref()?.value.clone())),
        value::Type::Set => None,
    }
}

/// Prints an attribute as Mesos does: `rack=a1`.
pub struct Printed<'a>(pub &'a Attribute);

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.0.name)?;
        match shown(self.0) {
            Some(Shown::Number(number)) => write!(f, "{number}"),
            Some(Shown::Text(text)) => f.write_str(&text),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> String {
        let attributes = parse(text).expect("the text is well-formed");
        let printed: Vec<String> =
            attributes.iter().map(|attribute| Printed(attribute).to_string()).collect();
        printed.join(" ")
    }

    #[test]
    fn attributes_are_numbers_ranges_or_text() {
        assert_eq!(
            printed("rack:a1;level:10;keys:[1000-1500]"),
            "rack=a1 level=10 keys=[1000-1500]"
        );
        assert_eq!(printed("a:1\nurl:http://x:80;;"), "a=1 url=http://x:80");
        assert_eq!(printed(""), "");
    }

    #[test]
    fn malformed_attributes_are_refused() {
        for (text, expected) in [
            ("rack", "Invalid attribute key:value pair 'rack'"),
            (":a", "Invalid attribute key:value pair ':a'"),
            ("a:", "Invalid attribute key:value pair 'a:'"),
            ("a:{b}", "Bad type for attribute a text {b} type SET"),
            ("a:[1-", "Failed to parse attribute a text [1- error Mismatched brackets"),
        ] {
            let error = parse(text).expect_err("the text is malformed");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn attributes_are_compared_in_any_order() {
        let attributes = |text| parse(text).expect("the text is well-formed");
        let left = attributes("a:1.0001;b:[1-2,3-4];c:x");
        assert!(all_same(&left, &attributes("c:x;b:[1-4];a:1")));
        assert!(!all_same(&left, &attributes("c:x;b:[1-4];a:1;d:2")));
        assert!(!all_same(&left, &attributes("c:y;b:[1-4];a:1")));
        assert!(left.iter().all(is_valid));
        assert!(!is_valid(&Attribute::default()));
    }
}
