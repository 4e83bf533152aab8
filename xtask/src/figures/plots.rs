// SPDX-License-Identifier: Apache-2.0

//! The plots there are, and where their points come from.

/// Where a series comes from.
pub enum Source {
    /// Runs of the load generator, each with another value of one parameter.
    Runs {
        /// The scenarios.
        scenarios: &'static [&'static str],
        /// The parameter.
        parameter: &'static str,
        /// The figure.
        figure: &'static str,
    },
    /// Figures of `cargo xtask bench --times`, each with its x.
    Times(Vec<(f64, String)>),
    /// What is known of others.
    Known(&'static [(f64, f64)]),
}

/// One line of a plot.
pub struct Series {
    /// What it is.
    pub name: &'static str,
    /// Where its points are from.
    pub source: Source,
    /// From the parameter to the x axis.
    pub x_factor: f64,
    /// From the figure to the y axis.
    pub y_factor: f64,
}

/// One plot, with logarithmic axes.
pub struct Plot {
    /// The name of its file.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The x axis, with its unit.
    pub x: &'static str,
    /// The y axis, with its unit.
    pub y: &'static str,
    /// Its lines.
    pub series: Vec<Series>,
}

fn runs(
    name: &'static str,
    scenarios: &'static [&'static str],
    figure: &'static str,
    y_factor: f64,
) -> Series {
    let source = Source::Runs { scenarios, parameter: "agents", figure };
    Series { name, source, x_factor: 1.0, y_factor }
}

fn times(name: &'static str, figures: Vec<(f64, String)>, y_factor: f64) -> Series {
    Series { name, source: Source::Times(figures), x_factor: 1.0, y_factor }
}

fn known(name: &'static str, points: &'static [(f64, f64)]) -> Series {
    Series { name, source: Source::Known(points), x_factor: 1.0, y_factor: 1.0 }
}

/// Groups of the allocator and a figure of theirs.
fn allocator(
    shapes: &[(u32, u32, u32)],
    by: fn(&(u32, u32, u32)) -> u32,
    figure: &str,
) -> Vec<(f64, String)> {
    let key = |shape: &(u32, u32, u32)| {
        let (agents, frameworks, roles) = shape;
        (f64::from(by(shape)), format!("allocator-{agents}x{frameworks}x{roles}.{figure}"))
    };
    shapes.iter().map(key).collect()
}

/// A thousand frameworks.
const BY_AGENTS: [(u32, u32, u32); 5] = [
    (1_000, 1_000, 1),
    (5_000, 1_000, 1),
    (10_000, 1_000, 1),
    (20_000, 1_000, 1),
    (50_000, 1_000, 1),
];
/// Ten thousand agents.
const BY_FRAMEWORKS: [(u32, u32, u32); 5] =
    [(10_000, 50, 1), (10_000, 200, 1), (10_000, 1_000, 1), (10_000, 3_000, 1), (10_000, 6_000, 1)];
/// Ten agents for each framework, as in Mesos's published figures.
const TEN_TO_ONE: [(u32, u32, u32); 5] =
    [(1_000, 100, 1), (5_000, 500, 1), (10_000, 1_000, 1), (20_000, 2_000, 1), (50_000, 5_000, 1)];

const APACHE: &str = "Apache Mesos 1.11.0, same kind of machine";

/// Every plot.
pub fn all() -> Vec<Plot> {
    let mut plots = agents();
    plots.extend(requests());
    plots.extend(allocation());
    plots
}

