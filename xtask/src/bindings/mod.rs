// SPDX-License-Identifier: Apache-2.0

//! The languages that frameworks are written in: how each is built, tested and shown.
//!
//! One file for each language; all that it builds goes into [`folder`].

pub mod cpp;
pub mod java;
pub mod python;
mod rust;

use crate::chores::target;
use anyhow::{Context, Result, bail};
use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

/// A language with its binding.
pub struct Language {
    /// As people write it.
    pub name: &'static str,
    /// Builds the library, the binding and the examples.
    pub build: fn() -> Result<()>,
    /// Tests the binding against the daemons that are built already.
    pub test: fn() -> Result<()>,
    /// The test-framework for the master at an address, ready to run: it succeeds only if
    /// everything was as it should be.
    pub framework: fn(&str) -> Result<Command>,
}

/// Every language, in the order of the demo's table.
pub const LANGUAGES: &[Language] =
    &[cpp::LANGUAGE, java::LANGUAGE, python::LANGUAGE, rust::LANGUAGE];

/// Where a binding puts what it builds.
pub fn folder(binding: &str) -> PathBuf {
    target().join("bindings").join(binding)
}

/// Builds all of them.
pub fn build() -> Result<()> {
    for language in LANGUAGES {
        (language.build)().with_context(|| format!("building for {}", language.name))?;
    }
    Ok(())
}

/// Builds and tests all of them, or the one named.
pub fn test(wanted: Option<&str>) -> Result<()> {
    let chosen: Vec<&Language> = LANGUAGES
        .iter()
        .filter(|language| wanted.is_none_or(|name| language.name.eq_ignore_ascii_case(name)))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
        bail!(
            "there is no binding for '{}'; there are {}",
            wanted.unwrap_or_default(),
            names.join(", ")
        );
    }
    for language in chosen {
        let start = Instant::now();
        (language.build)().with_context(|| format!("building for {}", language.name))?;
        let built = start.elapsed();
        (language.test)().with_context(|| format!("testing {}", language.name))?;
        let tested = start.elapsed() - built;
        eprintln!(
            "xtask: {} built in {}, tested in {}",
            language.name,
            shown(built),
            shown(tested)
        );
    }
    Ok(())
}

/// A row of the demo's table.
pub struct Outcome {
    /// The language.
    pub name: &'static str,
    /// Whether its test-framework succeeded.
    pub succeeded: bool,
    /// How long it ran.
    pub time: Duration,
}

/// Runs every test-framework against a master, one after the other.
pub fn run_frameworks(master: &str) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for language in LANGUAGES {
        eprintln!("\n  the {} test-framework", language.name);
        let start = Instant::now();
        let status = (language.framework)(master)?
            .status()
            .with_context(|| format!("starting the {} test-framework", language.name))?;
        outcomes.push(Outcome {
            name: language.name,
            succeeded: status.success(),
            time: start.elapsed(),
        });
    }
    Ok(outcomes)
}

fn shown(time: Duration) -> String {
    format!("{:.0} s", time.as_secs_f64())
}
