// SPDX-License-Identifier: Apache-2.0

//! The oldest agents that a master talks to.

/// Mesos's `MINIMUM_AGENT_VERSION`.
const MINIMUM: (u64, u64, u64) = (1, 0, 0);

/// Checks an agent's version, e.g. `1.11.0` or `1.11.0-rc1+git`.
pub(super) fn check(version: &str) -> Result<(), String> {
    let parsed = parse(version)
        .ok_or_else(|| format!("its version '{version}' is not of the form MAJOR.MINOR.PATCH"))?;
    if parsed < MINIMUM {
        return Err(format!("its version {version} is older than 1.0.0, the oldest supported"));
    }
    Ok(())
}

fn parse(version: &str) -> Option<(u64, u64, u64)> {
    let numbers = version.split(['-', '+']).next()?;
    let mut parts = numbers.split('.').map(|part| part.parse().ok());
    let parsed =
        (parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next().unwrap_or(Some(0))?);
    parts.next().is_none().then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_before_1_0_0_and_nonsense_are_refused() {
        for good in ["1.0.0", "1.11.0", "1.11.0-rc1", "2.0.0+abc", "1.12"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "0.28.3", "1.x", "one", "1.0.0.0", "-1.0"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
