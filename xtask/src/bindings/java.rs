// SPDX-License-Identifier: Apache-2.0

//! Java: the artifact that carries `libmesos.so`, and the examples and tests that use it.

use super::{Language, folder};
use crate::{
    chores::{bin_dir, cargo, root, succeed, target},
    dist::{crates, notices},
};
use anyhow::{Context, Result, ensure};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// See the module.
pub const LANGUAGE: Language = Language { name: "Java", build, test, framework };

/// Where the classifier jar has its library, by platform.
const NATIVE: &str = "META-INF/native/linux-x86_64";

/// Where every jar has the licence.
const LICENCE: &str = "META-INF/LICENSE";

/// What the artifact is called; `pom.xml` says the same.
const NAME: &str = concat!("mesos-rs-", env!("CARGO_PKG_VERSION"));

/// The jars that the artifact depends on.
const DEPENDENCIES: [&str; 2] = ["mesos-1.11.0.jar", "protobuf-java-3.5.0.jar"];

/// Other jars of Apache's that the native methods are tested with.
const OTHERS: [(&str, &[&str]); 5] = [
    ("1.0.0", &["mesos-1.0.0.jar", "protobuf-java-2.6.1.jar"]),
    ("1.4.0", &["mesos-1.4.0.jar", "protobuf-java-3.3.0.jar"]),
    ("1.7.0", &["mesos-1.7.0.jar", "protobuf-java-3.5.0.jar"]),
    ("1.10.0", &["mesos-1.10.0.jar", "protobuf-java-3.5.0.jar"]),
    ("shaded", &["mesos-1.11.0-shaded-protobuf.jar"]),
];

/// The sources that every jar can run: they name no class of protobuf.
const FOR_ALL: [&str; 4] = [
    "bindings/java/tests/Quiet.java",
    "bindings/java/tests/Scenarios.java",
    "examples/java/Hello.java",
    "examples/java/Sandbox.java",
];

fn source() -> PathBuf {
    root().join("bindings/java")
}

/// Jars of others, by the names of their files.
fn jars(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| folder("java").join("jars").join(name)).collect()
}

/// Fetches the jars of others, unless those that `jars.xml` says are there already.
pub fn fetch() -> Result<()> {
    let list = source().join("jars.xml");
    let wanted = fs::read_to_string(&list)?;
    let fetched = folder("java").join("fetched.xml");
    if fs::read_to_string(&fetched).is_ok_and(|text| text == wanted) {
        return Ok(());
    }
    let into = folder("java").join("jars");
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--quiet", "--file"]).arg(list);
    maven.args(["dependency:copy"]).arg(format!("-DoutputDirectory={}", into.display()));
    succeed(maven)?;
    fs::write(fetched, wanted)?;
    Ok(())
}

fn joined(paths: &[PathBuf]) -> Result<std::ffi::OsString> {
    std::env::join_paths(paths).context("a class path")
}

/// The Java sources of a folder of the repository, those below it included.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension() == Some(OsStr::new("java")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Compiles for Java 8 and later; what was there before is gone.
fn compile(sources: &[PathBuf], classpath: &[PathBuf], into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    fs::create_dir_all(into)?;
    let mut javac = Command::new("javac");
    // Later compilers warn of so early a release; the jars of Mesos have deprecated methods.
    javac.args(["--release", "8", "-encoding", "UTF-8", "-Werror"]);
    javac.args(["-Xlint:all,-options,-deprecation,-classfile,-removal,-serial,-try"]);
    javac.arg("-classpath").arg(joined(classpath)?).arg("-d").arg(into).args(sources);
    succeed(javac)
}

/// Makes a jar of a folder's content, with our licence.
fn jar(into: &Path, folder: &Path, manifest: &Path) -> Result<()> {
    let mut jar = Command::new("jar");
    jar.arg("cfm").arg(into).arg(manifest).arg("-C").arg(folder).arg(".");
    jar.arg("-C").arg(licence()?).arg(LICENCE);
    succeed(jar)
}

/// A folder with our licence where a jar has it.
fn licence() -> Result<PathBuf> {
    let into = folder("java").join("licence");
    fs::create_dir_all(into.join("META-INF"))?;
    fs::copy(root().join("LICENSE"), into.join(LICENCE)).context("copying LICENSE")?;
    Ok(into)
}

/// What every jar of ours says of itself; its module's name is for class paths of Java 9 and later.
fn manifest() -> Result<PathBuf> {
    let path = folder("java").join("manifest");
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "Implementation-Title: mesos-rs\nImplementation-Version: {version}\n\
         Automatic-Module-Name: io.github.mesosrs\n"
    );
    fs::write(&path, text)?;
    Ok(path)
}

