// SPDX-License-Identifier: Apache-2.0

//! The recorded cases that are known not to be equal, read from the public list.

use anyhow::{Context, Result};
use std::{collections::BTreeMap, fs, path::Path};

/// Reads the table of `docs/differences-from-mesos.md` whose rows start with a case
/// name in backquotes: `` | `area/case` | reason | ``.
pub fn read(document: &Path) -> Result<BTreeMap<String, String>> {
    let text =
        fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
    Ok(text.lines().filter_map(row).collect())
}

fn row(line: &str) -> Option<(String, String)> {
    let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
    let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    let reason = cells.next()?;
    (name.contains('/') && !name.starts_with('/')).then(|| (name.to_owned(), reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_name_a_case_are_read() {
        assert_eq!(
            row("| `wire/drain-agent` | no draining yet |"),
            Some(("wire/drain-agent".into(), "no draining yet".into()))
        );
        assert_eq!(row("| --- | --- |"), None);
        assert_eq!(row("| `--zk` | later |"), None);
        assert_eq!(row("text"), None);
    }
}
