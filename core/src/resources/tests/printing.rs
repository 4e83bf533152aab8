// SPDX-License-Identifier: Apache-2.0

//! Resources as Mesos prints them.

use super::*;

fn check(json: &str, expected: &str) {
    assert_eq!(Printed(&proto(json)).to_string(), expected);
    assert_eq!(resources(&[json]).to_string(), expected);
}

#[test]
fn everything_that_distinguishes_a_resource_is_printed() {
    let disk = r#""name":"disk","type":"SCALAR","scalar":{"value":1}"#;
    let with = |rest: &str| format!("{{{disk},{rest}}}");
    check(&with(r#""revocable":{}"#), "disk{REV}:1");
    check(&with(r#""allocation_info":{"role":"a"}"#), "disk(allocated: a):1");
    check(
        &with(
            r#""reservations":[{"type":"STATIC","role":"a"},
               {"type":"DYNAMIC","role":"a/b","principal":"p","labels":{"labels":[{"key":"k","value":"v"},{"key":"l"}]}}]"#,
        ),
        "disk(reservations: [(STATIC,a),(DYNAMIC,a/b,p,{k: v, l})]):1",
    );
    check(
        &with(
            r#""disk":{"persistence":{"id":"v"},"volume":{"mode":"RW","container_path":"data"}}"#,
        ),
        "disk[v:data]:1",
    );
    check(
        &with(
            r#""disk":{"persistence":{"id":"v"},"volume":{"mode":"RO","container_path":"c","host_path":"h"},
               "source":{"type":"PATH","path":{"root":"/p"}}}"#,
        ),
        "disk[PATH:/p,v:h:c:ro]:1",
    );
    check(&with(r#""disk":{"source":{"type":"MOUNT"}}"#), "disk[MOUNT]:1");
    check(
        &with(r#""disk":{"source":{"type":"RAW","profile":"fast","vendor":"acme"}}"#),
        "disk[RAW(acme,,fast)]:1",
    );
    check(&with(r#""disk":{"source":{"type":"BLOCK","id":"b"}}"#), "disk[BLOCK(,b,)]:1");
}