/// The jar of the classes, and the jar of a library.
fn artifact(library: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    let classes = folder("java").join("library");
    compile(&sources(&source().join("library"))?, &jars(&DEPENDENCIES), &classes)?;
    jar(&into.join(format!("{NAME}.jar")), &classes, &manifest()?)?;

    let native = folder("java").join("native");
    fs::create_dir_all(native.join(NATIVE))?;
    let copy = native.join(NATIVE).join("libmesos.so");
    fs::copy(library, &copy).with_context(|| library.display().to_string())?;
    let mut strip = Command::new("strip");
    strip.arg("--strip-unneeded").arg(copy);
    succeed(strip)?;
    let notices = native.join("META-INF").join(notices::FILE);
    fs::write(notices, notices::text(crates::OF_LIBRARY)?)?;
    jar(&into.join(format!("{NAME}-linux-x86_64.jar")), &native, &manifest()?)
}

/// The library of the dev profile.
fn library() -> PathBuf {
    target().join("debug/libmesos.so")
}

fn build() -> Result<()> {
    succeed(cargo(&["build", "--quiet", "--package", "libmesos"]))?;
    fetch()?;
    artifact(&library(), &folder("java").join("artifact"))?;
    let examples = sources(&root().join("examples/java"))?;
    compile(&examples, &jars(&DEPENDENCIES), &folder("java").join("examples"))
}

/// Compiles the tests, for each version of Apache's jar.
fn compile_tests() -> Result<()> {
    let mut tests = sources(&source().join("tests"))?;
    tests.extend(sources(&source().join("benches"))?);
    compile(&tests, &jars(&DEPENDENCIES), &folder("java").join("tests"))?;
    let for_all: Vec<PathBuf> = FOR_ALL.iter().map(|path| root().join(path)).collect();
    for (version, names) in OTHERS {
        let into = folder("java").join(format!("tests-{version}"));
        compile(&for_all, &jars(names), &into)?;
        // Its class path, for the tests.
        let mut classpath = jars(names);
        classpath.insert(0, into.clone());
        fs::write(into.join("classpath"), joined(&classpath)?.as_encoded_bytes())?;
    }
    Ok(())
}

fn test() -> Result<()> {
    compile_tests()?;
    let mut tests = cargo(&["test", "--package", "mesos-jni", "--", "--ignored"]);
    tests.env("MESOS_TEST_BINARIES", bin_dir());
    tests.env("MESOS_JAVA_TESTS", folder("java"));
    tests.env("MESOS_NATIVE_JAVA_LIBRARY", library());
    succeed(tests)
}

fn framework(master: &str) -> Result<Command> {
    let mut classpath = jars(&DEPENDENCIES);
    classpath.insert(0, folder("java").join("examples"));
    let mut command = Command::new("java");
    command.arg("-classpath").arg(joined(&classpath)?).args(["TestFramework", master]);
    command.env("MESOS_NATIVE_JAVA_LIBRARY", library());
    Ok(command)
}

/// Puts the artifact of a release build into a folder: its jars, with sources and javadoc, and pom.
pub fn package(into: &Path) -> Result<()> {
    succeed(cargo(&["build", "--quiet", "--release", "--package", "libmesos"]))?;
    fetch()?;
    artifact(&target().join("release/libmesos.so"), into)?;
    let manifest = manifest()?;
    jar(&into.join(format!("{NAME}-sources.jar")), &source().join("library"), &manifest)?;

    let documentation = folder("java").join("javadoc");
    let mut javadoc = Command::new("javadoc");
    javadoc.args(["-quiet", "-Xdoclint:all", "-Werror", "-notimestamp", "--release", "8"]);
    javadoc.arg("-classpath").arg(joined(&jars(&DEPENDENCIES))?).arg("-d").arg(&documentation);
    javadoc.args(sources(&source().join("library"))?).stdout(Stdio::null());
    succeed(javadoc)?;
    jar(&into.join(format!("{NAME}-javadoc.jar")), &documentation, &manifest)?;

    let pom = fs::read_to_string(source().join("pom.xml"))?;
    let version = format!("<version>{}</version>", env!("CARGO_PKG_VERSION"));
    ensure!(pom.contains(&version), "bindings/java/pom.xml has another version: not {version}");
    fs::write(into.join(format!("{NAME}.pom")), pom)?;
    Ok(())
}
