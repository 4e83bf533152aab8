// SPDX-License-Identifier: Apache-2.0

//! Equality of a recorded and a present value, but for what varies from run to run.

use crate::names::{Names, contains_uuid};
use serde_json::Value;

/// Values under these keys differ from run to run; only their type is compared.
const VARYING: [&str; 13] = [
    "build_time",
    "timestamp",
    "executor_pid",
    "nanoseconds",
    "registered_time",
    "reregistered_time",
    "unregistered_time",
    "start_time",
    "elected_time",
    "last_reregistered_time",
    "cpus_user_time_secs",
    "cpus_system_time_secs",
    "mem_rss_bytes",
];

/// Facts of a build and of where a test puts things: texts that differ from run to run.
const PLACES: [&str; 9] = [
    "build_date",
    "build_user",
    "git_sha",
    "git_tag",
    "docker_volume_checkpoint_dir",
    "launcher_dir",
    "port",
    "runtime_dir",
    "work_dir",
];

/// Metrics that measure the machine, or that count how one implementation goes about its work.
const MEASURED: [&str; 10] = [
    "executor_directory_max_allowed_age_secs",
    "recovery_time_secs",
    "_latency_ms",
    "/event_queue_",
    "_recovery_ms",
    "registrar/",
    "system/",
    "uptime_secs",
    "allocation_run",
    "http_cache_hits",
];

/// Lists that are sets in Mesos: their order is no promise.
const SETS: [&str; 10] = [
    "resources",
    "executor_ids",
    "frameworks",
    "completed_frameworks",
    "slaves",
    "agents",
    "offers",
    "capabilities",
    "operations",
    "executors",
];

/// Lists of what belongs to frameworks.
const BELONGINGS: [&str; 5] =
    ["frameworks", "completed_frameworks", "tasks", "completed_tasks", "unreachable_tasks"];

fn is_set(key: &str) -> bool {
    SETS.contains(&key) || key.ends_with("_resources") || key.ends_with("_resources_full")
}

/// Removes from a recorded answer what belongs to frameworks of other cases: some
/// were recorded one after the other with the same master.
pub fn without_strangers(names: &Names, recorded: &Value) -> Value {
    // Ids that a framework chose itself are the same in both runs.
    let is_known =
        |item: &Value| framework_of(item).is_none_or(|id| names.knows(id) || !contains_uuid(id));
    match recorded {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let mut value = without_strangers(names, value);
                if let (true, Value::Array(items)) =
                    (BELONGINGS.contains(&key.as_str()), &mut value)
                {
                    items.retain(is_known);
                }
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|v| without_strangers(names, v)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => recorded.clone(),
    }
}

/// The framework that an item of a list is or belongs to.
fn framework_of(item: &Value) -> Option<&str> {
    let ids = [
        &item["framework_info"]["id"]["value"],
        &item["framework_id"]["value"],
        &item["framework_id"],
        &item["id"],
    ];
    ids.into_iter().find_map(Value::as_str)
}

/// What is unequal, one line a place; empty when nothing is.
pub fn differences(names: &Names, recorded: &Value, present: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let recorded = keyed(&names.translate_value(recorded));
    compare(&recorded, &keyed(present), &mut String::new(), "", &mut found);
    found
}

/// Lists of names with values (flags, metrics) as maps: their order is no promise.
fn keyed(value: &Value) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() && items.iter().all(is_named_value) => items
            .iter()
            .map(|i| (i["name"].as_str().unwrap_or_default().to_owned(), keyed(&i["value"])))
            .collect(),
        Value::Array(items) => items.iter().map(keyed).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), keyed(v))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn is_named_value(item: &Value) -> bool {
    item.as_object().is_some_and(|map| {
        map.get("name").is_some_and(Value::is_string)
            && map.keys().all(|k| k == "name" || k == "value")
    })
}

fn varies(key: &str) -> bool {
    VARYING.contains(&key) || MEASURED.iter().any(|m| key.contains(m))
}

