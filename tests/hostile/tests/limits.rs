// SPDX-License-Identifier: Apache-2.0

//! `docs/limits.md` says what the code says.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use mesos_net::Settings;

/// The values of the tables, by what is in their first column.
fn documented() -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(root().join("docs/limits.md"))?;
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        Some((cells.first()?.replace('`', ""), (*cells.get(1)?).to_owned()))
    });
    rows.collect::<Option<_>>().context("a row without a value")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A number as the tables show it.
fn shown(name: &str, number: u64) -> String {
    let bytes = name.to_lowercase().contains("bytes");
    match number {
        _ if bytes && number.is_multiple_of(1 << 20) => format!("{} MB", number >> 20),
        _ if bytes && number.is_multiple_of(1 << 10) => format!("{} KB", number >> 10),
        _ => number.to_string(),
    }
}

/// The value behind `name` in a source file: a number, or one shifted by another.
fn in_source(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
    let constant = format!("const {name}: ");
    let field = format!("{name}: ");
    let value = text
        .lines()
        .find_map(|line| line.split_once(&constant)?.1.split_once("= ").map(|(_, value)| value))
        .or_else(|| {
            let values = text.lines().filter_map(|line| line.trim().strip_prefix(&field));
            values.into_iter().find(|value| value.starts_with(|it: char| it.is_ascii_digit()))
        });
    let value = value.with_context(|| format!("no {name} in {file}"))?;
    let value =
        value.trim_end_matches([';', ',']).replace('_', "").replace(" * 1024 * 1024", " << 20");
    let (number, shift) = value.split_once(" << ").unwrap_or((&value, "0"));
    Ok(number.trim().parse::<u64>()? << shift.trim().parse::<u32>()?)
}

#[test]
fn the_documented_limits_are_those_of_the_code() -> Result<()> {
    let mut documented = documented()?;
    let free = documented.remove("FREE_BODY_BYTES").context("no FREE_BODY_BYTES")?;
    ensure!(free == shown("bytes", mesos_net::FREE_BODY_BYTES as u64), "FREE_BODY_BYTES {free}");

    // Every field of the settings, as their debug form lists them.
    let settings = format!("{:?}", Settings::default());
    let fields = settings.trim_start_matches("Settings { ").trim_end_matches(" }");
    for field in fields.split(", ") {
        let (name, value) = field.split_once(": ").context("a field without a value")?;
        let value = value.parse().map_or_else(|_| value.to_owned(), |it| shown(name, it));
        let found = documented.remove(name).with_context(|| format!("{name} is not documented"))?;
        ensure!(found == value, "{name} is {value}, not {found}");
    }
    for (place, found) in documented {
        let (name, file) = place.split_once(" of ").with_context(|| format!("{place} where?"))?;
        let value = shown(name, in_source(file, name)?);
        ensure!(found == value, "{place} is {value}, not {found}");
    }
    Ok(())
}
