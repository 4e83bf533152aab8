// SPDX-License-Identifier: Apache-2.0

//! The `MESOS_*` variables that a scheduler driver reads, as Mesos's does.

use mesos_driver::scheduler::Config;
use mesos_flags::duration;

/// Reads the variables through `get`.
///
/// # Errors
/// A value that is malformed, or that asks for what this driver does not have.
pub(super) fn read(
    get: impl Fn(&str) -> Option<String>,
    config: &mut Config,
) -> Result<(), String> {
    let name = "MESOS_REGISTRATION_BACKOFF_FACTOR";
    config.backoff_first = duration::parse(get(name).as_deref().unwrap_or("2secs"))
        .map_err(|error| format!("Failed to parse {name}: {error}"))?;
    if let Some(authenticatee) = get("MESOS_AUTHENTICATEE").filter(|it| it != "crammd5") {
        return Err(format!(
            "MESOS_AUTHENTICATEE is '{authenticatee}', but this driver authenticates with HTTP \
             Basic and loads no modules; unset it"
        ));
    }
    for name in ["MESOS_MODULES", "MESOS_MODULES_DIR"] {
        if get(name).is_some() {
            return Err(format!("{name} is set, but this driver loads no modules; unset it"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mesos_proto::v1::FrameworkInfo;

    use super::*;

    fn read_one(name: &'static str, value: &'static str) -> Result<Config, String> {
        let mut config = Config::new(FrameworkInfo::default());
        read(|asked| (asked == name).then(|| value.to_owned()), &mut config).map(|()| config)
    }

    #[test]
    fn the_backoff_is_read_and_two_seconds_otherwise() {
        let config = read_one("MESOS_REGISTRATION_BACKOFF_FACTOR", "500ms").unwrap();
        assert_eq!(config.backoff_first, Duration::from_millis(500));
        assert_eq!(read_one("OTHER", "").unwrap().backoff_first, Duration::from_secs(2));
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (name, value) in [
            ("MESOS_REGISTRATION_BACKOFF_FACTOR", "soon"),
            ("MESOS_AUTHENTICATEE", "org_example"),
            ("MESOS_MODULES", "{}"),
            ("MESOS_MODULES_DIR", "/etc"),
        ] {
            assert!(read_one(name, value).unwrap_err().contains(name), "{name}");
        }
        read_one("MESOS_AUTHENTICATEE", "crammd5").unwrap();
    }
}
