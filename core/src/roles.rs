// SPDX-License-Identifier: Apache-2.0

//! Names of roles, which form a tree: `eng/backend` is below `eng`.
//!
//! Unlike in Mesos they have a longest length: every resource of an offer names
//! a role, and each level of a role is one of the tree.
//!
//! Source in Mesos: `src/common/roles.cpp`.

/// The role of everybody, which nothing can be reserved to.
pub const DEFAULT: &str = "*";

/// The longest name of a role, in bytes.
pub const LENGTH_MAX: usize = 1024;

/// What is wrong with the name of a role, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum InvalidRole {
    #[error("Role names cannot be the empty string")]
    Empty,
    #[error("Role names must not be longer than {LENGTH_MAX} bytes, but one has {0}")]
    TooLong(usize),
    #[error("Role '{0}' cannot start with a slash")]
    LeadingSlash(String),
    #[error("Role '{0}' cannot end with a slash")]
    TrailingSlash(String),
    #[error("Role '{0}' cannot contain two adjacent slashes")]
    AdjacentSlashes(String),
    #[error("Role '{role}' cannot include '{component}' as a component")]
    ReservedComponent { role: String, component: &'static str },
    #[error("Role component '{0}' is invalid because it starts with a dash")]
    LeadingDash(String),
    #[error("Role component '{0}' is invalid because it contains backspace or whitespace")]
    Whitespace(String),
}

/// Checks the name of a role; `*` is valid.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(role: &str) -> Result<(), InvalidRole> {
    if role == DEFAULT {
        return Ok(());
    }
    if role.is_empty() {
        return Err(InvalidRole::Empty);
    }
    if role.len() > LENGTH_MAX {
        return Err(InvalidRole::TooLong(role.len()));
    }
    if role.starts_with('/') {
        return Err(InvalidRole::LeadingSlash(role.to_owned()));
    }
    if role.ends_with('/') {
        return Err(InvalidRole::TrailingSlash(role.to_owned()));
    }
    if role.contains("//") {
        return Err(InvalidRole::AdjacentSlashes(role.to_owned()));
    }
    role.split('/').try_for_each(|component| validate_component(role, component))
}

fn validate_component(role: &str, component: &str) -> Result<(), InvalidRole> {
    for reserved in [".", "..", "*"] {
        if component == reserved {
            return Err(InvalidRole::ReservedComponent {
                role: role.to_owned(),
                component: reserved,
            });
        }
    }
    if component.starts_with('-') {
        return Err(InvalidRole::LeadingDash(component.to_owned()));
    }
    // Mesos means DEL where it says backspace.
    if component.contains(['\t', '\n', '\x0b', '\x0c', '\r', ' ', '\x7f']) {
        return Err(InvalidRole::Whitespace(component.to_owned()));
    }
    Ok(())
}

/// Parses a comma-separated list of roles; empty items are skipped.
///
/// # Errors
/// The first invalid role.
pub fn parse(text: &str) -> Result<Vec<String>, InvalidRole> {
    text.split(',')
        .filter(|role| !role.is_empty())
        .map(|role| validate(role).map(|()| role.to_owned()))
        .collect()
}

/// Whether `role` is below `ancestor` in the tree, and not the same.
pub fn is_strict_subrole_of(role: &str, ancestor: &str) -> bool {
    role.strip_prefix(ancestor).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether `role` is `root` or below it.
pub fn is_in_subtree_of(role: &str, root: &str) -> bool {
    role == root || is_strict_subrole_of(role, root)
}

/// The roles above `role`, nearest first.
pub fn ancestors(role: &str) -> impl Iterator<Item = &str> {
    role.rmatch_indices('/').map(|(index, _)| &role[..index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: &str, expected: &str) {
        let error = validate(role).expect_err("the role is invalid");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn roles_are_refused_in_the_words_of_mesos() {
        check("", "Role names cannot be the empty string");
        check(&"a".repeat(1025), "Role names must not be longer than 1024 bytes, but one has 1025");
        assert_eq!(validate(&"a".repeat(1024)), Ok(()));
        check("/a", "Role '/a' cannot start with a slash");
        check("/", "Role '/' cannot start with a slash");
        check("a/", "Role 'a/' cannot end with a slash");
        check("a//b", "Role 'a//b' cannot contain two adjacent slashes");
        check("a/.", "Role 'a/.' cannot include '.' as a component");
        check("..", "Role '..' cannot include '..' as a component");
        check("a/*", "Role 'a/*' cannot include '*' as a component");
        check("a/-b", "Role component '-b' is invalid because it starts with a dash");
        check("a b", "Role component 'a b' is invalid because it contains backspace or whitespace");
        check(
            "a\x7f",
            "Role component 'a\x7f' is invalid because it contains backspace or whitespace",
        );
    }

    #[test]
    fn ordinary_roles_are_accepted() {
        for role in ["*", "a", "a/b/c", "a-b", "a.b", "...", "ünïcode", "*a"] {
            assert_eq!(validate(role), Ok(()), "{role}");
        }
    }

    #[test]
    fn a_list_of_roles_is_parsed_and_checked() {
        assert_eq!(parse("a,,b/c,*"), Ok(vec!["a".into(), "b/c".into(), "*".into()]));
        assert_eq!(parse("a,/b"), Err(InvalidRole::LeadingSlash("/b".into())));
    }

    #[test]
    fn a_subrole_continues_its_ancestor_after_a_slash() {
        assert!(is_strict_subrole_of("eng/backend", "eng"));
        assert!(is_strict_subrole_of("eng/backend/db", "eng"));
        assert!(!is_strict_subrole_of("engineering", "eng"));
        assert!(!is_strict_subrole_of("eng", "eng"));
        assert!(!is_strict_subrole_of("eng", "eng/backend"));
        assert!(is_in_subtree_of("eng", "eng"));
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(ancestors("a").count(), 0);
    }
}
