// SPDX-License-Identifier: Apache-2.0

//! The notices of those whose work is linked into what is shipped.
//!
//! Each crate is named with its licence and with the texts that its package carries, each text
//! once. A crate that carries none is named with its repository; one that has not even the name of
//! a licence is an error, as nobody may pass it on.

use super::{crates, output};
use crate::chores::root;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

/// What the file is called, wherever it lies.
pub const FILE: &str = "THIRD-PARTY";

const HEAD: &str = "\
Notices of third parties

Crates of others are linked into this. Each stands here with its licence and the numbers of the
texts that its package carries; the texts follow, each once. Where a licence says OR, either side
may be chosen.

";

/// What the file begins a text with.
const RULE: &str =
    "\n--------------------------------------------------------------------------------\n";

/// Prints the notices of crates of ours, or of all that are shipped.
pub fn print(names: &[&str]) -> Result<()> {
    let all = crates::shipped();
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        anyhow::bail!("'{unknown}' is not shipped; there are {}", all.join(", "));
    }
    let text = text(if names.is_empty() { &all } else { names })?;
    Ok(io::stdout().write_all(text.as_bytes())?)
}

/// The notices of what crates of ours are built of.
pub fn text(roots: &[&str]) -> Result<String> {
    let metadata = crates::metadata()?;
    let packages = crates::packages(&metadata);
    let dependencies = crates::dependencies(&metadata);
    let mut notices = Notices::default();
    notices.add_standard_library()?;
    let mut others = Vec::new();
    for id in crates::reachable(&packages, &dependencies, roots) {
        let package = packages.get(id).with_context(|| format!("{id} is not described"))?;
        if !package["source"].is_null() {
            others.push(Work::of(package)?);
        }
    }
    ensure!(!others.is_empty(), "{} are built of nothing", roots.join(", "));
    others.sort_by(|one, other| one.name.cmp(&other.name));
    for work in &others {
        notices.add(work);
    }
    Ok(notices.text())
}

/// Something made by others.
struct Work {
    /// With its version.
    name: String,
    licence: String,
    /// Where it comes from.
    origin: String,
    texts: Vec<String>,
}

impl Work {
    fn of(package: &Value) -> Result<Self> {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        let manifest = Path::new(text("manifest_path"));
        let folder = manifest.parent().with_context(|| format!("{name} has no folder"))?;
        let mut texts = Vec::new();
        for file in notices_in(folder)? {
            // Some are older than UTF-8.
            texts.push(String::from_utf8_lossy(&fs::read(file)?).into_owned());
        }
        let licence = match crates::licence(package) {
            Some(licence) => licence,
            None if texts.is_empty() => anyhow::bail!("{name} names no licence and carries none"),
            None => "as in its text".to_owned(),
        };
        let origin = match text("repository") {
            "" => format!("https://crates.io/crates/{}", text("name")),
            repository => repository.to_owned(),
        };
        Ok(Self { name, licence, origin, texts })
    }
}

/// The files below a folder that a licence or a notice is in, sorted.
fn notices_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(notices_in(&path)?);
        } else if is_notice(&super::name_of(&path)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_notice(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let named = ["licence", "license", "unlicense", "copying", "copyright", "notice"];
    let code = [".rs", ".json", ".toml", ".html", ".py", ".sh", ".tmpl", ".hbs"];
    named.iter().any(|start| name.starts_with(start)) && !code.iter().any(|end| name.ends_with(end))
}

/// The list and the texts, as they grow.
#[derive(Default)]
struct Notices {
    list: String,
    /// With the names of those that carry it.
    texts: Vec<(String, Vec<String>)>,
}

impl Notices {
    /// It is in every program, but in no lock file.
    fn add_standard_library(&mut self) -> Result<()> {
        let rustc = output(Command::new("rustc").arg("--version").current_dir(root()))?;
        let version = rustc.split_whitespace().nth(1).context("rustc has a version")?;
        self.add(&Work {
            name: format!("the Rust standard library {version}"),
            licence: "MIT OR Apache-2.0".to_owned(),
            origin: "https://github.com/rust-lang/rust".to_owned(),
            // Of the two we choose our own: not every compiler comes with its documents.
            texts: vec![fs::read_to_string(root().join("LICENSE"))?],
        });
        Ok(())
    }

    fn add(&mut self, work: &Work) {
        let mut numbers: Vec<usize> =
            work.texts.iter().map(|text| self.number(text, &work.name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let numbers: Vec<String> = numbers.iter().map(|number| format!("[{number}]")).collect();
        let numbers = match numbers.as_slice() {
            [] => format!("carries no text; see {}", work.origin),
            numbers => numbers.join(" "),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(self.list, "{}\n    {}\n    {numbers}", work.name, work.licence);
    }

    /// A text's number, counted from one; the same text in other lines is the same text.
    fn number(&mut self, text: &str, name: &str) -> usize {
        let same = |one: &str, other: &str| one.split_whitespace().eq(other.split_whitespace());
        let known = self.texts.iter().position(|(known, _)| same(known, text));
        let at = known.unwrap_or_else(|| {
            self.texts.push((plain(text), Vec::new()));
            self.texts.len() - 1
        });
        let names = &mut self.texts[at].1;
        if names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
        at + 1
    }

    fn text(&self) -> String {
        let mut whole = format!("{HEAD}{}", self.list);
        for (at, (text, names)) in self.texts.iter().enumerate() {
            // As above.
            let _ = write!(whole, "{RULE}[{}] {}{RULE}\n{text}", at + 1, names.join(", "));
        }
        whole
    }
}

/// A text without ends of line, spaces and form feeds that only some editors like.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for line in text.trim_matches(['\n', '\r', '\u{feff}']).lines() {
        plain.extend(line.trim_end().chars().filter(|c| *c == '\t' || !c.is_control()));
        plain.push('\n');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(name: &str, texts: &[&str]) -> Work {
        Work {
            name: name.to_owned(),
            licence: "MIT".to_owned(),
            origin: format!("https://example.org/{name}"),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn the_same_text_stands_once_however_its_lines_are_broken() {
        let mut notices = Notices::default();
        notices.add(&work("one 1.0", &["Do what\r\nyou like.\r\n"]));
        notices.add(&work("two 2.0", &["Ask first.\n", "Do what you\n  like."]));
        let text = notices.text();
        assert!(text.contains("one 1.0\n    MIT\n    [1]\n"), "{text}");
        assert!(text.contains("two 2.0\n    MIT\n    [1] [2]\n"), "{text}");
        assert!(text.contains("[1] one 1.0, two 2.0\n"), "{text}");
        assert_eq!(text.matches("like.").count(), 1, "{text}");
        assert!(!text.contains('\r'), "{text}");
    }

    #[test]
    fn who_carries_no_text_is_named_with_the_place_it_comes_from() {
        let mut notices = Notices::default();
        notices.add(&work("bare", &[]));
        assert!(notices.text().contains("carries no text; see https://example.org/bare\n"));
    }

    #[test]
    fn licences_and_notices_are_told_from_code_by_their_names() {
        for name in ["LICENSE", "License-MIT.md", "UNLICENSE", "COPYING", "NOTICE.txt"] {
            assert!(is_notice(name), "{name}");
        }
        for name in ["license.rs", "README.md", "lib.rs", "notices.toml"] {
            assert!(!is_notice(name), "{name}");
        }
    }
}
