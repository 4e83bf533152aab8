// SPDX-License-Identifier: Apache-2.0

//! Fills a flag set from a command line and an environment.

use std::{collections::BTreeMap, fmt, io, path::Path};

use crate::{Flag, FlagError, FlagSet, FlagValue, usage::usage};

/// Where the texts come from.
pub struct Source<'a> {
    /// The program's name, for the help text.
    pub program: &'a str,
    /// The command line without the program's name.
    pub arguments: &'a [String],
    /// The environment; only variables with `prefix` are looked at.
    pub environment: &'a [(String, String)],
    /// What a flag's variable starts with: `MESOS_`.
    pub prefix: &'a str,
    /// Reads the file a `file:///path` value names.
    pub read_file: &'a dyn Fn(&Path) -> io::Result<String>,
}

/// The outcome of loading.
#[derive(Debug)]
pub enum Loaded<F> {
    /// The flags, and what the operator should know about them.
    Flags(F, Vec<Warning>),
    /// `--help` was given; the text to print.
    Help(String),
    /// `--version` was given.
    Version,
}

/// Something on the command line that is legal but probably not meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Warning {
    /// An argument that is no flag; Mesos ignores it silently.
    Ignored(String),
    /// The flag's old name was used.
    Deprecated {
        /// The name used.
        alias: &'static str,
        /// The name to use.
        name: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Ignored(argument) => {
                write!(f, "ignoring argument '{argument}': flags are written --name=value")
            }
            Warning::Deprecated { alias, name } => {
                write!(f, "flag '--{alias}' is deprecated; use '--{name}'")
            }
        }
    }
}

/// How one flag was given.
struct Given {
    spelling: String,
    negated: bool,
    value: Option<String>,
    from_environment: bool,
}

/// Loads the flags `F` from `source`.
pub fn load<F: FlagSet>(source: &Source<'_>) -> Result<Loaded<F>, FlagError> {
    let flags = F::flags();
    let mut warnings = Vec::new();
    let mut given: BTreeMap<&'static str, Given> = BTreeMap::new();

    read_arguments(source, &flags, &mut given, &mut warnings)?;
    read_environment(source, &flags, &mut given);

    let mut texts = BTreeMap::new();
    for flag in &flags {
        let Some(given) = given.get(flag.name) else {
            continue;
        };
        if flag.alias == Some(given.spelling.as_str()) {
            warnings.push(Warning::Deprecated {
                alias: flag.alias.unwrap_or(flag.name),
                name: flag.name,
            });
        }
        texts.insert(flag.name, text_of(flag, given, source)?);
    }

    let is_on = |name| texts.get(name).is_some_and(|text: &String| text == "true");
    if is_on("help") {
        return Ok(Loaded::Help(usage(source.program, &flags)));
    }
    if is_on("version") {
        return Ok(Loaded::Version);
    }
    Ok(Loaded::Flags(F::from_texts(&texts, source.prefix)?, warnings))
}

fn read_arguments(
    source: &Source<'_>,
    flags: &[Flag],
    given: &mut BTreeMap<&'static str, Given>,
    warnings: &mut Vec<Warning>,
) -> Result<(), FlagError> {
    for argument in source.arguments {
        let argument = argument.trim();
        if argument == "--" {
            break;
        }
        let Some(body) = argument.strip_prefix("--") else {
            warnings.push(Warning::Ignored(argument.to_owned()));
            continue;
        };
        let (spelling, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let spelling = spelling.to_ascii_lowercase();
        let (bare, negated) = without_negation(&spelling);
        let Some(flag) = find(flags, bare) else {
            return Err(FlagError::Unknown {
                name: spelling.clone(),
                nearest: nearest(flags, bare),
            });
        };
        let one = Given { spelling: bare.to_owned(), negated, value, from_environment: false };
        if let Some(first) = given.insert(flag.name, one) {
            return Err(FlagError::Duplicate {
                name: flag.name,
                first: first.spelling,
                second: bare.to_owned(),
            });
        }
    }
    Ok(())
}

/// Variables of unknown names are left alone: many other programs use `MESOS_`.
fn read_environment(
    source: &Source<'_>,
    flags: &[Flag],
    given: &mut BTreeMap<&'static str, Given>,
) {
    for (variable, value) in source.environment {
        let Some(name) = variable.strip_prefix(source.prefix) else {
            continue;
        };
        let name = name.to_ascii_lowercase();
        let (bare, negated) = without_negation(&name);
        if let Some(flag) = find(flags, bare) {
            given.entry(flag.name).or_insert_with(|| Given {
                spelling: bare.to_owned(),
                negated,
                value: Some(value.clone()),
                from_environment: true,
            });
        }
    }
}

fn without_negation(name: &str) -> (&str, bool) {
    match name.strip_prefix("no-") {
        Some(bare) => (bare, true),
        None => (name, false),
    }
}

fn find<'a>(flags: &'a [Flag], name: &str) -> Option<&'a Flag> {
    flags.iter().find(|flag| flag.name == name || flag.alias == Some(name))
}

/// The flag that was probably meant: similar enough, and the most similar one.
fn nearest(flags: &[Flag], name: &str) -> Option<&'static str> {
    flags
        .iter()
        .map(|flag| (strsim::normalized_damerau_levenshtein(flag.name, name), flag.name))
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

fn text_of(flag: &Flag, given: &Given, source: &Source<'_>) -> Result<String, FlagError> {
    let name = flag.name;
    if !flag.boolean {
        if given.negated {
            return Err(FlagError::NotNegatable { name });
        }
        let Some(value) = &given.value else {
            return Err(FlagError::MissingValue { name });
        };
        return expand(flag, value, source);
    }
    match given.value.as_deref() {
        None | Some("") => Ok((!given.negated).to_string()),
        Some(_) if given.negated && !given.from_environment => {
            Err(FlagError::NegatedWithValue { name })
        }
        Some(_) if given.negated => Ok("false".to_owned()),
        Some(value) => expand(flag, value, source),
    }
}

/// Replaces `file:///path` by the content of that file, without the last newline.
fn expand(flag: &Flag, value: &str, source: &Source<'_>) -> Result<String, FlagError> {
    let Some(path) = value.strip_prefix("file://").filter(|_| flag.reads_files) else {
        return Ok(value.to_owned());
    };
    (source.read_file)(Path::new(path))
        .map(|text| text.trim_end_matches(['\n', '\r']).to_owned())
        .map_err(|error| FlagError::Unreadable {
            name: flag.name,
            path: path.to_owned(),
            reason: error.to_string(),
        })
}

/// Reads one field; called by the code that [`flags!`](crate::flags!) writes.
#[doc(hidden)]
pub fn read_flag<T: FlagValue>(
    name: &'static str,
    default: Option<&'static str>,
    texts: &BTreeMap<&'static str, String>,
    prefix: &str,
) -> Result<T, FlagError> {
    let given = texts.get(name).map(String::as_str).or(default);
    match given {
        Some(text) => T::parse(text).map_err(|reason| FlagError::BadValue {
            name,
            value: if T::SECRET { "(secret)".to_owned() } else { text.to_owned() },
            reason,
        }),
        None => T::unset().ok_or_else(|| FlagError::Required {
            name,
            variable: format!("{prefix}{}", name.to_ascii_uppercase()),
        }),
    }
}
