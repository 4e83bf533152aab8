// SPDX-License-Identifier: Apache-2.0

//! What the test-framework tells those who ask.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

#[test]
fn help_and_version_are_printed_without_a_master() {
    let printed = |flag: &str| {
        let mut framework = Command::new(env!("CARGO_BIN_EXE_test-framework"));
        let output = framework.arg(flag).env_clear().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let help = printed("--help");
    for flag in ["--master=VALUE", "--role=VALUE", "--principal=VALUE"] {
        assert!(help.contains(flag), "{help}");
    }
    assert!(printed("--version").starts_with("test-framework "));
}
