// SPDX-License-Identifier: Apache-2.0

//! Where the program `mesos-local` is.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

const NAME: &str = "mesos-local";

/// Names the folder of the program; then it is looked for nowhere else.
const VARIABLE: &str = "MESOS_LOCAL_BINARIES";

/// The program, in the first of the places that has it.
///
/// # Errors
/// None has; says where it was looked for.
pub(super) fn find() -> Result<PathBuf, String> {
    let exe = env::current_exe().ok();
    let exe_folder = exe.as_deref().and_then(Path::parent);
    let places = match env::var_os(VARIABLE) {
        Some(folder) => vec![PathBuf::from(folder)],
        None => places(exe_folder, library_folder(), env::var_os("PATH").unwrap_or_default()),
    };
    find_in(&places)
}

/// Beside this program (tests and examples lie one folder below the programs) and beside the
/// library, then as a shell would.
fn places(
    exe: Option<&Path>,
    library: Option<PathBuf>,
    path: impl AsRef<std::ffi::OsStr>,
) -> Vec<PathBuf> {
    let above = exe.and_then(Path::parent);
    let mut places: Vec<PathBuf> = exe.into_iter().chain(above).map(Path::to_owned).collect();
    places.extend(library);
    // What is empty there means the current folder, from which no daemon is started.
    places.extend(env::split_paths(path.as_ref()).filter(|it| it.is_absolute()));
    places
}

fn find_in(places: &[PathBuf]) -> Result<PathBuf, String> {
    let mut programs = places.iter().map(|folder| folder.join(NAME));
    programs.find(|program| program.is_file()).ok_or_else(|| {
        let looked: Vec<String> = places.iter().map(|it| it.display().to_string()).collect();
        format!(
            "the program {NAME} is in none of {}; install the daemons of Mesos, name their folder \
             in {VARIABLE}, or name a master that runs",
            looked.join(", ")
        )
    })
}

/// The folder of the libmesos.so that this process has loaded, if it has.
fn library_folder() -> Option<PathBuf> {
    library_in(&fs::read_to_string("/proc/self/maps").ok()?)
}

fn library_in(maps: &str) -> Option<PathBuf> {
    let library = maps.lines().filter_map(|line| line.find('/').map(|at| Path::new(&line[at..])));
    let mut library = library.filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|it| it.starts_with("libmesos"))
    });
    library.next()?.parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_the_program_and_the_library_come_before_the_path() {
        let maps = "7f00-7f01 r-xp 00000000 fd:01 1 /usr/lib/libc.so.6\n\
                    7f01-7f02 rw-p 00000000 00:00 0 \n\
                    7f02-7f03 r-xp 00000000 fd:01 2    /opt/a b/libmesos-1.11.0.so\n";
        let places = places(Some(Path::new("/x/bin")), library_in(maps), "/usr/bin::here:/bin");
        let expected = ["/x/bin", "/x", "/opt/a b", "/usr/bin", "/bin"];
        assert_eq!(places, expected.map(PathBuf::from));
    }

    #[test]
    fn the_first_place_that_has_it_wins_and_an_error_names_them_all() {
        let folder = tempfile::tempdir().unwrap();
        let (empty, full) = (folder.path().join("empty"), folder.path().join("full"));
        fs::create_dir_all(&full).unwrap();
        fs::create_dir_all(empty.join(NAME)).unwrap();
        let error = find_in(std::slice::from_ref(&empty)).unwrap_err();
        assert!(error.contains(empty.to_str().unwrap()) && error.contains(VARIABLE), "{error}");
        fs::write(full.join(NAME), "").unwrap();
        assert_eq!(find_in(&[empty, full.clone()]), Ok(full.join(NAME)));
    }
}
