// SPDX-License-Identifier: Apache-2.0

//! How many status updates pass through the callbacks of the native driver, each acknowledged; and
//! how long the offers of a thousand agents take from the socket to their callback.
//!
//! `MESOS_MEASURE=1 cargo test --release -p mesos-client --test throughput -- --nocapture
//! --test-threads=1` prints the rate of 100,000 updates and the time of the offers; otherwise fewer
//! are sent, and only counted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use mesos_client::{
    Resources,
    v0::{CallbackResult, Scheduler, SchedulerDriver, Status},
    v1::{
        AgentId, FrameworkId, FrameworkInfo, Offer, OfferId, TaskId, TaskState, TaskStatus,
        scheduler::{Event, event},
    },
};
use prost::Message;

struct Counter {
    updates: usize,
    wanted: usize,
    done: Sender<Instant>,
}

impl Scheduler for Counter {
    fn status_update(&mut self, _: &SchedulerDriver, _: TaskStatus) -> CallbackResult {
        self.updates += 1;
        if self.updates == self.wanted {
            let _ = self.done.send(Instant::now());
        }
        Ok(())
    }
}

fn chunk(event: &Event) -> Vec<u8> {
    let record = event.encode_to_vec();
    let framed = [format!("{}\n", record.len()).as_bytes(), &record].concat();
    [format!("{:x}\r\n", framed.len()).as_bytes(), &framed, b"\r\n"].concat()
}

fn update(number: usize) -> Event {
    Event {
        r#type: Some(event::Type::Update.into()),
        update: Some(event::Update {
            status: TaskStatus {
                task_id: TaskId { value: format!("task-{number}") },
                state: TaskState::TaskRunning.into(),
                agent_id: Some(AgentId { value: "11111111-2222-3333-4444-555555555555-S0".into() }),
                uuid: Some(Bytes::copy_from_slice(&(number as u128).to_be_bytes())),
                timestamp: Some(1_700_000_000.0),
                ..Default::default()
            },
        }),
        ..Default::default()
    }
}

/// Reads one request; what comes after it stays in `buffer`.
fn take_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    loop {
        if let Some(head) = buffer.windows(4).position(|it| it == b"\r\n\r\n") {
            let text = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
            let (_, length) = text.split_once("content-length: ").unwrap();
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            if buffer.len() >= head + 4 + length {
                buffer.drain(..head + 4 + length);
                return Some(());
            }
        }
        let mut more = [0; 64 * 1024];
        let read = stream.read(&mut more).ok().filter(|read| *read != 0)?;
        buffer.extend_from_slice(&more[..read]);
    }
}

fn subscribed() -> Event {
    Event {
        r#type: Some(event::Type::Subscribed.into()),
        subscribed: Some(event::Subscribed {
            framework_id: FrameworkId { value: "f".into() },
            heartbeat_interval_seconds: Some(15.0),
            master_info: None,
        }),
        ..Default::default()
    }
}

/// The beginning of the answer to a SUBSCRIBE.
fn head() -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
        Content-Type: application/x-protobuf\r\nMesos-Stream-Id: s\r\n\r\n"
        .to_vec();
    answer.extend(chunk(&subscribed()));
    answer
}

/// A master that has `wanted` updates to tell, and says when it began and how many calls came.
fn master(wanted: usize) -> (String, Receiver<Instant>, Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (begin, began) = channel();
    let (count, counted) = channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        take_request(&mut stream, &mut Vec::new()).unwrap();
        let mut answer = head();
        answer.extend((0..wanted).flat_map(|number| chunk(&update(number))));
        let calls = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = Vec::new();
            for calls in 1..=wanted {
                take_request(&mut stream, &mut buffer).unwrap();
                stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").unwrap();
                if calls == wanted {
                    count.send(calls).unwrap();
                }
            }
            // The driver ends it.
            let _ = take_request(&mut stream, &mut buffer);
        });
        begin.send(Instant::now()).unwrap();
        stream.write_all(&answer).unwrap();
        calls.join().unwrap();
    });
    (address, began, counted)
}

#[test]
fn every_update_passes_and_is_acknowledged() {
    let measure = env::var_os("MESOS_MEASURE").is_some();
    let wanted = if measure { 100_000 } else { 5_000 };
    let (address, began, counted) = master(wanted);
    let (done, is_done) = channel();
    let framework = FrameworkInfo { name: "throughput".into(), ..Default::default() };
    let counter = Counter { updates: 0, wanted, done };
    let driver = SchedulerDriver::builder(counter, framework, address).build();
    assert_eq!(driver.start(), Status::Running);
    let patience = Duration::from_secs(60);
    let began = began.recv_timeout(patience).unwrap();
    let ended = is_done.recv_timeout(patience).unwrap();
    assert_eq!(counted.recv_timeout(patience).unwrap(), wanted);
    let seconds = (ended - began).as_secs_f64();
    let rate = wanted as f64 / seconds;
    eprintln!("{wanted} updates in {seconds:.3} s: {rate:.0}/s");
    assert!(!measure || rate >= 50_000.0, "{rate:.0} updates per second; 50,000 are expected");
    assert_eq!(driver.stop(true), Status::Stopped);
    assert_eq!(driver.join(), Status::Stopped);
}

