// SPDX-License-Identifier: Apache-2.0

//! The container image: built with an engine of our own, and tried as a cluster.
//!
//! The engine has its socket and its data below the target folder, so it never meets one that
//! runs on the machine. It fetches nothing: the base is a Debian that debootstrap lays out. The
//! programs are those of `cargo xtask dist`, or compiled inside of the image.

use super::{PLATFORM, name_of, output};
use crate::{
    chores::{cargo, root, succeed, target},
    packages,
};
use anyhow::{Context, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The base as the Dockerfile calls it.
const DEBIAN: &str = "debian:bookworm-slim";

/// The image with the compiler, as we call the one we make.
const RUST: &str = "rust:of-this-machine";

/// The image whose certificates are copied, as we call the one we make.
const CERTIFICATES: &str = "certificates:of-debian";

/// What has to be in the image besides the programs: whom to trust, and what others ask to be told.
const EXPECTED: &str = "/etc/ssl/certs/ca-certificates.crt \
/usr/local/share/doc/mesos-rs/LICENSE /usr/local/share/doc/mesos-rs/THIRD-PARTY";

/// As in Debian's own image; Rust is in `/usr/local` of ours.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const IMAGE: &str = "mesos-rs";

/// How long the engine, and a daemon in a container, may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the programs in the image come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Programs {
    /// From the archive of the daemons.
    Packed,
    /// From the sources, with a compiler in the image.
    Compiled,
}

/// Builds the image and runs a cluster of it.
pub fn image(programs: Programs) -> Result<()> {
    packages::ensure(&packages::FOR_IMAGE)?;
    packages::ensure(&packages::FOR_BUILDKIT)?;
    let engine = Engine::start(&target().join("image"))?;
    engine.import_laid_out("debian", &[], DEBIAN)?;
    // There is no bridge, and nothing to fetch.
    let mut build = engine.docker(&["build", "--network", "none", "--tag", IMAGE]);
    build.env("DOCKER_BUILDKIT", "1").args(["--build-arg", &format!("DEBIAN={DEBIAN}")]);
    match programs {
        Programs::Packed => {
            let name = format!("mesos-rs-{}-{PLATFORM}.tar.gz", env!("CARGO_PKG_VERSION"));
            let archive = target().join("dist").join(name);
            ensure!(
                archive.is_file(),
                "{} is not there; first: cargo xtask dist",
                archive.display()
            );
            ensure!(
                target() == root().join("target"),
                "the Dockerfile takes the archive from target/dist: unset CARGO_TARGET_DIR"
            );
            engine.import_laid_out("certificates", &["ca-certificates"], CERTIFICATES)?;
            build.args(["--build-arg", "PROGRAMS=packed"]);
            build.args(["--build-arg", &format!("CERTIFICATES={CERTIFICATES}")]);
        }
        Programs::Compiled => {
            engine.import_rust()?;
            build.args(["--build-arg", &format!("RUST={RUST}")]);
        }
    }
    build.arg(root());
    succeed(build)?;
    let size = output(&mut engine.docker(&["image", "inspect", "--format", "{{.Size}}", IMAGE]))?;
    eprintln!("image: {} {}", IMAGE, super::megabytes(size.trim().parse()?));
    let mut look = engine.docker(&["run", "--rm", "--network", "none", IMAGE]);
    look.args(["sh", "-euc", &format!("for file in {EXPECTED}; do test -s $file; done")]);
    output(&mut look).with_context(|| format!("the image lacks one of {EXPECTED}"))?;
    try_cluster(&engine)?;
    try_debian_package(&engine)?;
    let file = engine.folder.join(format!("mesos-rs-{}-image.tar", env!("CARGO_PKG_VERSION")));
    succeed({
        let mut save = engine.docker(&["save", "--output"]);
        save.arg(&file).arg(IMAGE);
        save
    })?;
    eprintln!("image: saved as {}", file.display());
    Ok(())
}

