// SPDX-License-Identifier: Apache-2.0

//! What is fetched into a sandbox, and what is kept out of it.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod harness;

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use harness::{Agent, shell};
use mesos_agent_state::input::LaunchFailure;
use mesos_proto::v1::{CommandInfo, command_info::Uri};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn uri(value: impl Into<String>) -> Uri {
    Uri { value: value.into(), ..Uri::default() }
}

fn path_uri(path: &Path) -> Uri {
    uri(path.display().to_string())
}

fn with(uris: Vec<Uri>, script: &str) -> CommandInfo {
    CommandInfo { uris, ..shell(script) }
}

/// Fetches, and expects all to go well.
async fn fetch(agent: &mut Agent, uris: Vec<Uri>) {
    let container = agent.launch("c", with(uris, "true"));
    assert_eq!(agent.exited(&container).await, Some(0));
}

/// Fetches, expects it to fail in the way Mesos says it, and returns the sandbox's `stderr`.
async fn fails(agent: &mut Agent, uris: Vec<Uri>) -> String {
    let failure = agent.fails(agent.spec("c", with(uris, "true"))).await;
    let text = "Failed to fetch all URIs for container 'c': exited with status 1".to_owned();
    assert_eq!(failure, LaunchFailure::Container(text));
    fs::read_to_string(agent.sandbox("c").join("stderr")).unwrap()
}

