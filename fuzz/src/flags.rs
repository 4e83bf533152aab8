// SPDX-License-Identifier: Apache-2.0

//! Command lines and environments of both daemons.
//!
//! The first byte names the daemon; each line that follows is an argument, or a
//! variable of the environment if it starts with `MESOS_`. Flags that are taken
//! are shown, and given again as they are shown, they are the same.

use std::{collections::BTreeMap, io, path::Path};

use mesos_agent::flags::AgentFlags;
use mesos_flags::{FlagSet, Loaded, Source, duration};
use mesos_master::flags::MasterFlags;
use mesos_proto::v1;

/// What variables of flags start with.
const PREFIX: &str = "MESOS_";

/// Starts the daemon, as far as flags go.
pub fn run(data: &[u8]) {
    let Some((daemon, lines)) = data.split_first() else { return };
    let Ok(lines) = str::from_utf8(lines) else { return };
    let (variables, arguments): (Vec<&str>, Vec<&str>) =
        lines.lines().partition(|line| line.starts_with(PREFIX));
    let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    let environment: Vec<(String, String)> = variables
        .into_iter()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if daemon.is_multiple_of(2) {
        let Some(flags) = load::<MasterFlags>(&arguments, &environment) else { return };
        check_shown(&flags);
        if mesos_master::flags::check::refuse(&flags).is_ok() {
            let info = v1::MasterInfo::default();
            // What is wrong is said; nothing else matters here.
            drop(mesos_master::flags::settings::config(&flags, info));
        }
    } else {
        let Some(flags) = load::<AgentFlags>(&arguments, &environment) else { return };
        check_shown(&flags);
        drop(mesos_agent::flags::check::refuse(&flags));
    }
}

/// The flags, if they are taken.
fn load<F: FlagSet>(arguments: &[String], environment: &[(String, String)]) -> Option<F> {
    let source =
        Source { program: "mesos", arguments, environment, prefix: PREFIX, read_file: &read_file };
    match mesos_flags::load(&source) {
        Ok(Loaded::Flags(flags, warnings)) => {
            warnings.iter().for_each(|warning| drop(warning.to_string()));
            Some(flags)
        }
        Ok(Loaded::Help(text)) => {
            assert!(!text.is_empty());
            None
        }
        Ok(Loaded::Version) => None,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// Two files are there.
fn read_file(path: &Path) -> io::Result<String> {
    match path.to_str() {
        Some("/number") => Ok("5\n".to_owned()),
        Some("/text") => Ok("some text\r\n\n".to_owned()),
        Some(_) | None => Err(io::Error::from(io::ErrorKind::NotFound)),
    }
}

/// Flags are shown as they may be given.
fn check_shown<F: FlagSet>(flags: &F) {
    let secret: Vec<&str> = F::flags().iter().filter(|flag| flag.secret).map(|f| f.name).collect();
    let mut shown = flags.to_map();
    shown.retain(|name, _| !secret.contains(name));
    // Blanks around an argument do not count, and `file://` means something else.
    shown.retain(|_, value| value.trim() == value && !value.starts_with("file://"));
    let arguments: Vec<String> =
        shown.iter().map(|(name, value)| format!("--{name}={value}")).collect();
    let again = load::<F>(&arguments, &[]).map(|flags| flags.to_map()).unwrap_or_else(|| {
        panic!("flags are not taken as they are shown: {arguments:?}");
    });
    for (name, value) in &shown {
        check_same(name, value, &again);
    }
}

fn check_same(name: &str, value: &str, again: &BTreeMap<&'static str, String>) {
    let found = again.get(name).map(String::as_str);
    // Durations are shown with fifteen digits, which may not be all of them.
    let nanos = |text: Option<&str>| Some(duration::parse(text?).ok()?.as_nanos() as f64);
    let close = match (nanos(Some(value)), nanos(found)) {
        (Some(one), Some(other)) => (one - other).abs() <= one * 1e-12,
        (None, _) | (_, None) => false,
    };
    assert!(found == Some(value) || close, "--{name}={value} is shown again as {found:?}");
}