fn compare(want: &Value, got: &Value, path: &mut String, key: &str, found: &mut Vec<String>) {
    match (want, got) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old {
                within(path, name, |path| match new.get(name) {
                    Some(other) => compare(value, other, path, name, found),
                    None => found.push(format!("{path}: missing, recorded {value}")),
                });
            }
            for (name, value) in new {
                if !old.contains_key(name) {
                    found.push(format!("{path}.{name}: not recorded, but {value}"));
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => compare_lists(old, new, path, key, found),
        (Value::Number(a), Value::Number(b)) if varies(key) => {
            if a.is_f64() != b.is_f64() {
                found.push(format!("{path}: {b} is spelled unlike {a}"));
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            if a.is_f64() != b.is_f64() || a.as_f64() != b.as_f64() {
                found.push(format!("{path}: recorded {a}, but {b}"));
            }
        }
        (Value::String(a), Value::String(b)) if same_words(a, b) => {}
        (Value::String(_), Value::String(_)) if PLACES.contains(&key) => {}
        _ if want == got => {}
        _ => found.push(format!("{path}: recorded {want}, but {got}")),
    }
}

/// Whether two texts are equal, but for the order of what they enumerate:
/// the members of a set (`{ a, b }`) and resources (`cpus:1; mem:2`).
fn same_words(a: &str, b: &str) -> bool {
    let enumerates = |text: &str| text.contains("{ ") || text.contains("; ");
    let words = |text: &str| {
        let mut words: Vec<String> =
            text.split(' ').map(|w| w.trim_end_matches([';', ',']).to_owned()).collect();
        words.sort();
        words
    };
    a == b || enumerates(a) && enumerates(b) && words(a) == words(b)
}

fn compare_lists(
    old: &[Value],
    new: &[Value],
    path: &mut String,
    key: &str,
    found: &mut Vec<String>,
) {
    if old.len() != new.len() {
        let (old, new) = (Value::from(old.to_vec()), Value::from(new.to_vec()));
        found.push(format!("{path}: recorded {old}, but {new}"));
        return;
    }
    if !is_set(key) {
        for (index, (value, other)) in old.iter().zip(new).enumerate() {
            within(path, &index.to_string(), |path| compare(value, other, path, key, found));
        }
        return;
    }
    let mut left: Vec<&Value> = new.iter().collect();
    for (index, value) in old.iter().enumerate() {
        let mut best: Option<(usize, Vec<String>)> = None;
        for (at, other) in left.iter().enumerate() {
            let mut local = Vec::new();
            within(path, &index.to_string(), |path| compare(value, other, path, "", &mut local));
            if best.as_ref().is_none_or(|(_, known)| local.len() < known.len()) {
                best = Some((at, local));
            }
        }
        if let Some((at, local)) = best {
            left.remove(at);
            found.extend(local);
        }
    }
}

fn within(path: &mut String, name: &str, run: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('.');
    path.push_str(name);
    run(path);
    path.truncate(length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(recorded: Value, present: Value) -> Vec<String> {
        differences(&Names::default(), &recorded, &present)
    }

    #[test]
    fn spelling_of_numbers_counts() {
        assert!(check(json!({"a": 1}), json!({"a": 1.0})).len() == 1);
        assert!(check(json!({"timestamp": 1.5}), json!({"timestamp": 2.5})).is_empty());
        assert!(check(json!({"timestamp": 1.5}), json!({"timestamp": 2})).len() == 1);
    }

    #[test]
    fn the_order_of_an_enumeration_inside_a_text_does_not_count() {
        assert!(check(json!("has { b, a }"), json!("has { a, b }")).is_empty());
        assert!(
            check(json!("all ports:[1-2]; cpus:4 of"), json!("all cpus:4; ports:[1-2] of"))
                .is_empty()
        );
        assert_eq!(check(json!("b a"), json!("a b")).len(), 1);
        assert_eq!(check(json!("has { b, a }"), json!("has { a, c }")).len(), 1);
    }

    #[test]
    fn frameworks_of_other_cases_are_left_out() {
        let mut names = Names::default();
        names.note("2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-1", "now");
        let recorded = json!({
            "frameworks": [
                {"id": "2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-1"},
                {"id": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-1"},
                {"id": "chosen"},
            ],
            "slaves": [{"id": "s"}],
        });
        let kept = json!({
            "frameworks": [{"id": "2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed-1"}, {"id": "chosen"}],
            "slaves": [{"id": "s"}],
        });
        assert_eq!(without_strangers(&names, &recorded), kept);
    }

    #[test]
    fn missing_and_added_keys_are_seen() {
        assert_eq!(check(json!({"a": 1, "b": 2}), json!({"a": 1, "c": 2})).len(), 2);
    }

    #[test]
    fn order_counts_except_in_sets() {
        assert_eq!(check(json!({"x": [1, 2]}), json!({"x": [2, 1]})).len(), 2);
        assert!(check(json!({"resources": [1, 2]}), json!({"resources": [2, 1]})).is_empty());
        assert_eq!(check(json!({"resources": [1, 2]}), json!({"resources": [2, 2]})).len(), 1);
    }
}
