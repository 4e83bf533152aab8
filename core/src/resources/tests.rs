// SPDX-License-Identifier: Apache-2.0

//! Tests of the algebra.

use super::*;

#[test]
fn the_text_form_is_printed_as_it_was_written() {
    let text = "cpus:4; mem:1024; ports:[31000-32000]; tags:{a, b}";
    let parsed = Resources::parse(text, "*").expect("the text is well-formed");
    assert_eq!(parsed.to_string(), text);
}
