// SPDX-License-Identifier: Apache-2.0

//! One file out of several of the same package.

/// What stands once for all of them, at the top.
const HEAD: &str = "\
// SPDX-License-Identifier: Apache-2.0

// Made from the files of mesos-proto; a change belongs there.
syntax = \"proto2\";
";

/// The declarations of all `files`, whose imports of each other are not needed any more.
pub(crate) fn merged(package: &str, files: &[&str]) -> String {
    let mut text = format!("{HEAD}\npackage {package};\n");
    for file in files {
        for line in file.lines().filter(|line| !is_head(line)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    without_runs_of_empty_lines(&text)
}

fn is_head(line: &str) -> bool {
    line.starts_with("// SPDX-")
        || ["syntax ", "package ", "import "].iter().any(|word| line.starts_with(word))
}

fn without_runs_of_empty_lines(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        if !(line.is_empty() && lines.last().is_some_and(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}