/// Answers every request with one of `answers`, by path; 404 for others.
async fn serve(answers: Vec<(&'static str, String)>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let answer = answers.iter().find(|(known, _)| *known == path);
            let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
            let answer = answer.map_or(missing, |(_, answer)| answer.clone());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn tar_with(add: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    add(&mut builder);
    builder.into_inner().unwrap()
}

fn entry(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header
}

/// An entry whose name the builder itself would refuse.
fn add_raw(builder: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, link: &str) {
    let mut header = entry(kind, 0o644, 0);
    let raw = header.as_old_mut();
    raw.name[..name.len()].copy_from_slice(name.as_bytes());
    raw.linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    builder.append(&header, std::io::empty()).unwrap();
}

fn add_file(builder: &mut tar::Builder<Vec<u8>>, name: &str, mode: u32, content: &str) {
    let mut header = entry(tar::EntryType::Regular, mode, content.len() as u64);
    builder.append_data(&mut header, name, content.as_bytes()).unwrap();
}

fn source(agent: &Agent, name: &str, content: &[u8]) -> PathBuf {
    let path = agent.directory.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn a_local_file_is_copied_with_its_permissions() {
    let mut agent = Agent::new();
    let script = source(&agent, "script", b"#!/bin/sh\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let plain = source(&agent, "plain", b"text");
    let renamed = Uri { output_file: Some("some/where/else".to_owned()), ..path_uri(&plain) };
    let file_uri = uri(format!("file://{}", plain.display()));
    fetch(&mut agent, vec![path_uri(&script), file_uri, renamed]).await;
    let sandbox = agent.sandbox("c");
    assert_eq!(mode(&sandbox.join("script")), 0o755);
    assert_eq!(fs::read(sandbox.join("plain")).unwrap(), b"text");
    assert_eq!(fs::read(sandbox.join("some/where/else")).unwrap(), b"text");
}

#[tokio::test]
async fn a_download_is_made_executable_and_redirects_are_followed() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: real\r\nContent-Length: 0\r\n\r\n".to_owned();
    let address = serve(vec![("/moved", moved), ("/real", ok("#!/bin/sh\nexit 0\n"))]).await;
    let mut agent = Agent::new();
    let run = Uri {
        executable: Some(true),
        output_file: Some("run".to_owned()),
        ..uri(format!("{address}/moved"))
    };
    let container = agent.launch("c", with(vec![run], "./run"));
    assert_eq!(agent.exited(&container).await, Some(0));
    assert_eq!(mode(&agent.sandbox("c").join("run")), 0o755);
}

#[tokio::test]
async fn a_failed_download_says_why_in_the_sandbox() {
    let address = serve(vec![]).await;
    let mut agent = Agent::new();
    let errors = fails(&mut agent, vec![uri(format!("{address}/nope"))]).await;
    assert!(errors.contains("received HTTP return code 404"), "{errors}");
    let mut agent = Agent::new();
    let errors = fails(&mut agent, vec![uri("http://127.0.0.1:1/x")]).await;
    assert!(errors.contains("Failed to connect to 127.0.0.1:1"), "{errors}");
    let mut agent = Agent::new();
    let errors = fails(&mut agent, vec![uri("hdfs://namenode/x")]).await;
    assert!(errors.contains("scheme 'hdfs' are not supported"), "{errors}");
    let mut agent = Agent::new();
    let errors = fails(&mut agent, vec![uri("/dev/zero")]).await;
    assert!(errors.contains("not a regular file"), "{errors}");
}

#[tokio::test]
async fn a_download_that_stalls_or_never_ends_is_given_up() {
    let stalls = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning".to_owned();
    let address = serve(vec![("/long", ok(&"x".repeat(2000))), ("/cut", stalls)]).await;
    let mut agent = Agent::new();
    agent.config.fetcher.largest_download = 1999;
    let mut agent = agent.restart();
    let errors = fails(&mut agent, vec![uri(format!("{address}/long"))]).await;
    assert!(errors.contains("longer than 1999 bytes"), "{errors}");
    let mut agent = Agent::new();
    let errors = fails(&mut agent, vec![uri(format!("{address}/cut"))]).await;
    assert!(errors.contains("Error downloading resource"), "{errors}");

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let mut agent = Agent::new();
    agent.config.fetcher.stall_timeout = Duration::from_millis(50);
    let mut agent = agent.restart();
    let errors = fails(&mut agent, vec![uri(format!("http://{address}/x"))]).await;
    assert!(errors.contains("nothing came for 0.05 seconds"), "{errors}");
}

#[tokio::test]
async fn archives_of_every_kind_are_extracted() {
    let mut agent = Agent::new();
    let archive = tar_with(|builder| {
        builder.append(&dir_header("d/"), std::io::empty()).unwrap();
        add_file(builder, "d/program", 0o4755, "content");
        let mut link = entry(tar::EntryType::Symlink, 0o777, 0);
        builder.append_link(&mut link, "link", "d/program").unwrap();
        let mut link = entry(tar::EntryType::Link, 0o644, 0);
        builder.append_link(&mut link, "twin", "d/program").unwrap();
        add_file(builder, "stdout", 0o644, "not the log");
    });
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&archive).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&archive).unwrap();
    let mut xz = Vec::new();
    lzma_rs::xz_compress(&mut archive.as_slice(), &mut xz).unwrap();
    let archives = [
        ("a.tar", archive.clone()),
        ("a.tar.gz", gzip.finish().unwrap()),
        ("a.tbz2", bzip2.finish().unwrap()),
        ("a.tar.xz", xz),
    ];
    for (name, content) in archives {
        let archive = source(&agent, name, &content);
        fetch(&mut agent, vec![path_uri(&archive)]).await;
        let sandbox = agent.sandbox("c");
        assert_eq!(mode(&sandbox.join("d/program")), 0o755, "{name}");
        assert_eq!(fs::read(sandbox.join("link")).unwrap(), b"content", "{name}");
        assert_eq!(fs::metadata(sandbox.join("twin")).unwrap().nlink(), 2, "{name}");
        assert_eq!(fs::read(sandbox.join("stdout")).unwrap(), b"", "{name}");
        fs::remove_dir_all(sandbox).unwrap();
        fs::remove_dir_all(agent.runtime("c")).unwrap();
    }
}

fn dir_header(name: &str) -> tar::Header {
    let mut header = entry(tar::EntryType::Directory, 0o555, 0);
    header.set_path(name).unwrap();
    header.set_cksum();
    header
}

#[tokio::test]
async fn zip_and_gzip_files_are_extracted() {
    let mut agent = Agent::new();
    let path = agent.directory.path().join("a.zip");
    let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("d/program", options).unwrap();
    zip.write_all(b"content").unwrap();
    zip.add_symlink("link", "d/program", options).unwrap();
    zip.finish().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"unzipped").unwrap();
    let gzip = source(&agent, "note.gz", &gzip.finish().unwrap());
    let kept = Uri { extract: Some(false), ..path_uri(&gzip) };
    let kept = Uri { output_file: Some("kept.gz".to_owned()), ..kept };
    fetch(&mut agent, vec![path_uri(&path), path_uri(&gzip), kept]).await;
    let sandbox = agent.sandbox("c");
    assert_eq!(fs::read(sandbox.join("link")).unwrap(), b"content");
    assert_eq!(mode(&sandbox.join("d/program")), 0o755);
    assert_eq!(fs::read(sandbox.join("note")).unwrap(), b"unzipped");
    assert!(!sandbox.join("kept").exists());
}

#[tokio::test]
async fn an_archive_cannot_write_outside_the_sandbox() {
    type Add = fn(&mut tar::Builder<Vec<u8>>);
    let attacks: [(&str, Add); 6] = [
        ("..", |builder| add_raw(builder, "../escaped", tar::EntryType::Regular, "")),
        ("absolute", |builder| add_raw(builder, "/tmp/escaped", tar::EntryType::Regular, "")),
        ("through a link", |builder| {
            add_raw(builder, "out", tar::EntryType::Symlink, "..");
            add_raw(builder, "out/escaped", tar::EntryType::Regular, "");
        }),
        ("hard link", |builder| add_raw(builder, "stolen", tar::EntryType::Link, "../secret")),
        ("hard link through a link", |builder| {
            add_raw(builder, "out", tar::EntryType::Symlink, "..");
            add_raw(builder, "stolen", tar::EntryType::Link, "out/secret");
        }),
        ("device", |builder| add_raw(builder, "zero", tar::EntryType::Char, "")),
    ];
    for (name, add) in attacks {
        let mut agent = Agent::new();
        let archive = source(&agent, "a.tar", &tar_with(add));
        let runs = agent.directory.path().join("runs");
        fs::create_dir_all(&runs).unwrap();
        fs::write(runs.join("secret"), "secret").unwrap();
        let errors = fails(&mut agent, vec![path_uri(&archive)]).await;
        assert!(errors.contains("Failed to extract archive 'a.tar'"), "{name}: {errors}");
        assert!(!runs.join("escaped").exists(), "{name}");
        assert!(!agent.sandbox("c").join("stolen").exists(), "{name}");
    }
}

