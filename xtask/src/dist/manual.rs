// SPDX-License-Identifier: Apache-2.0

//! Manual pages, made of what the programs say of themselves with `--help`.

use super::{Dist, output};
use anyhow::{Context, Result};
use std::{fmt::Write as _, path::Path, process::Command};

/// The page of a program.
pub fn page(program: &Path, purpose: &str, section: u8, dist: &Dist) -> Result<String> {
    let help = output(Command::new(program).arg("--help"))?;
    let name = super::name_of(program);
    render(&name, purpose, section, &help, dist.version).context("writing a manual page")
}

fn render(name: &str, purpose: &str, section: u8, help: &str, version: &str) -> Result<String> {
    let mut page = String::new();
    writeln!(page, ".TH {} {section} \"\" \"mesos-rs {version}\"", name.to_uppercase())?;
    writeln!(page, ".SH NAME\n{} \\- {}", escape(name), escape(purpose))?;
    writeln!(page, ".SH SYNOPSIS\n.B {}\n[\\-\\-flag=value ...]", escape(name))?;
    writeln!(page, ".SH DESCRIPTION")?;
    writeln!(page, "Each flag can also be given as a variable: \\-\\-work_dir as MESOS_WORK_DIR.")?;
    writeln!(page, ".SH OPTIONS\n.nf")?;
    for line in help.lines() {
        writeln!(page, "{}", escape(line))?;
    }
    writeln!(page, ".fi")?;
    Ok(page)
}

/// A line of text in the language of manual pages: minus signs that can be copied, no commands.
fn escape(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_command_and_dashes_stay_dashes() {
        assert_eq!(escape(".TH of a --flag"), "\\&.TH of a \\-\\-flag");
        assert_eq!(escape("'quoted'"), "\\&'quoted'");
        assert_eq!(escape("a\\b"), "a\\eb");
    }

    #[test]
    fn a_page_has_the_sections_that_man_looks_for() {
        let page = render("mesos-master", "decides", 8, "  --ip=VALUE", "1.2.3").unwrap();
        assert!(page.starts_with(".TH MESOS-MASTER 8 \"\" \"mesos-rs 1.2.3\"\n.SH NAME\n"));
        assert!(page.contains("mesos\\-master \\- decides\n"));
        assert!(page.contains("\n  \\-\\-ip=VALUE\n"));
    }
}
