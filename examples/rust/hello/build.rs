// SPDX-License-Identifier: Apache-2.0

//! Takes the program out of the README of `mesos-client`, and lets it take the master as an
//! argument.

use std::{env, fs, path::Path};

const README: &str = "../../../core/client/README.md";

fn main() {
    println!("cargo:rerun-if-changed={README}");
    println!("cargo:rerun-if-changed=build.rs");
    let document = fs::read_to_string(README).expect("the README can be read");
    let (_, rest) = document.split_once("```rust,no_run\n").expect("the README has a program");
    let (program, _) = rest.split_once("\n```").expect("the program has an end");
    let master = "std::env::args().nth(1).unwrap_or_default()";
    let program = program.replace("\"127.0.0.1:5050\"", master);
    assert!(program.contains(master), "the program names the demo's master");
    let folder = env::var_os("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&folder).join("readme.rs"), program).expect("it can be written");
}
