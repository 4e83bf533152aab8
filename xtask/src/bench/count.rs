// SPDX-License-Identifier: Apache-2.0

//! Counts instructions with callgrind: each group in a process of its own, as
//! many side by side as there are cores.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use anyhow::{Context, Result, ensure};

use crate::chores::target;

/// The function whose inside counts.
const MEASURED: &str = "mesos_bench::meter::measured";

/// Keeps what was freed: giving it back goes by the clock, which would be counted as well.
const ALLOCATOR: (&str, &str) = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1");

/// How many instructions one thing takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The group it is of.
    pub group: String,
    /// Its name there.
    pub name: String,
    /// For each unit.
    pub instructions: u64,
}

/// Counts the figures of these groups, in their order.
pub fn count(program: &Path, groups: &[String]) -> Result<Vec<Figure>> {
    let folder = target().join("bench/callgrind");
    fs::create_dir_all(&folder)?;
    let waiting: Mutex<VecDeque<&String>> = Mutex::new(groups.iter().collect());
    let found: Mutex<Vec<Figure>> = Mutex::default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let work = || -> Result<()> {
        loop {
            let next = waiting.lock().expect("nobody panics with it").pop_front();
            let Some(group) = next else { return Ok(()) };
            let figures = count_group(program, &folder, group)
                .with_context(|| format!("counting the group {group}"))?;
            found.lock().expect("nobody panics with it").extend(figures);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|it| it.join().expect("a worker does not panic"))
    })?;
    let mut found = found.into_inner().expect("nobody panics with it");
    found.sort_by_key(|figure| groups.iter().position(|group| *group == figure.group));
    Ok(found)
}

fn count_group(program: &Path, folder: &Path, group: &str) -> Result<Vec<Figure>> {
    let out = folder.join(group);
    let output = Command::new("valgrind")
        .env(ALLOCATOR.0, ALLOCATOR.1)
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(format!("--toggle-collect={MEASURED}"))
        .arg(format!("--dump-after={MEASURED}"))
        .arg(program)
        .arg(group)
        .output()
        .context("starting valgrind (Debian's package valgrind)")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let lines = text.lines().enumerate();
    lines.map(|(index, line)| figure(group, line, &dump(&out, index))).collect()
}

/// Callgrind numbers its dumps from one, in the order of the work.
fn dump(out: &Path, index: usize) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{}", index + 1));
    name.into()
}

/// A line of the program is `group.name`, units and nanoseconds, with tabs between.
fn figure(group: &str, line: &str, dump: &Path) -> Result<Figure> {
    let mut words = line.split('\t');
    let name = words.next().and_then(|word| word.strip_prefix(group)?.strip_prefix('.'));
    let name = name.with_context(|| format!("'{line}' is not of the group {group}"))?;
    let units: u64 = words.next().context("no units")?.parse()?;
    let text = fs::read_to_string(dump).with_context(|| format!("reading {}", dump.display()))?;
    let sum = text.lines().find_map(|line| line.strip_prefix("summary: "));
    let sum: u64 = sum.context("the dump has no sum")?.trim().parse()?;
    ensure!(sum > 0, "no instruction was counted: is '{MEASURED}' still the function's name?");
    let (group, name) = (group.to_owned(), name.to_owned());
    Ok(Figure { group, name, instructions: sum / units.max(1) })
}

/// What counts depend on.
pub fn tools() -> Result<String> {
    let first_line = |program: &str, argument: &str| -> Result<String> {
        let output = Command::new(program).arg(argument).output();
        let output = output.with_context(|| format!("starting {program}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().next().unwrap_or_default().to_owned())
    };
    let compiler = first_line("rustc", "--version")?;
    let counter = first_line("valgrind", "--version")?;
    let library = first_line("ldd", "--version")?;
    let library = library.rsplit(' ').next().unwrap_or_default().to_owned();
    Ok(format!("{compiler}, {counter}, glibc {library}"))
}

/// Shows the functions that a figure's instructions go to.
pub fn profile(program: &Path, wanted: &str) -> Result<()> {
    let (group, name) = wanted.rsplit_once('.').context("a figure is GROUP.NAME")?;
    let figures = count(program, &[group.to_owned()])?;
    let index = figures.iter().position(|figure| figure.name == name);
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    let index = index.with_context(|| format!("{group} has only {}", names.join(", ")))?;
    let path = dump(&target().join("bench/callgrind").join(group), index);
    eprintln!("{wanted}: {} instructions each; all of them:", figures[index].instructions);
    for inclusive in ["no", "yes"] {
        let mut command = Command::new("callgrind_annotate");
        command.arg(format!("--inclusive={inclusive}")).arg("--threshold=80").arg(&path);
        crate::chores::succeed(command)?;
    }
    Ok(())
}
