// SPDX-License-Identifier: Apache-2.0

//! What happens in a conversation, line by line, for whoever looks into a
//! finding: `MESOS_FUZZ_TRACE=1 scheduler_calls <input>`.

use std::{env, fmt::Debug, sync::LazyLock};

static IS_ON: LazyLock<bool> = LazyLock::new(|| env::var_os("MESOS_FUZZ_TRACE").is_some());

/// Writes a line, if somebody wants to read it.
pub fn trace(what: &str, thing: &impl Debug) {
    if *IS_ON {
        eprintln!("{what} {thing:?}");
    }
}