/// A master and an agent in a container each, and a task.
fn try_cluster(engine: &Engine) -> Result<()> {
    let master = free_port()?;
    let address = format!("127.0.0.1:{master}");
    engine.run(
        "master",
        &[
            "mesos-master",
            "--ip=127.0.0.1",
            &format!("--port={master}"),
            "--work_dir=/var/lib/mesos",
        ],
    )?;
    engine.wait_for("master", &format!("http://{address}/state"), "\"activated_slaves\"")?;
    engine.run(
        "agent",
        &[
            "mesos-agent",
            "--ip=127.0.0.1",
            &format!("--port={}", free_port()?),
            &format!("--master={address}"),
            "--work_dir=/var/lib/mesos",
        ],
    )?;
    engine.wait_for("agent", &format!("http://{address}/state"), "\"activated_slaves\":1")?;
    let mut execute = engine.docker(&["run", "--rm", "--network", "host", IMAGE]);
    execute.args(["mesos-execute", &format!("--master={address}"), "--name=hello"]);
    execute.args(["--command=echo hello", "--resources=cpus:0.1;mem:32"]);
    let told = output(&mut execute).context("running a task on the cluster of containers")?;
    ensure!(
        told.contains("TASK_FINISHED"),
        "mesos-execute did not tell of a finished task: {told}"
    );
    eprintln!("image: a cluster of it has run a task");
    Ok(())
}

/// The Debian package, installed on a Debian with nothing else, and taken away again.
fn try_debian_package(engine: &Engine) -> Result<()> {
    const STEPS: &str = "\
dpkg --install /dist/mesos-rs_*.deb
test ! -e /etc/systemd/system/multi-user.target.wants/mesos-master.service
test ! -e /etc/systemd/system/multi-user.target.wants/mesos-agent.service
mesos-master --version
mesos-execute --version
test -x /usr/libexec/mesos/mesos-launcher
echo '# mine' >> /etc/default/mesos-agent
dpkg --remove mesos-rs
grep mine /etc/default/mesos-agent
dpkg --install /dist/mesos-rs_*.deb
test ! -e /etc/systemd/system/multi-user.target.wants/mesos-master.service
test ! -e /etc/systemd/system/mesos-master.service
dpkg --purge mesos-rs
test ! -e /etc/default/mesos-agent";
    let made = target().join("dist");
    let version = env!("CARGO_PKG_VERSION");
    if !made.join(format!("mesos-rs_{version}-1_amd64.deb")).exists() {
        eprintln!("image: there is no Debian package to try");
        return Ok(());
    }
    let mut command = engine.docker(&["run", "--rm", "--network", "none", "--volume"]);
    command.arg(format!("{}:/dist:ro", made.display()));
    command.args([DEBIAN, "sh", "-euxc", STEPS]);
    output(&mut command).context("installing the Debian package")?;
    eprintln!("image: the Debian package was installed and purged");
    Ok(())
}

/// A Docker engine that only this program uses. Ends when dropped.
struct Engine {
    daemon: Child,
    folder: PathBuf,
}

