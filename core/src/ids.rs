// SPDX-License-Identifier: Apache-2.0

//! Ids that become names of directories: of frameworks, executors, tasks,
//! agents and volumes.
//!
//! Source in Mesos: `src/common/validation.cpp`.

/// The longest id, in bytes: what a file name can hold.
pub const LENGTH_MAX: usize = 255;

/// What is wrong with an id, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum InvalidId {
    #[error("ID must not be empty")]
    Empty,
    #[error("ID must not be greater than {LENGTH_MAX} characters")]
    TooLong,
    #[error("'{0}' is disallowed")]
    Dots(String),
    #[error("'{0}' contains invalid characters")]
    InvalidCharacters(String),
}

/// Checks an id.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(id: &str) -> Result<(), InvalidId> {
    if id.is_empty() {
        return Err(InvalidId::Empty);
    }
    if id.len() > LENGTH_MAX {
        return Err(InvalidId::TooLong);
    }
    if id == "." || id == ".." {
        return Err(InvalidId::Dots(id.to_owned()));
    }
    if id.bytes().any(|byte| byte.is_ascii_control() || byte == b'/' || byte == b'\\') {
        return Err(InvalidId::InvalidCharacters(id.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, expected: &str) {
        let error = validate(id).expect_err("the id is invalid");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn ids_are_refused_in_the_words_of_mesos() {
        check("", "ID must not be empty");
        check(".", "'.' is disallowed");
        check("..", "'..' is disallowed");
        check("a/b", "'a/b' contains invalid characters");
        check("a\\b", "'a\\b' contains invalid characters");
        check("a\nb", "'a\nb' contains invalid characters");
        check("a\x7f", "'a\x7f' contains invalid characters");
        check(&"x".repeat(256), "ID must not be greater than 255 characters");
    }

    #[test]
    fn blanks_and_unicode_are_accepted() {
        for id in ["a b", "äöü", "...", "a.b", &"x".repeat(255)] {
            assert_eq!(validate(id), Ok(()), "{id}");
        }
    }
}