fn agents() -> Vec<Plot> {
    let failover = &["failover", "failover-large"];
    vec![
        Plot {
            name: "failover",
            title: "All agents registered again, 10 tasks of 10 labels each",
            x: "agents",
            y: "seconds",
            series: vec![
                runs("fresh master", failover, "fresh_registered_s", 1.0),
                runs("master with the registry", failover, "failover_registered_s", 1.0),
                known(APACHE, &[(10_000.0, 10.7)]),
                known(
                    "Apache Mesos 1.5, published, without HTTP",
                    &[(10_000.0, 4.3), (20_000.0, 9.0), (40_000.0, 19.0)],
                ),
            ],
        },
        Plot {
            name: "memory",
            title: "Memory of the master for agents with 10 tasks of 10 labels",
            x: "agents",
            y: "MB",
            series: vec![
                runs("mesos-rs", &["memory"], "with_tasks_resident_mb", 1.0),
                known(APACHE, &[(10_000.0, 1002.0)]),
            ],
        },
        Plot {
            name: "one-more-agent",
            title: "One more agent admitted",
            x: "agents that are there",
            y: "ms",
            series: vec![
                runs("p50", &["register"], "one_more_p50_ms", 1.0),
                runs("p99", &["register"], "one_more_p99_ms", 1.0),
                known(APACHE, &[(10_000.0, 48.0)]),
            ],
        },
    ]
}

fn requests() -> Vec<Plot> {
    vec![
        Plot {
            name: "state",
            title: "/state with 10 running and 10 completed tasks on each agent",
            x: "tasks",
            y: "seconds",
            series: vec![
                Series { x_factor: 20.0, ..runs("cold", &["state"], "cold_s", 1.0) },
                Series {
                    x_factor: 20.0,
                    ..runs("100 tasks changed, p50", &["state"], "little_changed_p50_ms", 1e-3)
                },
                known(APACHE, &[(100_000.0, 1.48)]),
                known("Apache Mesos 1.7, published", &[(400_000.0, 3.1)]),
            ],
        },
        Plot {
            name: "launches",
            title: "Tasks from ACCEPT to their acknowledged end, one in each ACCEPT",
            x: "agents",
            y: "tasks/s",
            series: vec![
                runs("mesos-rs", &["launch", "launch-small"], "tasks_per_s", 1.0),
                known(APACHE, &[(1_000.0, 930.0), (10_000.0, 536.0)]),
            ],
        },
        Plot {
            name: "freed",
            title: "From the end of a task to the offer of what it had",
            x: "agents",
            y: "ms",
            series: vec![
                runs("p50", &["freed"], "freed_to_offered_p50_ms", 1.0),
                runs("p99", &["freed"], "freed_to_offered_p99_ms", 1.0),
                known("Apache Mesos 1.11.0, p50", &[(10_000.0, 535.0)]),
                known("Apache Mesos 1.11.0, p99", &[(10_000.0, 1057.0)]),
            ],
        },
    ]
}

fn allocation() -> Vec<Plot> {
    let total = "full-cycle_total_us";
    vec![
        Plot {
            name: "allocation",
            title: "A full allocation cycle, ten agents for each framework",
            x: "agents",
            y: "ms",
            series: vec![
                times("mesos-rs", allocator(&TEN_TO_ONE, |it| it.0, total), 1e-3),
                known(
                    "Apache Mesos 1.8, published",
                    &[(5_000.0, 400.0), (10_000.0, 1060.0), (20_000.0, 3800.0)],
                ),
            ],
        },
        Plot {
            name: "allocation-frameworks",
            title: "A full allocation cycle at 10,000 agents",
            x: "frameworks",
            y: "ms",
            series: vec![
                times("mesos-rs", allocator(&BY_FRAMEWORKS, |it| it.1, total), 1e-3),
                known("Apache Mesos 1.8, published", &[(1_000.0, 1060.0), (3_000.0, 2500.0)]),
            ],
        },
        Plot {
            name: "allocation-changes",
            title: "What the allocator does about one change, at 1,000 frameworks",
            x: "agents",
            y: "µs",
            series: vec![
                times("nothing", allocator(&BY_AGENTS, |it| it.0, "idle_us"), 1.0),
                times("one agent freed", allocator(&BY_AGENTS, |it| it.0, "one-freed_us"), 1.0),
                times("one more agent", allocator(&BY_AGENTS, |it| it.0, "one-more-agent_us"), 1.0),
                times(
                    "one more framework",
                    allocator(&BY_AGENTS, |it| it.0, "one-more-framework_us"),
                    1.0,
                ),
            ],
        },
    ]
}