impl Engine {
    fn start(folder: &Path) -> Result<Self> {
        ensure!(nix::unistd::Uid::effective().is_root(), "the engine has to be started by root");
        fs::create_dir_all(folder)?;
        let log = fs::File::create(folder.join("engine.log"))?;
        let mut command = Command::new("dockerd");
        command
            .arg(format!("--host=unix://{}", folder.join("docker.sock").display()))
            .arg(format!("--data-root={}", folder.join("data").display()))
            .arg(format!("--exec-root={}", folder.join("run").display()))
            .arg(format!("--pidfile={}", folder.join("docker.pid").display()))
            // Containers use the network of the machine; its firewall is left alone.
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false"])
            .stdout(Stdio::null())
            .stderr(log);
        let daemon = command.spawn().context("starting dockerd")?;
        let engine = Self { daemon, folder: folder.to_owned() };
        let start = Instant::now();
        while output(&mut engine.docker(&["version"])).is_err() {
            if start.elapsed() > PATIENCE {
                bail!("dockerd does not answer; see {}", folder.join("engine.log").display());
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(engine)
    }

    fn docker(&self, arguments: &[&str]) -> Command {
        // Another client may come first in the PATH, without a builder.
        let debian = Path::new("/usr/bin/docker");
        let mut command = Command::new(if debian.exists() { debian } else { "docker".as_ref() });
        command
            .arg(format!("--host=unix://{}", self.folder.join("docker.sock").display()))
            .args(arguments);
        command
    }

    /// Imports a Debian with some packages; laid out once, as it takes a minute.
    fn import_laid_out(&self, name: &str, include: &[&str], image: &str) -> Result<()> {
        let archive = self.folder.join(format!("{name}.tar"));
        if !archive.exists() {
            let tree = self.lay_out(name, include)?;
            pack(&archive, &tree)?;
            fs::remove_dir_all(tree)?;
        }
        self.import(&archive, image)
    }

    /// Imports a Debian with the compilers of this machine, and the crates that cargo has here. It is
    /// laid out again for another compiler and for other crates.
    fn import_rust(&self) -> Result<()> {
        let rustc = output(Command::new("rustc").arg("--version").current_dir(root()))?;
        let rustc = rustc.split_whitespace().nth(1).context("rustc has a version")?;
        let crates = output(Command::new("sha256sum").arg(root().join("Cargo.lock")))?;
        let crates = crates.get(..16).context("a hash is longer")?;
        let archive = self.folder.join(format!("rust-{rustc}-{crates}.tar"));
        if !archive.exists() {
            self.forget("rust")?;
            succeed(cargo(&["fetch", "--quiet", "--locked"]))?;
            let tree = self.lay_out("rust", &["gcc", "libc6-dev", "make", "ca-certificates"])?;
            let sysroot =
                output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()))?;
            let of_cargo = match env::var_os("CARGO_HOME") {
                Some(folder) => PathBuf::from(folder),
                None => {
                    PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cargo")
                }
            };
            for (from, to) in [
                (PathBuf::from(sysroot.trim()), "usr/local"),
                (of_cargo.join("registry"), "root/.cargo/registry"),
            ] {
                let to = tree.join(to);
                fs::create_dir_all(&to)?;
                let mut copy = Command::new("cp");
                copy.args(["--recursive", "--no-dereference", "--preserve=mode,links"]);
                copy.arg(from.join(".")).arg(to);
                succeed(copy)?;
            }
            // Half of it is the handbook.
            let handbook = tree.join("usr/local/share/doc/rust/html");
            if handbook.exists() {
                fs::remove_dir_all(handbook)?;
            }
            pack(&archive, &tree)?;
            fs::remove_dir_all(tree)?;
        }
        self.import(&archive, RUST)
    }

    /// Removes archives that were made for something else.
    fn forget(&self, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_file() && name_of(&path).starts_with(prefix) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn lay_out(&self, name: &str, include: &[&str]) -> Result<PathBuf> {
        eprintln!("image: laying out {name}");
        let tree = self.folder.join(name);
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        let mut command = Command::new("debootstrap");
        command.arg("--variant=minbase");
        if !include.is_empty() {
            command.arg(format!("--include={}", include.join(",")));
        }
        output(command.arg("bookworm").arg(&tree))?;
        let packages = tree.join("var/cache/apt/archives");
        fs::remove_dir_all(&packages)?;
        fs::create_dir_all(packages.join("partial"))?;
        Ok(tree)
    }

    fn import(&self, archive: &Path, name: &str) -> Result<()> {
        let mut command = self.docker(&["import"]);
        command.args(["--change", &format!("ENV PATH={PATH}")]).arg(archive).arg(name);
        output(&mut command)?;
        Ok(())
    }

    fn run(&self, name: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.docker(&["run", "--detach", "--init", "--network", "host"]);
        command.args(["--name", name, IMAGE]).args(arguments);
        output(&mut command)?;
        Ok(())
    }

    /// Waits until a page shows a text; shows the container's log if it never does.
    fn wait_for(&self, container: &str, url: &str, text: &str) -> Result<()> {
        let start = Instant::now();
        loop {
            let page = output(Command::new("curl").args(["--silent", "--max-time", "5", url]));
            if page.is_ok_and(|page| page.contains(text)) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                succeed(self.docker(&["logs", container]))?;
                bail!("{url} does not show {text}");
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Ok(names) = output(&mut self.docker(&["ps", "--all", "--quiet"])) {
            for name in names.lines() {
                // The engine is about to end; what it says no longer matters.
                let _ = output(&mut self.docker(&["rm", "--force", "--volumes", name]));
            }
        }
        let pid = i32::try_from(self.daemon.id()).expect("a process id fits");
        // An engine that has ended already needs no signal.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let _ = self.daemon.wait();
        let _ = fs::remove_dir_all(self.folder.join("data"));
    }
}

fn pack(archive: &Path, folder: &Path) -> Result<()> {
    // A name of its own until it is whole.
    let unfinished = archive.with_extension("unfinished");
    let mut command = Command::new("tar");
    command.arg("--create").arg("--file").arg(&unfinished).arg("--directory").arg(folder).arg(".");
    succeed(command)?;
    fs::rename(unfinished, archive)?;
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
