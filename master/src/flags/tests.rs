// SPDX-License-Identifier: Apache-2.0

//! Tests of how flags become a configuration.

use std::{fs, io::Write, path::Path, time::Duration};

use mesos_flags::{FlagSet, Loaded, Source};
use mesos_master_state::RateLimit;
use mesos_proto::v1;

use super::{
    MasterFlags,
    check::refuse,
    settings::{config, domain},
};

fn flags(arguments: &[&str]) -> MasterFlags {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let loaded = mesos_flags::load(&Source {
        program: "mesos-master",
        arguments: &arguments,
        environment: &[("MESOS_REGISTRY".to_owned(), "in_memory".to_owned())],
        prefix: "MESOS_",
        read_file: &|path: &Path| fs::read_to_string(path),
    });
    match loaded.expect("valid flags") {
        Loaded::Flags(flags, _) => flags,
        Loaded::Help(_) | Loaded::Version => panic!("no flags"),
    }
}

#[test]
fn all_flags_of_mesos_are_known() {
    // 71 of its own, 6 about logging, --help, and one of ours.
    assert_eq!(MasterFlags::flags().len(), 71 + 6 + 1 + 1);
    assert_eq!(refuse(&flags(&[])), Ok(()));
}

#[test]
fn defaults_are_those_of_the_state_machine() {
    let ours = config(&flags(&[]), v1::MasterInfo::default()).expect("a configuration");
    let defaults = mesos_master_state::Config::new(v1::MasterInfo::default());
    assert_eq!(format!("{ours:?}"), format!("{defaults:?}"));
}

#[test]
fn rates_weights_and_lists_are_read() {
    let flags = flags(&[
        "--agent_removal_rate_limit=3/10mins",
        "--weights=web=2.5, ads=1",
        "--roles=web,ads",
        "--fair_sharing_excluded_resource_names=gpus, disk",
        "--min_allocatable_resources=cpus:1;mem:32|disk:5",
        "--offer_timeout=30secs",
        "--recovery_agent_removal_limit=40%",
    ]);
    let config = config(&flags, v1::MasterInfo::default()).expect("a configuration");
    let rate = RateLimit { permits: 3, period: Duration::from_secs(600) };
    assert_eq!(config.agent_removal_rate_limit, Some(rate));
    let weights = [("web".to_owned(), 2.5), ("ads".to_owned(), 1.0)];
    assert_eq!(config.allocator.weights, weights);
    assert_eq!(config.role_whitelist.as_ref().map(|roles| roles.len()), Some(2));
    assert!(config.allocator.fair_sharing_excluded.contains("disk"));
    assert_eq!(config.allocator.min_allocatable.len(), 2);
    assert_eq!(config.offer_timeout, Some(Duration::from_secs(30)));
    assert!((config.recovery_agent_removal_limit - 0.4).abs() < 1e-9);
}

#[test]
fn malformed_values_name_their_flag_and_what_would_be_right() {
    let cases = [
        ("--agent_removal_rate_limit=5", "expected <agents>/<duration>, such as 1/10mins"),
        ("--agent_removal_rate_limit=0/1mins", "must start with a positive whole number"),
        ("--agent_removal_rate_limit=1/0secs", "must have a positive duration"),
        ("--weights=web", "expected role=number with a positive number"),
        ("--weights=web=-1", "expected role=number with a positive number"),
        ("--weights=web=inf", "expected role=number with a positive number"),
        ("--min_allocatable_resources=cpus", "missing or extra ':'"),
    ];
    for (argument, text) in cases {
        let refused = config(&flags(&[argument]), v1::MasterInfo::default());
        let error = refused.expect_err("refused").to_string();
        let name = argument.split('=').next().unwrap_or_default();
        assert!(error.starts_with(&format!("flag '{name}': ")), "{error}");
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn a_domain_is_inline_json_or_a_file() {
    let json = r#"{"fault_domain":{"region":{"name":"r"},"zone":{"name":"z"}}}"#;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(json.as_bytes()).expect("written");
    let inline = domain(json).expect("a domain");
    assert_eq!(inline.fault_domain.as_ref().map(|fault| fault.region.name.as_str()), Some("r"));
    let path = file.path().to_str().expect("a path");
    assert_eq!(domain(path).expect("a domain"), inline);
    for (text, reason) in [
        ("{}", "`domain` must define `fault_domain`"),
        ("{", "syntax error"),
        ("/nowhere/at/all", "Error reading file '/nowhere/at/all'"),
    ] {
        let error = domain(text).expect_err("refused").to_string();
        assert!(error.contains(reason), "{error}");
    }
}
