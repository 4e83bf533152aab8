// SPDX-License-Identifier: Apache-2.0

//! The shared library as a file: what it needs, and what it gives.

use std::process::Command;

use crate::compile::library_folder;

/// What a tool prints about the library.
fn printed(tool: &str, options: &[&str]) -> String {
    let library = library_folder().join("libmesos.so");
    let output = Command::new(tool).args(options).arg(&library).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_library_needs_nothing_but_the_c_library() {
    let dynamic = printed("readelf", &["-d"]);
    let needed: Vec<&str> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| Some(line.split_once('[')?.1.trim_end_matches(']')))
        .collect();
    let allowed = ["libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];
    assert!(needed.iter().all(|name| allowed.contains(name)), "{needed:?}");
    assert!(dynamic.contains("Library soname: [libmesos.so]"), "{dynamic}");
}

/// Otherwise it could not live beside another library in Rust in the same process.
#[test]
fn the_library_gives_its_own_functions_and_nothing_else() {
    let table = printed("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    let names: Vec<&str> = table.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"mesos_version"), "{names:?}");
    let foreign: Vec<&&str> = names
        .iter()
        .filter(|name| {
            !["mesos_", "Java_org_apache_mesos_", "JNI_"].iter().any(|own| name.starts_with(own))
        })
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

/// Every function of the header is there.
#[test]
fn the_library_gives_what_the_header_promises() {
    let header = include_str!("../../include/mesos.h");
    let declared = header.lines().filter_map(|line| {
        let name = line.split_once('(')?.0.rsplit([' ', '*']).next()?;
        let is_declaration = !line.starts_with([' ', '/', '#']) && name.starts_with("mesos_");
        is_declaration.then_some(name)
    });
    let declared: Vec<&str> = declared.collect();
    assert!(declared.len() > 50, "{declared:?}");
    let table = printed("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    for name in declared {
        assert!(table.lines().any(|line| line.split(' ').next() == Some(name)), "{name}");
    }
}