/// As many as there are agents in a large cluster.
const OFFERS: usize = 1000;

/// Tells when it has been offered something, and how much.
struct Offered(Sender<(Instant, usize)>);

impl Scheduler for Offered {
    fn resource_offers(&mut self, _: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
        let _ = self.0.send((Instant::now(), offers.len()));
        Ok(())
    }
}

/// What an agent of a usual size offers.
fn offer(number: usize) -> Offer {
    Offer {
        id: OfferId { value: format!("11111111-2222-3333-4444-555555555555-O{number}") },
        framework_id: FrameworkId { value: "f".into() },
        agent_id: AgentId { value: format!("11111111-2222-3333-4444-555555555555-S{number}") },
        hostname: format!("agent-{number}.example.com"),
        resources: Resources::parse("cpus:32;mem:131072;disk:1000000;ports:[31000-32000]", "*")
            .unwrap()
            .to_proto(),
        ..Default::default()
    }
}

/// An event with all offers.
fn offers() -> Vec<u8> {
    let offers = event::Offers { offers: (0..OFFERS).map(offer).collect() };
    chunk(&Event {
        r#type: Some(event::Type::Offers.into()),
        offers: Some(offers),
        ..Default::default()
    })
}

/// A driver's stream, of which it has been told nothing but that it is subscribed.
fn accept(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    take_request(&mut stream, &mut Vec::new()).unwrap();
    stream.write_all(&head()).unwrap();
    stream
}

#[test]
fn the_offers_of_a_thousand_agents_come_in_one_callback_soon() {
    let measure = env::var_os("MESOS_MEASURE").is_some();
    let rounds = if measure { 20 } else { 1 };
    let mut times = Vec::new();
    for _ in 0..rounds {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, told) = channel();
        let framework = FrameworkInfo { name: "offers".into(), ..Default::default() };
        let driver = SchedulerDriver::builder(Offered(tell), framework, address).build();
        assert_eq!(driver.start(), Status::Running);
        let mut stream = accept(&listener);
        let answer = offers();
        let began = Instant::now();
        stream.write_all(&answer).unwrap();
        let (ended, count) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(count, OFFERS);
        times.push(ended - began);
        drop((stream, listener));
    }
    times.sort();
    let median = times[times.len() / 2];
    eprintln!("{OFFERS} offers from the socket to their callback: {median:?} (median of {rounds})");
    assert!(!measure || median < Duration::from_millis(10), "{times:?}");
}

/// The program of the environment, which is called with the master's address and how many updates
/// there are, takes them, prints a line for each callback with offers, and ends well when its input
/// does.
fn program(master: &str, updates: usize, stdout: Stdio) -> Child {
    let program = env::var("MESOS_UPDATES_PROGRAM").unwrap();
    let mut words = program.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).arg(master).arg(updates.to_string()).stdin(Stdio::piped()).stdout(stdout);
    command.spawn().unwrap()
}

#[test]
#[ignore = "needs MESOS_UPDATES_PROGRAM, the words of a command"]
fn a_thousand_offers_come_soon_to_the_program_of_the_environment() {
    // The first are for compilers that compile what runs often.
    const ROUNDS: usize = 60;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut child = program(&address, 1, Stdio::piped());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut stream = accept(&listener);
    let answer = offers();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        stream.write_all(&answer).unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), format!("{OFFERS} offers"));
        times.push(began.elapsed());
    }
    let first = times[0];
    times.sort();
    let median = times[ROUNDS / 2];
    eprintln!(
        "{OFFERS} offers from the socket to a line of the program: {median:?} (median of {ROUNDS}; the first {first:?})"
    );
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(median < Duration::from_millis(10), "{times:?}");
}

#[test]
#[ignore = "needs MESOS_UPDATES_PROGRAM, the words of a command"]
fn every_update_passes_through_the_program_of_the_environment() {
    let wanted = 100_000;
    let (address, began, counted) = master(wanted);
    let mut child = program(&address, wanted, Stdio::inherit());
    let patience = Duration::from_secs(60);
    let began = began.recv_timeout(patience).unwrap();
    assert_eq!(counted.recv_timeout(patience).unwrap(), wanted);
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("{wanted} updates acknowledged in {seconds:.3} s: {:.0}/s", wanted as f64 / seconds);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
