// SPDX-License-Identifier: Apache-2.0

//! What recorded ids, ports and paths are called in the present run.

use serde_json::Value;
use std::collections::BTreeMap;

/// A mapping from recorded names to those of this run, learnt as answers come.
#[derive(Clone, Debug, Default)]
pub struct Names {
    strings: BTreeMap<String, String>,
    numbers: BTreeMap<u64, u64>,
}

impl Names {
    /// Notes that `recorded` is called `present` here; the first note counts.
    pub fn note(&mut self, recorded: &str, present: &str) {
        self.strings.entry(recorded.to_owned()).or_insert_with(|| present.to_owned());
    }

    /// Notes a number, such as a port.
    pub fn note_number(&mut self, recorded: u64, present: u64) {
        self.numbers.insert(recorded, present);
    }

    /// Whether `recorded` has been met in this run.
    pub fn knows(&self, recorded: &str) -> bool {
        self.strings.contains_key(recorded)
    }

    /// Walks a recorded and a present value together and notes every id met.
    pub fn learn(&mut self, recorded: &Value, present: &Value) {
        self.learn_under("", recorded, present);
    }

    fn learn_under(&mut self, key: &str, recorded: &Value, present: &Value) {
        match (recorded, present) {
            (Value::Object(old), Value::Object(new)) => {
                for (name, value) in old {
                    if let Some(other) = new.get(name) {
                        self.learn_under(name, value, other);
                    }
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                for (value, other) in old.iter().zip(new) {
                    self.learn_under(key, value, other);
                }
            }
            (Value::String(old), Value::String(new)) if old != new => {
                // Sixteen bytes in base64; those of a message UUID are under `value`.
                let is_bytes = |text: &str| text.len() == 24 && text.ends_with("==");
                let is_update_id = matches!(key, "uuid" | "value" | "status_update_uuid")
                    && is_bytes(old)
                    && is_bytes(new);
                if is_update_id || (contains_uuid(old) && contains_uuid(new) && !old.contains(' '))
                {
                    self.note(old, new);
                    if let (Some(a), Some(b)) = (leading_uuid(old), leading_uuid(new)) {
                        self.note(a, b);
                    }
                } else {
                    self.learn_inside(old, new);
                }
            }
            _ => {}
        }
    }

    /// Notes the ids inside two texts that are equal but for them.
    fn learn_inside(&mut self, recorded: &str, present: &str) {
        let (old, new) = (uuids(recorded), uuids(present));
        if old.len() == new.len() {
            for (old, new) in old.iter().zip(new) {
                self.note(old, new);
            }
        }
    }

    /// The recorded text with every known name replaced by the present one.
    pub fn translate(&self, recorded: &str) -> String {
        if let Some(whole) = self.strings.get(recorded) {
            return whole.clone();
        }
        let mut by_length: Vec<_> = self.strings.iter().collect();
        by_length.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        let mut text = String::new();
        let mut rest = recorded;
        'outer: while !rest.is_empty() {
            for (old, new) in &by_length {
                if rest.starts_with(old.as_str()) && ends_a_word(old, &rest[old.len()..]) {
                    text.push_str(new);
                    rest = &rest[old.len()..];
                    continue 'outer;
                }
            }
            let next = rest.chars().next().map_or(1, char::len_utf8);
            text.push_str(&rest[..next]);
            rest = &rest[next..];
        }
        text
    }

    /// The recorded value with every known name replaced.
    pub fn translate_value(&self, recorded: &Value) -> Value {
        match recorded {
            Value::String(text) => Value::String(self.translate(text)),
            Value::Array(items) => items.iter().map(|v| self.translate_value(v)).collect(),
            Value::Object(map) => {
                map.iter().map(|(k, v)| (self.translate(k), self.translate_value(v))).collect()
            }
            Value::Number(number) => number
                .as_u64()
                .and_then(|n| self.numbers.get(&n))
                .map_or_else(|| recorded.clone(), |&n| Value::from(n)),
            Value::Null | Value::Bool(_) => recorded.clone(),
        }
    }
}

/// `…-O1` must not match inside `…-O10`, nor a port inside a longer number.
fn ends_a_word(name: &str, rest: &str) -> bool {
    let next_is_digit = rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
    !(next_is_digit && name.as_bytes().last().is_some_and(u8::is_ascii_digit))
}

fn leading_uuid(text: &str) -> Option<&str> {
    let head = text.get(..36)?;
    is_uuid(head).then_some(head)
}

/// Whether a text has a UUID in it.
pub fn contains_uuid(text: &str) -> bool {
    (0..text.len()).any(|start| text.get(start..start + 36).is_some_and(is_uuid))
}

fn uuids(text: &str) -> Vec<&str> {
    (0..text.len()).filter_map(|start| text.get(start..start + 36)).filter(|t| is_uuid(t)).collect()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_learnt_and_replaced_inside_texts() {
        let mut names = Names::default();
        names.learn(
            &json!({"id": {"value": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-O1"}}),
            &json!({"id": {"value": "2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-O7"}}),
        );
        let text = "offer 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-O1 of 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-S0";
        assert_eq!(
            names.translate(text),
            "offer 2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-O7 of 2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-S0"
        );
    }

    #[test]
    fn ids_inside_texts_are_learnt_too() {
        let mut names = Names::default();
        names.learn(
            &json!("container '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed' failed"),
            &json!("container '2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed' failed"),
        );
        assert!(names.translate("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed").starts_with('2'));
    }

    #[test]
    fn a_number_is_not_replaced_inside_a_longer_one() {
        let mut names = Names::default();
        names.note("x-O1", "y-O2");
        assert_eq!(names.translate("x-O1, x-O10"), "y-O2, x-O10");
    }
}
