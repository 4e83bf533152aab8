// SPDX-License-Identifier: Apache-2.0

//! What the agent tells the fetcher, in environment variables: others on the
//! machine can read a process's arguments, and a URI may hold a password.
//!
//! | variable | holds |
//! |---|---|
//! | `MESOS_FETCHER_IDENTITY` | whom to become: `uid,gid,group,group…`; not set if nobody |
//! | `MESOS_FETCHER_FRAMEWORKS_HOME` | what relative paths are relative to; may be unset |
//! | `MESOS_FETCHER_STALL_TIMEOUT_MS`, `MESOS_FETCHER_LARGEST_DOWNLOAD` | the bounds of a download |
//! | `MESOS_FETCHER_URI_0`, … | each a `CommandInfo.URI` in JSON |
//!
//! The form is private to one version of the agent and the fetcher beside it.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    time::Duration,
};

use mesos_launcher::spec::Identity;
use mesos_proto::v1::command_info;

use super::{Config, download::Bounds, work::Job};

const IDENTITY: &str = "MESOS_FETCHER_IDENTITY";
const FRAMEWORKS_HOME: &str = "MESOS_FETCHER_FRAMEWORKS_HOME";
const STALL_TIMEOUT_MS: &str = "MESOS_FETCHER_STALL_TIMEOUT_MS";
const LARGEST_DOWNLOAD: &str = "MESOS_FETCHER_LARGEST_DOWNLOAD";
const URI: &str = "MESOS_FETCHER_URI_";

/// What of the agent's own environment counts for the fetcher too.
const HANDED_ON: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Why the environment makes no sense.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormError {
    /// A variable is missing.
    #[error("{0} is not set; mesos-fetcher is started by mesos-agent and is of no use by hand")]
    Missing(&'static str),
    /// A variable holds something else.
    #[error("{0} is malformed: {1}")]
    Malformed(&'static str, String),
}

/// The variables for a fetch.
pub(super) fn write(
    config: &Config,
    uris: &[command_info::Uri],
    identity: Option<&Identity>,
) -> Vec<Vec<u8>> {
    let mut variables = vec![
        format!("{STALL_TIMEOUT_MS}={}", config.stall_timeout.as_millis()).into_bytes(),
        format!("{LARGEST_DOWNLOAD}={}", config.largest_download).into_bytes(),
    ];
    if let Some(Identity { uid, gid, groups }) = identity {
        let numbers: Vec<String> =
            [uid, gid].into_iter().chain(groups).map(u32::to_string).collect();
        variables.push(format!("{IDENTITY}={}", numbers.join(",")).into_bytes());
    }
    if let Some(home) = &config.frameworks_home {
        variables.push([FRAMEWORKS_HOME.as_bytes(), b"=", home.as_os_str().as_bytes()].concat());
    }
    for (number, uri) in uris.iter().enumerate() {
        let uri = mesos_proto::json::to_json(uri);
        variables.push(format!("{URI}{number}={uri}").into_bytes());
    }
    variables
}

/// Variables of the agent that the fetcher is to have as well.
pub(super) fn handed_on() -> Vec<Vec<u8>> {
    let set = |name: &str| {
        let value = std::env::var_os(name)?;
        Some([name.as_bytes(), b"=", value.as_bytes()].concat())
    };
    HANDED_ON.into_iter().filter_map(set).collect()
}

/// Reads what [`write`] wrote, where `variable` looks one up.
pub(super) fn read(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(Option<Identity>, Job), FormError> {
    let number = |name: &'static str| {
        let text = variable(name).ok_or(FormError::Missing(name))?;
        let text = text.to_string_lossy().into_owned();
        text.parse::<u64>().map_err(|_| FormError::Malformed(name, format!("'{text}'")))
    };
    let bounds = Bounds {
        stall_timeout: Duration::from_millis(number(STALL_TIMEOUT_MS)?),
        largest: number(LARGEST_DOWNLOAD)?,
    };
    let identity = variable(IDENTITY).map(|text| identity(&text.to_string_lossy())).transpose()?;
    let frameworks_home = variable(FRAMEWORKS_HOME).map(Into::into);
    let mut uris = Vec::new();
    while let Some(text) = variable(&format!("{URI}{}", uris.len())) {
        let uri = mesos_proto::json::from_json(&text.into_vec())
            .map_err(|error| FormError::Malformed(URI, error.to_string()))?;
        uris.push(uri);
    }
    Ok((identity, Job { frameworks_home, bounds, uris }))
}

fn identity(text: &str) -> Result<Identity, FormError> {
    let malformed = || FormError::Malformed(IDENTITY, format!("'{text}'"));
    let numbers: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
    match numbers.map_err(|_| malformed())?.as_slice() {
        [uid, gid, groups @ ..] => Ok(Identity { uid: *uid, gid: *gid, groups: groups.to_vec() }),
        [] | [_] => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, os::unix::ffi::OsStringExt};

    use super::*;

    fn variables(written: Vec<Vec<u8>>) -> BTreeMap<String, OsString> {
        let split = |variable: Vec<u8>| {
            let at = variable.iter().position(|byte| *byte == b'=').unwrap();
            let name = String::from_utf8(variable[..at].to_vec()).unwrap();
            (name, OsString::from_vec(variable[at + 1..].to_vec()))
        };
        written.into_iter().map(split).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let config = Config { frameworks_home: Some("/home/x".into()), ..Config::default() };
        let uri = |value: &str| command_info::Uri {
            value: value.to_owned(),
            executable: Some(true),
            extract: Some(false),
            output_file: Some("a b=c".to_owned()),
            ..command_info::Uri::default()
        };
        let uris = vec![uri("http://h/\u{fc}?q=1"), uri("/x")];
        let someone = Identity { uid: 7, gid: 8, groups: vec![8, 9] };
        let written = variables(write(&config, &uris, Some(&someone)));
        let (identity, job) = read(|name| written.get(name).cloned()).unwrap();
        assert_eq!(identity, Some(someone));
        assert_eq!(job.uris, uris);
        assert_eq!(job.frameworks_home, config.frameworks_home);
        assert_eq!(job.bounds.largest, config.largest_download);
    }

    #[test]
    fn an_environment_of_another_kind_is_refused() {
        let written = variables(write(&Config::default(), &[], None));
        for (name, value) in [(IDENTITY, "1"), (IDENTITY, "1,x"), (LARGEST_DOWNLOAD, "much")] {
            let mut changed = written.clone();
            changed.insert(name.to_owned(), value.into());
            let error = read(|name| changed.get(name).cloned()).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
        assert!(matches!(read(|_| None), Err(FormError::Missing(_))));
    }
}
