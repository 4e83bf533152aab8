// SPDX-License-Identifier: Apache-2.0

//! GET requests from threads of their own, so that their times are not those of
//! the simulated cluster in this process.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};

use crate::histogram::{Histogram, Pace};

/// No answer may take longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came back.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The size of head and body.
    pub bytes: u64,
    /// From before connecting until the last byte.
    pub took: Duration,
}

/// One request on its own connection; the answer is read and thrown away.
pub fn get(address: SocketAddr, path: &str) -> Result<Answer> {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut buffer = vec![0; 256 << 10];
    let (mut status, mut bytes) = (None, 0_u64);
    loop {
        let count = match stream.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).context("reading the answer"),
        };
        if count == 0 {
            break;
        }
        if bytes == 0 {
            let head = std::str::from_utf8(&buffer[..count.min(16)]).unwrap_or_default();
            status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        }
        bytes += count as u64;
    }
    let status = status.context("the answer has no status")?;
    Ok(Answer { status, bytes, took: start.elapsed() })
}

/// Threads that ask until they are told to stop.
pub struct Probes {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<Histogram>>>,
}

impl Probes {
    /// So many clients that ask again as soon as they are answered.
    pub fn eager(address: SocketAddr, path: &'static str, clients: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |stop: Arc<AtomicBool>| {
            thread::spawn(move || {
                let mut times = Histogram::default();
                while !stop.load(Ordering::Relaxed) {
                    let answer = get(address, path)?;
                    expect_success(path, &answer)?;
                    times.record(answer.took);
                }
                Ok(times)
            })
        };
        let threads = (0..clients).map(|_| client(stop.clone())).collect();
        Probes { stop, threads }
    }

    /// One client that asks at a fixed rate; late requests are timed from when they were due.
    pub fn paced(address: SocketAddr, path: &'static str, per_second: f64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut times = Histogram::default();
            let mut pace = Pace::new(per_second);
            while !stopped.load(Ordering::Relaxed) {
                let due = pace.next_due();
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let from = Pace::timed_from(due);
                let answer = get(address, path)?;
                expect_success(path, &answer)?;
                times.record(from.elapsed());
            }
            Ok(times)
        });
        Probes { stop, threads: vec![thread] }
    }

    /// Ends them after the request each is at, and gives their times.
    pub async fn finish(self) -> Result<Histogram> {
        self.stop.store(true, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let mut all = Histogram::default();
            for thread in self.threads {
                let times = thread.join().map_err(|_| anyhow!("a probe panicked"))??;
                all.merge(&times);
            }
            Ok(all)
        })
        .await?
    }
}

fn expect_success(path: &str, answer: &Answer) -> Result<()> {
    anyhow::ensure!(answer.status == 200, "{path} answered {}", answer.status);
    Ok(())
}