#[tokio::test]
async fn a_link_to_elsewhere_is_made_but_never_written_through() {
    let mut agent = Agent::new();
    let target = source(&agent, "target", b"untouched");
    let archive = tar_with(|builder| {
        let mut link = entry(tar::EntryType::Symlink, 0o777, 0);
        builder.append_link(&mut link, "file", &target).unwrap();
        add_file(builder, "file", 0o644, "replaced");
    });
    let archive = source(&agent, "a.tar", &archive);
    fetch(&mut agent, vec![path_uri(&archive)]).await;
    assert_eq!(fs::read(&target).unwrap(), b"untouched");
    assert_eq!(fs::read(agent.sandbox("c").join("file")).unwrap(), b"replaced");
}

#[tokio::test]
async fn what_the_agent_has_open_cannot_be_fetched() {
    use std::os::fd::AsRawFd;
    let mut agent = Agent::new();
    let secret = source(&agent, "secret", b"not for tasks");
    let open = File::open(secret).unwrap();
    let said = fails(&mut agent, vec![uri(format!("/proc/self/fd/{}", open.as_raw_fd()))]).await;
    assert!(said.contains("/proc/self/fd"), "{said}");
}

#[tokio::test]
async fn a_user_fetches_only_what_that_user_may_read() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: changing the user needs root");
        return;
    }
    let mut agent = Agent::new();
    let secret = source(&agent, "secret", b"root's");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let mut spec = agent.spec("denied", with(vec![path_uri(&secret)], "true"));
    spec.user = Some("nobody".to_owned());
    assert!(matches!(agent.fails(spec).await, LaunchFailure::Container(_)));
    let errors = fs::read_to_string(agent.sandbox("denied").join("stderr")).unwrap();
    assert!(errors.contains("Permission denied"), "{errors}");

    let public = source(&agent, "public", b"everybody's");
    let mut spec = agent.spec("allowed", with(vec![path_uri(&public)], "echo more >> public"));
    spec.user = Some("nobody".to_owned());
    let container = agent.start(spec);
    assert_eq!(agent.exited(&container).await, Some(0));
}

/// The most memory that this process has ever had.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// A compressed tar archive with a name of so many megabytes. Gzip files may be joined.
fn archive_with_a_long_name(megabytes: usize) -> Vec<u8> {
    let gzip = |content: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(content).unwrap();
        gzip.finish().unwrap()
    };
    let mut header = entry(tar::EntryType::GNULongName, 0o644, (megabytes as u64) << 20);
    header.set_cksum();
    let mut archive = gzip(header.as_bytes());
    let piece = gzip(&vec![b'n'; 1 << 20]);
    (0..megabytes).for_each(|_| archive.extend_from_slice(&piece));
    archive
}

#[tokio::test]
async fn an_archive_that_takes_too_much_memory_costs_the_fetcher_its_own() {
    const MEGABYTES: usize = 300;
    let mut agent = Agent::new();
    agent.config.fetcher.memory = 200 << 20;
    let mut agent = agent.restart();
    let archive = source(&agent, "a.tar.gz", &archive_with_a_long_name(MEGABYTES));
    let before = peak();
    let errors = fails(&mut agent, vec![path_uri(&archive)]).await;
    assert!(errors.contains("out of memory"), "{errors}");
    let grown = peak() - before;
    assert!(grown < (MEGABYTES as u64) << 19, "the agent has grown by {grown} bytes");
}

#[tokio::test]
async fn a_fetch_that_takes_too_long_is_given_up() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let mut agent = Agent::new();
    agent.config.fetcher.time_limit = Duration::from_millis(50);
    let mut agent = agent.restart();
    let command = with(vec![uri(format!("http://{address}/x"))], "true");
    let failure = agent.fails(agent.spec("c", command)).await;
    let text = "Failed to fetch all URIs for container 'c': it took longer than 0.05 seconds";
    assert_eq!(failure, LaunchFailure::Container(text.to_owned()));
}

#[tokio::test]
async fn a_fetcher_that_is_not_there_is_named() {
    let mut agent = Agent::new();
    agent.config.fetcher.program = "/nonexistent/mesos-fetcher".into();
    let mut agent = agent.restart();
    let failure = agent.fails(agent.spec("c", with(vec![uri("/x")], "true"))).await;
    let text = "Failed to fetch all URIs for container 'c': Failed to execute command: \
                No such file or directory";
    assert_eq!(failure, LaunchFailure::Container(text.to_owned()));
}
