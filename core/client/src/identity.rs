// SPDX-License-Identifier: Apache-2.0

//! Who runs the framework, and where, for what it left open.

use mesos_proto::v1::FrameworkInfo;

/// Fills in `user` and `hostname` where they are empty, as Mesos's drivers do.
///
/// # Errors
/// The system does not know the user of this process.
pub(crate) fn fill_in(framework: &mut FrameworkInfo) -> Result<(), String> {
    if framework.user.is_empty() {
        let uid = nix::unistd::getuid();
        framework.user = match nix::unistd::User::from_uid(uid) {
            Ok(Some(user)) => user.name,
            Ok(None) => {
                return Err(format!(
                    "FrameworkInfo.user is empty, and the user with the id {uid} has no name; set it"
                ));
            }
            Err(error) => {
                return Err(format!(
                    "FrameworkInfo.user is empty, and the name of the user with the id {uid} cannot \
                 be found: {error}; set it"
                ));
            }
        };
    }
    if framework.hostname.as_deref().unwrap_or_default().is_empty() {
        let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        framework.hostname = name.or(framework.hostname.take());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_framework_left_empty_is_filled_in() {
        let mut framework = FrameworkInfo::default();
        fill_in(&mut framework).unwrap();
        assert!(!framework.user.is_empty());
        assert!(framework.hostname.is_some_and(|name| !name.is_empty()));
    }

    #[test]
    fn what_the_framework_says_stays() {
        let mut framework = FrameworkInfo {
            user: "somebody".into(),
            hostname: Some("somewhere".into()),
            ..Default::default()
        };
        fill_in(&mut framework).unwrap();
        assert_eq!(
            (framework.user.as_str(), framework.hostname.as_deref()),
            ("somebody", Some("somewhere"))
        );
    }
}
