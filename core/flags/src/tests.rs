// SPDX-License-Identifier: Apache-2.0

//! Tests of the loader and of the text forms.

use std::{io, path::Path, path::PathBuf, time::Duration};

use proptest::prelude::*;

use crate::{ByteSize, FlagError, FlagSet, Loaded, Secret, Source, Warning, duration, load};

crate::flags! {
    /// Flags of an invented program.
    struct Example {
        /// How often agents are pinged.
        agent_ping_timeout | slave_ping_timeout: Duration = "15secs",
        /// Whether tasks run as their user.
        switch_user: bool = "true",
        /// Where to store things.
        work_dir: Option<PathBuf>,
        /// A password.
        secret: Option<Secret>,
        /// The name of the cluster.
        cluster: Option<String>,
        /// Bytes of cache.
        cache: ByteSize = "2GB",
        /// Port to listen on.
        port: u16,
        /// Prints this help.
        help: bool = "false",
        /// Prints the version.
        version: bool = "false",
    }
}

fn run_with(
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<Loaded<Example>, FlagError> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let environment: Vec<(String, String)> =
        environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    load(&Source {
        program: "example",
        arguments: &arguments,
        environment: &environment,
        prefix: "MESOS_",
        read_file: &|path: &Path| match path.to_str() {
            Some("/present") => Ok("from the file\n".to_owned()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        },
    })
}

fn flags(arguments: &[&str], environment: &[(&str, &str)]) -> Example {
    match run_with(arguments, environment) {
        Ok(Loaded::Flags(flags, _)) => flags,
        other => panic!("expected flags, got {other:?}"),
    }
}

fn error(arguments: &[&str]) -> String {
    match run_with(arguments, &[]) {
        Err(error) => error.to_string(),
        Ok(other) => panic!("expected an error, got {other:?}"),
    }
}

#[test]
fn defaults_apply_where_nothing_is_given() {
    let flags = flags(&["--port=5050"], &[]);
    assert_eq!(flags.agent_ping_timeout, Duration::from_secs(15));
    assert!(flags.switch_user);
    assert_eq!(flags.work_dir, None);
    assert_eq!(flags.cache, ByteSize(2 << 30));
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let environment = [
        ("MESOS_PORT", "1"),
        ("MESOS_SLAVE_PING_TIMEOUT", "3mins"),
        ("MESOS_CLUSTER", "east"),
        ("MESOS_NATIVE_JAVA_LIBRARY", "/lib/libmesos.so"),
    ];
    let flags = flags(&["--port=2", "--agent_ping_timeout=1mins"], &environment);
    assert_eq!(flags.port, 2);
    assert_eq!(flags.agent_ping_timeout, Duration::from_secs(60));
    assert_eq!(flags.cluster.as_deref(), Some("east"));
}

#[test]
fn booleans_may_be_bare_or_negated() {
    assert!(flags(&["--port=1", "--switch_user"], &[]).switch_user);
    assert!(!flags(&["--port=1", "--no-switch_user"], &[]).switch_user);
    assert!(!flags(&["--port=1", "--switch_user=false"], &[]).switch_user);
    assert!(!flags(&["--port=1"], &[("MESOS_SWITCH_USER", "false")]).switch_user);
}

#[test]
fn a_file_value_is_replaced_by_the_content_but_a_path_is_kept() {
    let flags =
        flags(&["--port=1", "--cluster=file:///present", "--work_dir=file:///var/lib"], &[]);
    assert_eq!(flags.cluster.as_deref(), Some("from the file"));
    assert_eq!(flags.work_dir, Some(PathBuf::from("/var/lib")));
    assert_eq!(
        error(&["--port=1", "--cluster=file:///absent"]),
        "cannot read the value of flag '--cluster' from '/absent': entity not found"
    );
}

#[test]
fn every_refusal_names_the_flag_and_what_would_be_right() {
    let cases: [(&[&str], &str); 7] = [
        (&["--prot=1"], "unknown flag '--prot', did you mean '--port'?; see --help for all flags"),
        (&["--nonsense"], "unknown flag '--nonsense'; see --help for all flags"),
        (
            &["--port=http"],
            "bad value 'http' for flag '--port': expected a whole number from 0 to 65535",
        ),
        (&["--port"], "flag '--port' needs a value: --port=VALUE"),
        (&["--no-port"], "flag '--port' is not a boolean and cannot be negated; use --port=VALUE"),
        (
            &["--port=1", "--agent_ping_timeout=1secs", "--slave_ping_timeout=2secs"],
            "flag '--agent_ping_timeout' is given twice, as '--agent_ping_timeout' and as \
             '--slave_ping_timeout'",
        ),
        (&[], "flag '--port' is required: --port=VALUE, or MESOS_PORT in the environment"),
    ];
    for (arguments, expected) in cases {
        assert_eq!(error(arguments), expected);
    }
}

#[test]
fn old_names_and_stray_arguments_are_reported() {
    let Ok(Loaded::Flags(_, warnings)) =
        run_with(&["--port=1", "stray", "--slave_ping_timeout=2secs", "--", "--rest"], &[])
    else {
        panic!("expected flags");
    };
    assert_eq!(
        warnings,
        [
            Warning::Ignored("stray".to_owned()),
            Warning::Deprecated { alias: "slave_ping_timeout", name: "agent_ping_timeout" },
        ]
    );
}

#[test]
fn help_and_version_need_no_required_flag() {
    let Ok(Loaded::Help(text)) = run_with(&["--help"], &[]) else {
        panic!("expected the help text");
    };
    assert!(text.starts_with("Usage: example [options]"));
    assert!(text.contains(
        "  --agent_ping_timeout=VALUE, --slave_ping_timeout=VALUE\n        \
         How often agents are pinged.\n        (default: 15secs)\n"
    ));
    assert!(matches!(run_with(&["--version"], &[]), Ok(Loaded::Version)));
}

#[test]
fn secrets_are_shown_nowhere() {
    let flags = flags(&["--port=1", "--secret=hunter2"], &[]);
    assert_eq!(flags.secret.as_ref().map(Secret::reveal), Some("hunter2"));
    assert!(!format!("{flags:?}").contains("hunter2"));
    assert_eq!(flags.to_map()["secret"], "****");
    assert_eq!(flags.to_map()["agent_ping_timeout"], "15secs");
    assert!(!flags.to_map().contains_key("work_dir"));
}

#[test]
fn durations_print_as_mesos_prints_them() {
    let cases = [
        (0, "0ns"),
        (999, "999ns"),
        (1_500, "1500ns"),
        (2_000, "2us"),
        (1_500_000, "1500us"),
        (500_000_000, "500ms"),
        (15_000_000_000, "15secs"),
        (1_500_000_000, "1500ms"),
        (90_000_000_000, "90secs"),
        (60_000_000_000, "1mins"),
        (3_600_000_000_000 * 36, "36hrs"),
        (3_600_000_000_000 * 24 * 10, "10days"),
        (3_600_000_000_000 * 24 * 14, "2weeks"),
    ];
    for (nanos, text) in cases {
        assert_eq!(duration::format(Duration::from_nanos(nanos)), text);
    }
}

#[test]
fn bad_durations_say_what_is_wrong() {
    for text in ["", "secs", "5", "5seconds", "1.2.3secs", "-5secs", "20000weeks", "5 secs"] {
        assert!(duration::parse(text).is_err(), "{text}");
    }
    assert_eq!(duration::parse("1.5hrs"), Ok(Duration::from_secs(5400)));
}

#[test]
fn sizes_parse_and_print_as_in_mesos() {
    for (text, bytes) in [("0B", 0), ("1KB", 1024), ("3mb", 3 << 20), ("2GB", 2 << 30)] {
        assert_eq!(ByteSize::parse(text), Ok(ByteSize(bytes)));
    }
    for text in ["", "GB", "1.5GB", "5", "5PB", "99999999999TB"] {
        assert!(ByteSize::parse(text).is_err(), "{text}");
    }
    assert_eq!(ByteSize(0).to_string(), "0B");
    assert_eq!(ByteSize(1536).to_string(), "1536B");
    assert_eq!(ByteSize(2 << 30).to_string(), "2GB");
}

proptest! {
    #[test]
    fn printed_sizes_parse_back(bytes in any::<u64>()) {
        prop_assert_eq!(ByteSize::parse(&ByteSize(bytes).to_string()), Ok(ByteSize(bytes)));
    }

    #[test]
    fn printed_durations_of_whole_milliseconds_parse_back(millis in 0u64..10_000_000_000) {
        let duration = Duration::from_millis(millis);
        let parsed = duration::parse(&duration::format(duration)).expect("our own text");
        let difference = parsed.abs_diff(duration);
        prop_assert!(difference <= Duration::from_micros(10), "{difference:?}");
    }

    #[test]
    fn no_text_panics_the_parsers(text in ".*") {
        let _ = duration::parse(&text);
        let _ = ByteSize::parse(&text);
    }
}
