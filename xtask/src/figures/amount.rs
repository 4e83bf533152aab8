// SPDX-License-Identifier: Apache-2.0

//! Numbers with units: as figures are named, as people write them.

/// What kind of thing a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Seconds.
    Time,
    /// Bytes.
    Size,
    /// Things a second.
    Rate,
    /// Percent.
    Share,
    /// Something else, as it is.
    Plain,
}

/// Units, the larger of a kind first.
const UNITS: [(Kind, &str, f64); 9] = [
    (Kind::Time, "s", 1.0),
    (Kind::Time, "ms", 1e-3),
    (Kind::Time, "µs", 1e-6),
    (Kind::Time, "ns", 1e-9),
    (Kind::Size, "MB", 1e6),
    (Kind::Size, "KB", 1e3),
    (Kind::Size, "B", 1.0),
    (Kind::Rate, "/s", 1.0),
    (Kind::Share, "%", 1.0),
];

/// A number in the base unit of its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// What it counts.
    pub kind: Kind,
    /// How much.
    pub value: f64,
}

impl Amount {
    /// A figure, whose name ends with its unit.
    pub fn of_figure(name: &str, value: f64) -> Self {
        let (kind, factor) = match name {
            it if it.ends_with("_per_s") => (Kind::Rate, 1.0),
            it if it.ends_with("_s") => (Kind::Time, 1.0),
            it if it.ends_with("_ms") => (Kind::Time, 1e-3),
            it if it.ends_with("_us") => (Kind::Time, 1e-6),
            it if it.ends_with("_bytes") => (Kind::Size, 1.0),
            it if it.ends_with("_mb") => (Kind::Size, 1e6),
            it if it.contains("percent") => (Kind::Share, 1.0),
            _ => (Kind::Plain, 1.0),
        };
        Amount { kind, value: value * factor }
    }

    /// What people write: `0.2 s`, `5,000 /s`, `16 KB`; and its unit.
    pub fn parse(text: &str) -> Option<(Self, &'static str)> {
        let (number, unit) = text.trim().rsplit_once(' ')?;
        let number: f64 = number.replace(',', "").parse().ok()?;
        let (kind, unit, factor) = UNITS.into_iter().find(|(_, name, _)| *name == unit)?;
        Some((Amount { kind, value: number * factor }, unit))
    }

    /// In the unit given, or in the one that suits it.
    pub fn show(self, unit: Option<&str>) -> String {
        let mut units = UNITS.iter().filter(|(kind, _, _)| *kind == self.kind);
        let suits = |factor: f64| self.value.abs() >= factor;
        let chosen = match unit {
            Some(unit) => units.find(|(_, name, _)| *name == unit),
            None => {
                let last = units.clone().next_back();
                units.find(|(_, _, factor)| suits(*factor)).or(last)
            }
        };
        match chosen {
            Some((_, name, factor)) => format!("{} {name}", digits(self.value / factor)),
            None => digits(self.value),
        }
    }

    /// Whether it is as good as `goal`: a rate at least, anything else at most.
    pub fn reaches(self, goal: Self) -> bool {
        match self.kind {
            Kind::Rate => self.value >= goal.value,
            Kind::Time | Kind::Size | Kind::Share | Kind::Plain => self.value <= goal.value,
        }
    }
}

/// Three digits that mean something, thousands set apart.
fn digits(value: f64) -> String {
    if value.abs() < 100.0 {
        let decimals = match value.abs() {
            size if size >= 10.0 => 1,
            size if size >= 1.0 => 2,
            _ => 3,
        };
        return format!("{value:.decimals$}");
    }
    let whole = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_in_the_unit_of_its_goal() {
        let (goal, unit) = Amount::parse("5,000 /s").expect("a rate");
        let found = Amount::of_figure("tasks_per_s", 12345.6);
        assert_eq!(found.show(Some(unit)), "12,346 /s");
        assert!(found.reaches(goal));
        let (goal, unit) = Amount::parse("0.2 s").expect("a time");
        let found = Amount::of_figure("one_more_p50_ms", 251.0);
        assert_eq!(found.show(Some(unit)), "0.251 s");
        assert!(!found.reaches(goal));
    }

    #[test]
    fn without_a_goal_the_unit_suits_the_amount() {
        for (name, value, expected) in [
            ("a_s", 0.0034, "3.40 ms"),
            ("a_us", 0.5, "500 ns"),
            ("a_mb", 0.02, "20.0 KB"),
            ("busy_percent_of_a_core", 4.25, "4.25 %"),
            ("cores", 1.5, "1.50"),
        ] {
            assert_eq!(Amount::of_figure(name, value).show(None), expected);
        }
    }
}
