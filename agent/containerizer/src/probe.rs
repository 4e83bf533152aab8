// SPDX-License-Identifier: Apache-2.0

//! Carries out one check or health check of a task.
//!
//! | check   | what is done                                           | outcome     |
//! |---------|--------------------------------------------------------|-------------|
//! | command | run in the sandbox, as the task's user                 | its status  |
//! | HTTP    | GET from the loopback address, redirects followed      | status code |
//! | TCP     | connect to the loopback address                        | yes or no   |
//!
//! What a check started is killed with all its descendants when its time is up
//! or the container ends; see [`Errand`]. What the outcome means is for others
//! to say.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::Path,
    time::Duration,
};

use mesos_agent_state::{input::ProbeOutcome, output::Probe};
use mesos_launcher::spec::Spec;
use mesos_proto::v1::{check_info, health_check, network_info};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    Config, command,
    errand::{Errand, Outcome},
    http::{self, Trust},
    user,
};

/// Carries out `what`. Gives up after `limit`, or when `ended` is ready.
pub(crate) async fn run(
    config: &Config,
    what: Probe,
    limit: Option<Duration>,
    ended: impl Future<Output = ()>,
) -> ProbeOutcome {
    let limit = limit.unwrap_or(Duration::MAX);
    match what {
        Probe::Command { command, user, environment, directory } => {
            let open_files = config.open_files;
            let prepare = move || {
                let identity = user.as_deref().map(user::identity).transpose();
                let identity = identity.map_err(|error| error.to_string())?;
                let identity = identity.and_then(user::to_become);
                let directory = Path::new(&directory);
                command::refuse_secrets(&command).map_err(|error| error.to_string())?;
                let mut spec = command::spec(&command, &environment, directory, identity, None)
                    .map_err(|error| error.to_string())?;
                command::limit_open_files(&mut spec, open_files);
                let output = output_of(&spec).map_err(|error| error.to_string())?;
                Ok((spec, output))
            };
            match Errand::start(config.launcher.clone(), prepare).await {
                Ok(errand) => outcome_of(errand.finish(limit, ended).await),
                Err(text) => ProbeOutcome::Failed(text),
            }
        }
        Probe::HttpCheck(check) => bounded(limit, ended, get(check_url(&check))).await,
        Probe::HttpHealth(check) => bounded(limit, ended, get(health_url(&check))).await,
        Probe::Tcp { port, ipv6 } => bounded(limit, ended, connect(port, ipv6)).await,
    }
}

async fn bounded(
    limit: Duration,
    ended: impl Future<Output = ()>,
    probe: impl Future<Output = ProbeOutcome>,
) -> ProbeOutcome {
    tokio::select! {
        outcome = timeout(limit, probe) => outcome.unwrap_or(ProbeOutcome::TimedOut),
        () = ended => container_ended(),
    }
}

fn container_ended() -> ProbeOutcome {
    ProbeOutcome::Failed("The container has ended".to_owned())
}

fn check_url(check: &check_info::Http) -> String {
    format!("http://127.0.0.1:{}{}", check.port, check.path.as_deref().unwrap_or(""))
}

fn health_url(check: &health_check::HttpCheckInfo) -> String {
    let host = match check.protocol() {
        network_info::Protocol::IPv4 => "127.0.0.1",
        network_info::Protocol::IPv6 => "[::1]",
    };
    let scheme = check.scheme.as_deref().unwrap_or("http");
    format!("{scheme}://{host}:{}{}", check.port, check.path.as_deref().unwrap_or(""))
}

async fn get(url: String) -> ProbeOutcome {
    match http::get(&url, Trust::Anyone).await {
        Ok(response) => ProbeOutcome::HttpStatus(response.status().as_u16().into()),
        Err(error) => ProbeOutcome::Failed(error.to_string()),
    }
}

async fn connect(port: u32, ipv6: bool) -> ProbeOutcome {
    let Ok(port) = u16::try_from(port) else {
        return ProbeOutcome::Failed(format!("{port} is not a TCP port; they end at 65535"));
    };
    let ip: IpAddr = if ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    ProbeOutcome::Connected(TcpStream::connect((ip, port)).await.is_ok())
}

fn outcome_of(outcome: Outcome) -> ProbeOutcome {
    match outcome {
        Outcome::Exited(status) => ProbeOutcome::Exited(status),
        Outcome::NotRun(text) => ProbeOutcome::Failed(text),
        Outcome::TimedOut => ProbeOutcome::TimedOut,
        Outcome::GivenUp => container_ended(),
    }
}

/// Where a check's output goes: to the task's `stderr`, unless the task has put something else
/// in its place.
fn output_of(spec: &Spec) -> io::Result<File> {
    let directory = OsStr::from_bytes(&spec.working_directory);
    let opened = OpenOptions::new()
        .append(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(Path::new(directory).join("stderr"));
    if let Ok(file) = opened {
        let about = file.metadata()?;
        let owner = spec.identity.as_ref().map_or(about.uid(), |identity| identity.uid);
        if about.is_file() && about.nlink() == 1 && about.uid() == owner {
            return Ok(file);
        }
    }
    OpenOptions::new().write(true).open("/dev/null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_asks_the_loopback_address() {
        let check = check_info::Http { port: 80, path: Some("/x".to_owned()) };
        assert_eq!(check_url(&check), "http://127.0.0.1:80/x");
        let health = health_check::HttpCheckInfo {
            port: 81,
            scheme: Some("https".to_owned()),
            protocol: Some(network_info::Protocol::IPv6 as i32),
            ..health_check::HttpCheckInfo::default()
        };
        assert_eq!(health_url(&health), "https://[::1]:81");
    }

    #[tokio::test]
    async fn a_port_that_nobody_listens_on_is_no_connection() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = u32::from(listener.local_addr().unwrap().port());
        assert_eq!(connect(port, false).await, ProbeOutcome::Connected(true));
        drop(listener);
        assert_eq!(connect(port, false).await, ProbeOutcome::Connected(false));
        assert!(matches!(connect(70_000, false).await, ProbeOutcome::Failed(_)));
    }
}
