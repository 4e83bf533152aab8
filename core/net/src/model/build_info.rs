// SPDX-License-Identifier: Apache-2.0

//! When this program was built and by whom: the same in `/version` and `/state`.

use std::{
    env, fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::Object;

/// What `/version` and `/state` say about the build.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildInfo {
    /// `2020-11-24 15:38:37`, in UTC.
    pub date: String,
    /// The same, in seconds since the epoch.
    pub time: f64,
    /// Who built it.
    pub user: &'static str,
    /// The commit, when the build knew it; see `build.rs`.
    pub git_sha: Option<&'static str>,
}

impl BuildInfo {
    /// Takes the time from the program's file.
    pub fn current() -> Self {
        let modified = env::current_exe().and_then(fs::metadata).and_then(|file| file.modified());
        let time = modified.unwrap_or(SystemTime::UNIX_EPOCH);
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        BuildInfo {
            date: date(seconds),
            time: seconds as f64,
            user: "mesos-rs",
            git_sha: option_env!("MESOS_RS_GIT_SHA"),
        }
    }

    /// Adds the members that `/state` has, in its order.
    pub fn write(&self, object: &mut Object<'_>) {
        if let Some(sha) = self.git_sha {
            object.text("git_sha", sha);
        }
        object.text("build_date", &self.date);
        object.number("build_time", self.time);
        object.text("build_user", self.user);
    }
}

/// A time in UTC: days to a date by the usual arithmetic of 400-year eras.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (1_606_232_317, "2020-11-24 15:38:37"),
            (4_107_542_400, "2100-03-01 00:00:00"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(date(seconds), expected);
        }
    }
}
