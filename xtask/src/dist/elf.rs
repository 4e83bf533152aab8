// SPDX-License-Identifier: Apache-2.0

//! What a program or shared library needs from the machine it runs on.
//!
//! Everything is linked statically but the C library itself: users and hosts are looked up through
//! its plug-ins (LDAP, SSSD, mDNS …), which a statically linked program cannot load reliably.

use super::output;
use anyhow::{Result, ensure};
use std::{path::Path, process::Command};

/// The shared libraries that may be needed: those of the C library and the compiler's runtime.
const ALLOWED: [&str; 4] = ["libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];

/// What [`check`] found.
#[derive(Debug, PartialEq, Eq)]
pub struct Needs {
    /// The names of shared libraries.
    pub libraries: Vec<String>,
    /// The oldest C library that has all that is used.
    pub glibc: (u32, u32),
}

/// Reads what `file` needs; fails if that is more than a machine without anything installed has.
pub fn check(file: &Path) -> Result<Needs> {
    let mut command = Command::new("readelf");
    command.args(["--wide", "--dynamic", "--version-info"]).arg(file).env("LC_ALL", "C");
    let needs = parse(&output(&mut command)?);
    let foreign: Vec<&String> =
        needs.libraries.iter().filter(|name| !ALLOWED.contains(&name.as_str())).collect();
    ensure!(foreign.is_empty(), "{} needs {foreign:?}", file.display());
    Ok(needs)
}

fn parse(text: &str) -> Needs {
    let libraries = text
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()))
        .collect();
    let glibc = text
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let number: String =
                rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let mut parts = number.split('.').map(str::parse);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        })
        .max()
        .unwrap_or((2, 0));
    Needs { libraries, glibc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_counts_not_the_last_one() {
        let text = "\
 0x01 (NEEDED)             Shared library: [libgcc_s.so.1]
 0x01 (NEEDED)             Shared library: [libc.so.6]
  000000: Version: 1  File: libc.so.6  Cnt: 3
  0x0010:   Name: GLIBC_2.34  Flags: none  Version: 13
  0x0020:   Name: GLIBC_2.4  Flags: none  Version: 14
  0x0020:   Name: GLIBC_PRIVATE  Flags: none  Version: 15
  0x0030:   Name: GCC_3.0  Flags: none  Version: 4
";
        let expected = Needs {
            libraries: vec!["libgcc_s.so.1".to_owned(), "libc.so.6".to_owned()],
            glibc: (2, 34),
        };
        assert_eq!(parse(text), expected);
    }
}
