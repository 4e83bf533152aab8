// SPDX-License-Identifier: Apache-2.0

//! How many threads a daemon answers with.
//!
//! As many as the machine has cores, or what `LIBPROCESS_NUM_WORKER_THREADS`
//! says. With one, threads do not wake each other for microseconds of work, which
//! is half of what an idle daemon costs; with more, one takes more at its busiest.
//!
//! Source in Mesos: `3rdparty/libprocess/src/process.cpp`, where there are eight
//! at least unless the variable says otherwise.

use std::thread::available_parallelism;

/// The environment variable.
pub const VARIABLE: &str = "LIBPROCESS_NUM_WORKER_THREADS";

/// The most threads, as in Mesos.
const MAX: usize = 1024;

/// The variable's value is not a number of threads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ignoring {VARIABLE}={value}: it has to be a whole number from 1 to {MAX}")]
pub struct Invalid {
    value: String,
}

/// What the environment asks for, if it does.
///
/// # Errors
/// When it asks for something else than a number of threads.
pub fn chosen(environment: &[(String, String)]) -> Result<Option<usize>, Invalid> {
    let Some((_, value)) = environment.iter().find(|(name, _)| name == VARIABLE) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(threads) if (1..=MAX).contains(&threads) => Ok(Some(threads)),
        Ok(_) | Err(_) => Err(Invalid { value: value.clone() }),
    }
}

/// How many threads there are to be. Like Mesos, a daemon goes on when the
/// environment asks for something impossible, and says so in its log.
pub fn count(environment: &[(String, String)]) -> usize {
    let chosen = chosen(environment).unwrap_or_else(|invalid| {
        tracing::warn!("{invalid}");
        None
    });
    chosen.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(value: &str) -> Vec<(String, String)> {
        vec![("HOME".to_owned(), "/".to_owned()), (VARIABLE.to_owned(), value.to_owned())]
    }

    #[test]
    fn the_environment_may_choose_from_1_to_1024_threads() {
        assert_eq!(chosen(&[]), Ok(None));
        for (value, threads) in [("1", 1), ("16", 16), ("1024", 1024)] {
            assert_eq!(chosen(&environment(value)), Ok(Some(threads)));
            assert_eq!(count(&environment(value)), threads);
        }
    }

    #[test]
    fn what_is_no_number_of_threads_is_named_and_ignored() {
        for value in ["", "0", "1025", "-1", "two", "1.5", " 1", "99999999999999999999"] {
            let invalid = chosen(&environment(value)).expect_err("no number of threads");
            assert!(invalid.to_string().contains(&format!("{VARIABLE}={value}:")), "{invalid}");
            assert!(count(&environment(value)) >= 1);
        }
    }
}
