// SPDX-License-Identifier: Apache-2.0

//! The rules of the house, as a check.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// No file may be longer.
const LINES_MAX: usize = 800;

/// Crates that do no I/O, read no clock, start no thread and know no environment.
const PURE: [&str; 5] = [
    "core/src/",
    "core/driver/src/",
    "master/allocator/src/",
    "master/state/src/",
    "agent/state/src/",
];

/// What a pure crate may not name.
const IMPURE: [&str; 11] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::env",
    "std::process",
    "std::io",
    "SystemTime",
    "Instant::now",
    "tokio",
    "hyper",
    "rand::",
];

/// Folders in which `unsafe` is allowed, with a safety argument.
const UNSAFE_ALLOWED: [&str; 4] =
    ["agent/containerizer/", "agent/launcher/", "core/ffi/", "bindings/"];

/// Module names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils", "util", "common", "helpers"];

/// Checks every tracked file under `root`.
pub fn tidy(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    for path in tracked_files(root)? {
        let Ok(text) = fs::read_to_string(root.join(&path)) else { continue };
        check_file(&path.to_string_lossy(), &text, &mut faults);
    }
    check_code_map(root, &mut faults)?;
    ensure!(faults.is_empty(), "untidy:\n  {}", faults.join("\n  "));
    Ok(())
}

fn check_file(path: &str, text: &str, faults: &mut Vec<String>) {
    if !is_source(path) {
        return;
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        faults.push(format!("{path}: {lines} lines, at most {LINES_MAX} are allowed"));
    }
    if !text.lines().take(2).any(|l| l.contains("SPDX-License-Identifier: Apache-2.0")) {
        faults.push(format!("{path}: no SPDX line at its top"));
    }
    let stem = Path::new(path).file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let folder_name = Path::new(path)
        .parent()
        .and_then(|p| p.file_name())
        .and_then(|s| s.to_str())
        .unwrap_or_default();
    for name in EMPTY_NAMES {
        if stem == name || folder_name == name {
            faults.push(format!("{path}: '{name}' says nothing; name it after its subject"));
        }
    }
    if !path.ends_with(".rs") {
        return;
    }
    if PURE.iter().any(|p| path.starts_with(p)) {
        check_purity(path, text, faults);
    }
    if !UNSAFE_ALLOWED.iter().any(|p| path.starts_with(p)) && !path.starts_with("xtask/") {
        for (number, line) in code_lines(text) {
            if line.contains("unsafe {")
                || line.contains("unsafe fn")
                || line.contains("unsafe impl")
            {
                faults.push(format!("{path}:{number}: 'unsafe' is not allowed here"));
            }
        }
    }
}

fn check_purity(path: &str, text: &str, faults: &mut Vec<String>) {
    for (number, line) in code_lines(text) {
        for word in IMPURE {
            if line.contains(word) {
                faults.push(format!("{path}:{number}: a pure crate may not use '{word}'"));
            }
        }
    }
}

/// Every crate has its place in the code map of ARCHITECTURE.md.
fn check_code_map(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let map =
        fs::read_to_string(root.join("ARCHITECTURE.md")).context("reading ARCHITECTURE.md")?;
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
    let members = workspace.split_once("members = [").and_then(|(_, rest)| rest.split_once(']'));
    let (members, _) = members.context("Cargo.toml lists no members")?;
    for member in members.split('"').skip(1).step_by(2) {
        if !map.contains(&format!("`{member}`")) {
            faults.push(format!("ARCHITECTURE.md: `{member}` is missing in the code map"));
        }
    }
    Ok(())
}

/// Lines without comments, numbered from 1.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn is_source(path: &str) -> bool {
    let kinds =
        [".rs", ".proto", ".sh", ".py", ".java", ".hpp", ".cpp", ".c", ".js", ".css", ".nix"];
    kinds.iter().any(|k| path.ends_with(k)) || path.ends_with("Cargo.toml") || path == ".ci/run"
}

fn tracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("running git")?;
    ensure!(
        output.status.success(),
        "git lists no files: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(names.split('\0').filter(|n| !n.is_empty()).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        check_file(path, text, &mut faults);
        faults
    }

    const SPDX: &str = "// SPDX-License-Identifier: Apache-2.0\n";

    #[test]
    fn a_clock_in_a_pure_crate_is_a_fault() {
        let text = format!("{SPDX}let now = std::time::Instant::now();\n");
        assert_eq!(faults("core/src/x.rs", &text).len(), 1);
        assert!(faults("master/src/x.rs", &text).is_empty());
        assert!(
            faults("core/src/x.rs", &format!("{SPDX}// Instant::now is not for us\n")).is_empty()
        );
    }

    #[test]
    fn a_long_file_a_missing_licence_and_an_empty_name_are_faults() {
        let long = format!("{SPDX}{}", "x\n".repeat(LINES_MAX));
        assert_eq!(faults("core/src/x.rs", &long).len(), 1);
        assert_eq!(faults("core/src/x.rs", "x\n").len(), 1);
        assert_eq!(faults("core/src/utils.rs", SPDX).len(), 1);
        assert_eq!(faults("core/src/common/mod.rs", SPDX).len(), 1);
    }

    #[test]
    fn unsafe_has_its_places() {
        let text = format!("{SPDX}unsafe {{ f() }}\n");
        assert_eq!(faults("agent/src/x.rs", &text).len(), 1);
        assert!(faults("agent/launcher/src/x.rs", &text).is_empty());
    }

    #[test]
    fn the_project_is_tidy() {
        tidy(&crate::chores::root()).expect("tidy");
    }
}
