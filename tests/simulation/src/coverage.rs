// SPDX-License-Identifier: Apache-2.0

//! The transition tables of the state machines, and which of their rows are reached.
//!
//! A table is the one in the documentation of its module, so it cannot part from
//! what a reader sees. Where a transition happens the code notes its row, by the
//! words of the table's first cells (`mesos_core::trial::reached`). In a table of
//! states and events each cell with something in it is a row.

use std::collections::BTreeSet;

/// How a table tells its transitions apart.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// By the first cell.
    One,
    /// By the first cell, which may name several, with commas between.
    Several,
    /// By the first two cells.
    Two,
    /// By state and event: the first cell and the head of the column.
    Matrix,
    /// By the first cell and each state named in the third.
    Targets,
}

struct Table {
    name: &'static str,
    shape: Shape,
    source: &'static str,
}

macro_rules! table {
    ($name:literal, $shape:ident, $path:literal) => {
        Table {
            name: $name,
            shape: Shape::$shape,
            source: include_str!(concat!("../../../", $path)),
        }
    };
}

const TABLES: [Table; 20] = [
    table!("agents", Two, "master/state/src/agents/mod.rs"),
    table!("re-registration", One, "master/state/src/agents/reregister.rs"),
    table!("report", Two, "master/state/src/agents/reconcile.rs"),
    table!("tasks", Two, "master/state/src/tasks/mod.rs"),
    table!("frameworks", Two, "master/state/src/frameworks/mod.rs"),
    table!("calls", Several, "master/state/src/calls/mod.rs"),
    table!("reconciliation", Two, "master/state/src/calls/reconcile.rs"),
    table!("allocator", Several, "master/allocator/src/frameworks.rs"),
    table!("pass", One, "master/allocator/src/pass.rs"),
    table!("agent", Targets, "agent/state/src/agent.rs"),
    table!("messages", Several, "agent/state/src/from_master/mod.rs"),
    table!("kill", One, "agent/state/src/from_master/kill_task.rs"),
    table!("status updates", Matrix, "agent/state/src/status_updates/mod.rs"),
    table!("executor", Matrix, "agent/state/src/executor.rs"),
    table!("command task", Matrix, "agent/state/src/command_task/mod.rs"),
    table!("executor calls", One, "agent/state/src/executor_calls/mod.rs"),
    table!("garbage", Matrix, "agent/state/src/gc.rs"),
    table!("scheduler driver", Two, "core/driver/src/scheduler/mod.rs"),
    table!("executor driver", Two, "core/driver/src/executor/mod.rs"),
    table!("lanes", Two, "core/driver/src/executor/lanes.rs"),
];

/// The text that lists the rows which are not reached, or rarely.
pub const NOT_REACHED: &str = include_str!("../../../docs/reliability.md");

/// A table's name and a row of it.
pub type Row = (String, String);

/// Every row of every table, in their order.
pub fn rows() -> Vec<Row> {
    let of_table = |table: &Table| {
        let name = table.name.to_owned();
        table.rows().into_iter().map(move |row| (name.clone(), row)).collect::<Vec<Row>>()
    };
    TABLES.iter().flat_map(of_table).collect()
}

/// The rows in a text that lists some: lines of the form ``- `table: row`: why``. Those
/// of which it says `rarely reached` may be reached or not.
pub fn listed(text: &str, rare: bool) -> BTreeSet<Row> {
    let lines = text.lines().filter(|line| line.contains("rarely reached") == rare);
    let lines = lines.filter_map(|line| line.strip_prefix("- `"));
    let lines = lines.filter_map(|line| line.split_once('`'));
    let rows = lines.filter_map(|(row, _)| row.split_once(": "));
    rows.map(|(table, row)| (table.to_owned(), row.to_owned())).collect()
}

impl Table {
    fn rows(&self) -> Vec<String> {
        let lines = self.source.lines().filter_map(|line| line.strip_prefix("//! |"));
        let cells = |line: &str| -> Vec<String> {
            let line = line.trim_end().trim_end_matches('|').replace('`', "");
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let mut lines = lines.map(cells);
        let head = lines.next().unwrap_or_default();
        let mut rows = Vec::new();
        for row in lines.skip(1) {
            let first = row[0].clone();
            match self.shape {
                Shape::One => rows.push(first),
                Shape::Several => rows.extend(first.split(", ").map(str::to_owned)),
                Shape::Two if row[1].is_empty() => rows.push(first),
                Shape::Two => rows.push(format!("{first} | {}", row[1])),
                Shape::Matrix => {
                    let cells = row.iter().zip(&head).skip(1).filter(|(cell, _)| *cell != "–");
                    rows.extend(cells.map(|(_, event)| format!("{first} | {event}")));
                }
                Shape::Targets => {
                    let targets = row[2].split(", ").filter(|target| *target != "–");
                    rows.extend(targets.map(|target| format!("{first} | {target}")));
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_rows_and_no_row_stands_twice() {
        let rows = rows();
        let distinct: BTreeSet<&Row> = rows.iter().collect();
        assert_eq!(distinct.len(), rows.len());
        for table in &TABLES {
            assert!(table.rows().len() > 1, "table {} has {:?}", table.name, table.rows());
        }
    }

    #[test]
    fn every_row_that_is_listed_stands_in_a_table() {
        let rows: BTreeSet<Row> = rows().into_iter().collect();
        for rare in [true, false] {
            let listed = listed(NOT_REACHED, rare);
            let stale: Vec<&Row> = listed.difference(&rows).collect();
            assert!(!listed.is_empty() && stale.is_empty(), "in no table any more: {stale:#?}");
        }
    }

    #[test]
    fn a_list_of_rows_is_read() {
        let text = "Rows:\n\n- `a: gone | pruned`: why\n- `b: x`: rarely reached\n- nothing\n";
        let row = |table: &str, row: &str| (table.to_owned(), row.to_owned());
        assert_eq!(listed(text, false), BTreeSet::from([row("a", "gone | pruned")]));
        assert_eq!(listed(text, true), BTreeSet::from([row("b", "x")]));
    }
}
