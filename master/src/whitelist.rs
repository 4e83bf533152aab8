// SPDX-License-Identifier: Apache-2.0

//! `--whitelist`: a file with the hostnames that may be offered, one a line.
//!
//! It is read again every five seconds, as Mesos does. A file that cannot be
//! read lets everyone take part, an empty one nobody; both are logged once.

use std::{path::PathBuf, time::Duration};

use crate::engine::Handle;

/// How often the file is read.
const INTERVAL: Duration = Duration::from_secs(5);

/// Tells the engine about the file until the engine ends.
pub(crate) async fn follow(path: PathBuf, engine: Handle) {
    let mut known: Option<Option<Vec<String>>> = None;
    loop {
        let hostnames = match tokio::fs::read_to_string(&path).await {
            Ok(text) => Some(parse(&text)),
            Err(_) => None,
        };
        if known.as_ref() != Some(&hostnames) {
            match &hostnames {
                Some(names) => tracing::info!(hosts = names.len(), "the whitelist changed"),
                None => tracing::warn!(path = %path.display(), "cannot read the whitelist"),
            }
            if engine.whitelist(hostnames.clone()).await.is_err() {
                return;
            }
            known = Some(hostnames);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

fn parse(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_name_nobody() {
        assert_eq!(parse("a.example\n\n  b.example  \n"), ["a.example", "b.example"]);
        assert!(parse("\n").is_empty());
    }
}
