// SPDX-License-Identifier: Apache-2.0

//! What can be wrong with a command line.

/// A flag that cannot be taken; every message names the flag.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FlagError {
    /// No flag has this name.
    #[error("unknown flag '--{name}'{}; see --help for all flags", suggest(.nearest))]
    Unknown {
        /// As given, without the dashes.
        name: String,
        /// The flag that was probably meant.
        nearest: Option<&'static str>,
    },
    /// The value does not parse.
    #[error("bad value '{value}' for flag '--{name}': {reason}")]
    BadValue {
        /// The flag's name.
        name: &'static str,
        /// The text given, or `(secret)`.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A flag that is not a boolean was given without `=value`.
    #[error("flag '--{name}' needs a value: --{name}=VALUE")]
    MissingValue {
        /// The flag's name.
        name: &'static str,
    },
    /// `--no-name` for a flag that is not a boolean.
    #[error("flag '--{name}' is not a boolean and cannot be negated; use --{name}=VALUE")]
    NotNegatable {
        /// The flag's name.
        name: &'static str,
    },
    /// `--no-name=value`.
    #[error("flag '--no-{name}' takes no value; use --{name}=true or --{name}=false")]
    NegatedWithValue {
        /// The flag's name.
        name: &'static str,
    },
    /// The flag occurs twice, possibly once under its old name.
    #[error("flag '--{name}' is given twice, as '--{first}' and as '--{second}'")]
    Duplicate {
        /// The flag's name.
        name: &'static str,
        /// The first spelling.
        first: String,
        /// The second spelling.
        second: String,
    },
    /// A flag without default was not given.
    #[error("flag '--{name}' is required: --{name}=VALUE, or {variable} in the environment")]
    Required {
        /// The flag's name.
        name: &'static str,
        /// The environment variable that would set it.
        variable: String,
    },
    /// A value `file:///path` whose file cannot be read.
    #[error("cannot read the value of flag '--{name}' from '{path}': {reason}")]
    Unreadable {
        /// The flag's name.
        name: &'static str,
        /// The path in the value.
        path: String,
        /// The error of the system.
        reason: String,
    },
}

fn suggest(nearest: &Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean '--{name}'?"))
}
