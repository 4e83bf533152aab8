// SPDX-License-Identifier: Apache-2.0

//! The header that is checked in is the one that the crate gives.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fs, path::Path};

#[test]
fn the_header_is_not_stale() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings =
        cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).unwrap();
    let path = folder.join("include/mesos.h");
    if env::var_os("MESOS_UPDATE_HEADER").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "mesos.h is stale; run MESOS_UPDATE_HEADER=1 cargo test -p libmesos");
}
