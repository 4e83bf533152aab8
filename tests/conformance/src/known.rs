// SPDX-License-Identifier: Apache-2.0

//! What is known not to be equal to the recorded cases, read from the public list.

use anyhow::{Context, Result, ensure};
use std::{collections::BTreeMap, fs, path::Path};

/// One known difference of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Text that every line about this difference contains; empty for any line.
    pub place: String,
    /// Why it is so.
    pub reason: String,
}

/// Known differences by case.
pub type Known = BTreeMap<String, Vec<Difference>>;

/// Reads the rows of `docs/differences-from-mesos.md` that start with a case name in
/// backquotes: `` | `area/case` | `text of the differing line` | reason | ``. The
/// second cell is `all` where the whole case differs.
pub fn read(document: &Path) -> Result<Known> {
    let text =
        fs::read_to_string(document).with_context(|| format!("reading {}", document.display()))?;
    let mut known = Known::new();
    for line in text.lines() {
        if let Some((case, difference)) = row(line) {
            ensure!(!difference.reason.is_empty(), "{case} is listed without a reason");
            known.entry(case).or_default().push(difference);
        }
    }
    Ok(known)
}

/// The lines of `found` that no known difference explains, and the known
/// differences that explain none, but for those whose reason starts with `sometimes`:
/// what depends on which of two daemons is faster differs in some runs only.
pub fn judge<'a>(
    known: &'a [Difference],
    found: &'a [String],
) -> (Vec<&'a String>, Vec<&'a Difference>) {
    let explains = |d: &Difference, line: &str| line.contains(&d.place);
    let unexplained = found.iter().filter(|l| !known.iter().any(|d| explains(d, l))).collect();
    let is_constant = |d: &&Difference| !d.reason.starts_with("sometimes");
    let idle = known
        .iter()
        .filter(is_constant)
        .filter(|d| !found.iter().any(|l| explains(d, l)))
        .collect();
    (unexplained, idle)
}

fn row(line: &str) -> Option<(String, Difference)> {
    let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
    let case = unquote(cells.next()?)?;
    let place = cells.next()?;
    let reason = cells.next()?.to_owned();
    let place = if place == "all" { "" } else { unquote(place)? };
    let is_case = case.contains('/') && !case.starts_with('/');
    is_case.then(|| (case.to_owned(), Difference { place: place.to_owned(), reason }))
}

fn unquote(cell: &str) -> Option<&str> {
    cell.strip_prefix('`')?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(place: &str) -> Difference {
        Difference { place: place.into(), reason: "later".into() }
    }

    #[test]
    fn only_rows_that_name_a_case_are_read() {
        let whole = row("| `wire/drain-agent` | all | later |");
        assert_eq!(whole, Some(("wire/drain-agent".into(), difference(""))));
        let part = row("| `a/b` | `header Date` | later |");
        assert_eq!(part, Some(("a/b".into(), difference("header Date"))));
        assert_eq!(row("| --- | --- | --- |"), None);
        assert_eq!(row("| `--zk` | all | later |"), None);
        assert_eq!(row("text"), None);
    }

    #[test]
    fn a_line_must_be_explained_and_an_explanation_needed() {
        let known = [difference("x"), difference("y")];
        let found = ["has x".to_owned(), "has z".to_owned()];
        let (unexplained, idle) = judge(&known, &found);
        assert_eq!(unexplained, [&found[1]]);
        assert_eq!(idle, [&known[1]]);
    }

    #[test]
    fn a_difference_of_some_runs_need_not_be_found() {
        let known = [Difference { place: "x".into(), reason: "sometimes: a race".into() }];
        assert!(judge(&known, &[]).1.is_empty());
    }
}
