// SPDX-License-Identifier: Apache-2.0

//! The text and JSON forms.

use super::*;

fn check(text: &str, expected: &str) {
    let resources = parsed(text);
    assert_eq!(resources.to_string(), expected, "{text}");
}

fn check_error(text: &str, expected: &str) {
    let error = Resources::parse(text, "*").expect_err("the text is malformed");
    assert_eq!(error.to_string(), expected, "{text}");
}

#[test]
fn the_text_form_is_parsed() {
    check("cpus:4;mem:1024", "cpus:4; mem:1024");
    check("", "{}");
    check(";;cpus:1;", "cpus:1");
    check(" cpus : 1.5 ", "cpus:1.5");
    check("cpus:0x10", "cpus:16");
    check("cpus:0;mem:1", "mem:1");
    check("cpus:1;cpus:0.5", "cpus:1.5");
    check("ports:[31000-32000, 31500-33000]", "ports:[31000-33000]");
    check("ports:[1-2,4-5]", "ports:[1-2, 4-5]");
    check("tags:{b, a}", "tags:{a, b}");
    check(
        "cpus(web):2;cpus(*):1;mem( web ):3",
        "cpus(reservations: [(STATIC,web)]):2; cpus:1; mem(reservations: [(STATIC,web)]):3",
    );
}

#[test]
fn what_names_no_role_is_reserved_to_the_default_role() {
    let resources = Resources::parse("cpus:1;mem(*):2;disk(ads):3", "web").expect("well-formed");
    assert_eq!(
        resources.to_string(),
        "cpus(reservations: [(STATIC,web)]):1; mem:2; disk(reservations: [(STATIC,ads)]):3"
    );
    let json = r#"[{"name":"cpus","type":"SCALAR","scalar":{"value":1}},
                   {"name":"mem","type":"SCALAR","scalar":{"value":2},"role":"*"},
                   {"name":"disk","type":"SCALAR","scalar":{"value":3},"role":"ads"}]"#;
    assert_eq!(Resources::parse(json, "web"), Ok(resources));
}

#[test]
fn the_text_form_is_refused_in_the_words_of_mesos() {
    check_error("cpus", "Bad value for resources, missing or extra ':' in cpus");
    check_error("cpus:1:2", "Bad value for resources, missing or extra ':' in cpus:1:2");
    check_error("cpus(web:1", "Bad value for resources, mismatched parentheses in cpus(web:1");
    check_error("cpus)web(:1", "Bad value for resources, mismatched parentheses in cpus)web(:1");
    check_error("cpus:many", "Bad type for resource cpus value many type TEXT");
    check_error("cpus: ", "Failed to parse resource cpus value   error Expecting non-empty string");
    check_error(
        "ports:[1-2",
        "Failed to parse resource ports value [1-2 error Mismatched brackets",
    );
    check_error(
        "ports:[1-2-3]",
        "Failed to parse resource ports value [1-2-3] error Expecting one or more \"ranges\"",
    );
    check_error(
        "ports:[a-2]",
        "Failed to parse resource ports value [a-2] error Expecting non-negative integers in 'a-2'",
    );
    check_error(
        "ports:[2-1]",
        "Failed to parse resource ports value [2-1] error Invalid range '2-1': begin > end",
    );
    check_error(
        "ports:1[2-3]",
        "Failed to parse resource ports value 1[2-3] error Unexpected '[' found",
    );
    check_error("tags:a{b}", "Failed to parse resource tags value a{b} error Unexpected '{' found");
    check_error(
        "cpus:-1",
        "Failed to parse resource cpus value -1 error Invalid scalar value '-1':Negative values \
         not supported",
    );
    check_error(
        "cpus:inf",
        "Failed to parse resource cpus value inf error Invalid scalar value 'inf':Infinite values \
         not supported",
    );
    check_error(
        "cpus:nan",
        "Failed to parse resource cpus value nan error Invalid scalar value 'nan':NaN not supported",
    );
    check_error(":1;", "Bad value for resources, missing or extra ':' in :1");
    check_error(" :1", "Empty resource name");
    check_error(
        "cpus(a b):1",
        "Role component 'a b' is invalid because it contains backspace or whitespace",
    );
    check_error("tags:{a,a}", "Invalid set resource: duplicated elements");
    check_error("cpus:0.0001", "Invalid scalar resource: value <= 0");
    check_error(
        "cpus:1;cpus:[1-2]",
        "Resources with the same name ('cpus') but different types are not allowed",
    );
}

#[test]
fn only_declarable_resources_are_taken_from_json() {
    let disk = r#""name":"disk","type":"SCALAR","scalar":{"value":1}"#;
    check(
        &format!(r#"[{{{disk},"disk":{{"source":{{"type":"MOUNT","mount":{{"root":"/m"}}}}}}}}]"#),
        "disk[MOUNT:/m]:1",
    );
    check_error(
        &format!(r#"[{{{disk},"role":"a","disk":{{"persistence":{{"id":"v"}}}}}}]"#),
        "Persistent volumes cannot be specified at the command line",
    );
    check_error(
        &format!(r#"[{{{disk},"revocable":{{}}}}]"#),
        "Revocable resources cannot be specified at the command line; do not include a \
         'revocable' key in the resources JSON",
    );
    check_error(
        &format!(r#"[{{{disk},"role":"a","reservation":{{}}}}]"#),
        "Dynamic reservations cannot be specified at the command line; do not include a \
         reservation with DYNAMIC type in the resources JSON",
    );
    let error = Resources::parse("[{}]", "*").expect_err("a resource has a name");
    assert!(
        error.to_string().starts_with("Some JSON resources were not formatted properly: "),
        "{error}"
    );
}
