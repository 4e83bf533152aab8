// SPDX-License-Identifier: Apache-2.0

//! Compiling programs in C and linking them with the library that cargo has built for this test.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A compiled program, in a folder that goes with it.
pub struct Program {
    pub path: PathBuf,
    _folder: TempDir,
}

/// Compiles `tests/c/<name>.c`.
pub fn compile(name: &str, flags: &[&str]) -> Program {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/c/{name}.c"));
    compile_file(&source, flags)
}

/// Compiles a source file to a program of its name.
pub fn compile_file(source: &Path, flags: &[&str]) -> Program {
    // Other users run it as an executor.
    let folder = tempfile::Builder::new()
        .prefix("mesos-c-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir()
        .unwrap();
    let path = folder.path().join(source.file_stem().unwrap());
    let libraries = library_folder();
    let output = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .arg(source)
        .arg("-o")
        .arg(&path)
        .arg(format!("-L{}", libraries.display()))
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .arg("-lmesos")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Program { path, _folder: folder }
}

/// Where `libmesos.so` is: beside this test.
pub fn library_folder() -> PathBuf {
    let folder = env::current_exe().unwrap().parent().unwrap().to_owned();
    assert!(folder.join("libmesos.so").exists(), "no libmesos.so in {}", folder.display());
    folder
}
