// SPDX-License-Identifier: Apache-2.0

//! Plays one recorded conversation against our daemons.

use crate::{
    case::{Case, Exchange},
    cluster::Cluster,
    compare::{differences, without_strangers},
    http1::{Connection, Head},
    names::Names,
    offers::Offers,
    streams::{Records, Stream, base64_bytes},
    tap::Tap,
    wire,
};
use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use mesos_proto::v1;
use nix::sys::signal::{Signal, kill};
use prost::Message;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

/// How much longer than recorded an event may take here.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer that depends on something still under way is asked for again.
const RETRY: Duration = Duration::from_secs(5);
/// How long an offer of the recorded resources is waited for before offers are given back.
const MERGE_AFTER: Duration = Duration::from_millis(300);
/// How long after the last recorded event one more would be noticed.
const AFTERMATH: Duration = Duration::from_millis(150);

/// One run of one case.
struct Replay<'a> {
    case: &'a Case,
    cluster: Cluster,
    names: Names,
    offers: Offers,
    streams: Vec<Stream>,
    /// The recorded messages between master and agent.
    wire: Vec<wire::Decoded>,
    found: Vec<String>,
}

/// Plays `case`; returns what was unequal, one line each.
pub fn replay(case: &Case) -> Result<Vec<String>> {
    let mut names = Names::default();
    let cluster = Cluster::start(case, &mut names)?;
    let entries = case.value["wire"].as_array();
    let mut replay = Replay {
        case,
        cluster,
        names,
        offers: Offers::default(),
        streams: Vec::new(),
        wire: entries.map(|e| wire::recorded(e)).transpose()?.unwrap_or_default(),
        found: Vec::new(),
    };
    match replay.run() {
        Ok(()) => {}
        Err(error) => replay.found.push(format!("stopped: {error:#}")),
    }
    if !replay.found.is_empty() {
        replay.found.push(replay.cluster.logs());
    }
    Ok(replay.found)
}

impl Replay<'_> {
    fn run(&mut self) -> Result<()> {
        let mut before = 0.0;
        for (index, exchange) in self.case.exchanges().into_iter().enumerate() {
            let gap = (exchange.at_ms() - before).max(0.0);
            before = exchange.at_ms();
            thread::sleep(Duration::from_secs_f64(gap / 1000.0));
            let step = match exchange.action() {
                Some(action) => self.act(action),
                None => self.ask(index, exchange),
            };
            step.with_context(|| format!("exchange {index}{}", describe(exchange)))?;
        }
        self.finish()
    }

    /// Waits until what was recorded before this moment has come here too, but for
    /// what `excused` names.
    fn catch_up(&mut self, until_ms: f64, excused: Option<&str>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for stream in &self.streams {
                stream.learn(&mut self.names);
            }
            let mut awaited: Vec<String> = self
                .streams
                .iter()
                .filter(|s| !s.closed_here)
                .flat_map(|s| {
                    let from = s.exchange;
                    s.awaited(until_ms).into_iter().map(move |a| format!("stream {from}: {a}"))
                })
                .collect();
            awaited.retain(|a| excused.is_none_or(|e| !a.contains(e)));
            if awaited.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "waited in vain for {}", awaited.join("; "));
            thread::sleep(Duration::from_millis(3));
        }
    }

    fn find_offers(&mut self, body: &Value) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut next_decline = Instant::now() + MERGE_AFTER;
        loop {
            let equal_only = Instant::now() + PATIENCE / 2 < deadline;
            let mut missing = self.offers.unknown(body, &self.streams, &self.names);
            missing.retain(|id| !self.offers.find(id, &self.streams, &mut self.names, equal_only));
            if missing.is_empty() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no offer came that could stand for {missing:?}");
            if Instant::now() > next_decline {
                self.decline_unanswered_offers()?;
                next_decline = Instant::now() + MERGE_AFTER;
            }
            thread::sleep(Duration::from_millis(3));
        }
    }

    /// Waits for the update that an acknowledgement names.
    fn await_update(&mut self, body: &Value) -> Result<()> {
        let Some(uuid) = body["acknowledge"]["uuid"].as_str() else { return Ok(()) };
        let is_recorded = self.streams.iter().any(|s| s.has_recorded_update(uuid));
        let deadline = Instant::now() + PATIENCE;
        // Updates of executors that the case plays keep the uuids they were recorded with.
        let has_come =
            |r: &Self| r.names.knows(uuid) || r.streams.iter().any(|s| s.has_update(uuid));
        while is_recorded && !has_come(self) {
            for stream in &self.streams {
                stream.learn(&mut self.names);
            }
            ensure!(Instant::now() < deadline, "waited in vain for the update to acknowledge");
            thread::sleep(Duration::from_millis(3));
        }
        Ok(())
    }

    /// Gives back what is offered in other pieces, or to others, than recorded.
    fn decline_unanswered_offers(&mut self) -> Result<()> {
        for stream in self.streams.iter().filter(|s| !s.closed_here && s.end().is_none()) {
            let offers = self.offers.live(stream);
            let Some(first) = offers.first() else { continue };
            let call = serde_json::json!({
                "framework_id": first["framework_id"], "type": "DECLINE",
                "decline": {
                    "offer_ids": offers.iter().map(|o| o["id"].clone()).collect::<Vec<_>>(),
                    "filters": {"refuse_seconds": 0.0},
                },
            });
            let headers = [("Mesos-Stream-Id", stream.id.as_str())];
            post(self.cluster.master.address, "/api/v1/scheduler", &headers, &call)?;
            offers.iter().for_each(|o| self.offers.answered(o));
        }
        Ok(())
    }

    fn ask(&mut self, index: usize, exchange: Exchange<'_>) -> Result<()> {
        self.catch_up(exchange.at_ms(), None)?;
        if exchange.is_stream() && exchange.to() == "master" {
            self.tear_down_finished_frameworks(index, exchange.at_ms())?;
        }
        let is_raw = |key| exchange.request()[key].is_string();
        if is_raw("raw_base64") || is_raw("raw") {
            return self.ask_raw(index, exchange);
        }
        let request = exchange.request();
        let body = request.get("body_decoded").unwrap_or(&request["body"]);
        self.find_offers(body)?;
        self.await_update(body)?;
        let deadline = Instant::now() + RETRY;
        loop {
            let (head, connection) = match self.send(exchange)? {
                Some(answer) => answer,
                None => return Ok(()),
            };
            // Where nothing is under way, asking again changes nothing.
            let may_retry = exchange.is_stream() && exchange.to() != "master"
                || request["method"] == "GET" && !self.streams.is_empty();
            let found = self.judge(index, exchange, head, connection)?;
            if found.is_empty() || !may_retry || Instant::now() > deadline {
                self.found.extend(found);
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// When a new framework subscribes, those that have no part in the rest of the
    /// case are torn down, as the recording program did without recording it.
    fn tear_down_finished_frameworks(&mut self, index: usize, at_ms: f64) -> Result<()> {
        let exchanges = self.case.exchanges();
        for stream in self.streams.iter_mut().filter(|s| !s.closed_here) {
            let opened_by = exchanges[stream.exchange];
            let stream_id = &opened_by.response()["headers"]["Mesos-Stream-Id"];
            let is_used = exchanges[index..]
                .iter()
                .any(|e| &e.request()["headers"]["Mesos-Stream-Id"] == stream_id);
            let goes_on = stream.recorded.iter().any(|e| e["ms"].as_f64() >= Some(at_ms));
            let is_torn_down =
                opened_by.0["ended_by"].as_str().is_some_and(|e| e.contains("TEARDOWN"));
            if is_used || goes_on || !is_torn_down {
                continue;
            }
            let present = stream.present();
            let id =
                present.first().and_then(|r| r["subscribed"]["framework_id"]["value"].as_str());
            if let Some(id) = id {
                stream.closed_here = true;
                tear_down(self.cluster.master.address, id)?;
            }
        }
        Ok(())
    }

    /// Sends the request; `None` where Apache Mesos aborts and ours answers.
    fn send(&mut self, exchange: Exchange<'_>) -> Result<Option<(Head, Connection)>> {
        let bytes = self.request_bytes(exchange.request())?;
        let mut connection = Connection::open(self.cluster.daemon(exchange.to())?.address)?;
        connection.write(&bytes)?;
        let head = connection.read_head()?;
        if exchange.response().is_null() {
            // An error at once, or one that follows as an event.
            let refuses = head.status == 202 || head.status >= 400;
            ensure!(refuses, "Apache Mesos aborts here; ours answers {}", head.status);
            return Ok(None);
        }
        Ok(Some((head, connection)))
    }

    fn request_bytes(&self, request: &Value) -> Result<Vec<u8>> {
        let body = self.body_bytes(request)?;
        let method = request["method"].as_str().context("no method")?;
        let path = self.names.translate(request["path"].as_str().context("no path")?);
        let version = request["version"].as_str().unwrap_or("HTTP/1.1");
        let mut head = format!("{method} {path} {version}\r\n");
        let mut chunked = false;
        if let Some(headers) = request["headers"].as_object() {
            for (name, value) in headers {
                let value = value.as_str().unwrap_or_default();
                chunked |= name == "Transfer-Encoding";
                if name != "Content-Length" {
                    head += &format!("{name}: {}\r\n", self.names.translate(value));
                }
            }
            if !headers.contains_key("Host") {
                head += "Host: 127.0.0.1\r\n";
            }
        }
        if !chunked && (method != "GET" || !body.is_empty()) {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        if chunked {
            for piece in body.chunks(body.len().div_ceil(4).max(1)) {
                bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                bytes.extend_from_slice(piece);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(body);
        }
        Ok(bytes)
    }

    fn body_bytes(&self, request: &Value) -> Result<Vec<u8>> {
        let body = &request["body"];
        Ok(match request["body_encoding"].as_str() {
            Some("none") | None => Vec::new(),
            Some("json") => serde_json::to_vec(&self.names.translate_value(body))?,
            Some("text") => self.names.translate(body.as_str().unwrap_or_default()).into_bytes(),
            Some("base64") => match request["body_type"].as_str() {
                Some(kind) => {
                    let json = self.names.translate_value(&request["body_decoded"]).to_string();
                    encode_call(kind, json.as_bytes())?
                }
                None => self.translate_gzip(&base64_bytes(body.as_str().unwrap_or_default())?)?,
            },
            Some("described") => self.large_message_call()?,
            Some(other) => bail!("no body encoding is called '{other}'"),
        })
    }

    /// Compressed bodies hold ids too; other bytes stay as they are.
    fn translate_gzip(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut text = String::new();
        if GzDecoder::new(bytes).read_to_string(&mut text).is_err() {
            return Ok(bytes.to_vec());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(self.names.translate(&text).as_bytes())?;
        Ok(encoder.finish()?)
    }

    /// The one request that is only described: a MESSAGE call with 2,359,296 bytes of data.
    fn large_message_call(&self) -> Result<Vec<u8>> {
        let framework = self.streams.last().context("no stream")?.present();
        let id = &framework.first().context("not subscribed")?["subscribed"]["framework_id"];
        let call = serde_json::json!({
            "framework_id": id, "type": "MESSAGE",
            "message": {"agent_id": {"value": "a"}, "executor_id": {"value": "e"}, "data": "A".repeat(3 << 20)},
        });
        Ok(serde_json::to_vec(&call)?)
    }

    fn judge(
        &mut self,
        index: usize,
        exchange: Exchange<'_>,
        head: Head,
        mut connection: Connection,
    ) -> Result<Vec<String>> {
        let recorded = exchange.response();
        if exchange.is_stream() && head.status == 200 {
            if let (Some(id), Some(recorded)) =
                (head.header("Mesos-Stream-Id"), recorded["headers"]["Mesos-Stream-Id"].as_str())
            {
                self.names.note(recorded, id);
                self.names.note(&recorded.to_uppercase(), &id.to_uppercase());
            }
            let found = self.judge_head(index, exchange, &head);
            let kind = record_kind(exchange, &head);
            let events = exchange.events().cloned().unwrap_or_default();
            let id = head.header("Mesos-Stream-Id").unwrap_or_default().to_owned();
            self.streams.push(Stream::read(index, id, events, connection, kind)?);
            return Ok(found);
        }
        let answers_head = exchange.request()["method"] == "HEAD";
        let body = if answers_head { Vec::new() } else { connection.read_body(&head)? };
        let mut found = self.judge_head(index, exchange, &head);
        let place = format!("exchange {index}{}: body", describe(exchange));
        match recorded["body_encoding"].as_str() {
            Some("json") => match serde_json::from_slice::<Value>(&body) {
                Ok(present) => {
                    let wanted = without_strangers(&self.names, &recorded["body"]);
                    self.names.learn(&wanted, &present);
                    let lines = differences(&self.names, &wanted, &present);
                    found.extend(lines.into_iter().map(|l| format!("{place}{l}")));
                }
                Err(_) => {
                    found.push(format!("{place} is not JSON: {}", String::from_utf8_lossy(&body)))
                }
            },
            Some("text") => {
                let wanted = self.names.translate(recorded["body"].as_str().unwrap_or_default());
                let present = String::from_utf8_lossy(&body);
                if wanted != present {
                    found.push(format!("{place}: recorded {wanted:?}, but {present:?}"));
                }
            }
            Some("base64") => {
                let present = decode_answer(&recorded["body_type"], &body)?;
                let wanted = without_strangers(&self.names, &recorded["body_decoded"]);
                self.names.learn(&wanted, &present);
                let lines = differences(&self.names, &wanted, &present);
                found.extend(lines.into_iter().map(|l| format!("{place}{l}")));
            }
            Some("recordio") => {
                found.push(format!("{place}: no stream, but {:?}", String::from_utf8_lossy(&body)))
            }
            _ if body.is_empty() => {}
            _ if recorded["body_encoding"] == "none" => {
                found.push(format!(
                    "{place}: recorded none, but {:?}",
                    String::from_utf8_lossy(&body)
                ));
            }
            _ => {}
        }
        Ok(found)
    }

    fn judge_head(&self, index: usize, exchange: Exchange<'_>, head: &Head) -> Vec<String> {
        let recorded = exchange.response();
        let place = format!("exchange {index}{}", describe(exchange));
        let mut found = Vec::new();
        if recorded["status"].as_u64() != Some(head.status.into())
            || recorded["reason"] != head.reason.as_str()
        {
            found.push(format!(
                "{place}: recorded {} {}, but {} {}",
                recorded["status"], recorded["reason"], head.status, head.reason
            ));
        }
        let is_json = recorded["body_encoding"] == "json";
        for (name, value) in recorded["headers"].as_object().into_iter().flatten() {
            let wanted = self.names.translate(value.as_str().unwrap_or_default());
            let varies = name == "Mesos-Stream-Id"
                || name == "Content-Length"
                    && (is_json || wanted_length_varies(recorded, &self.names));
            match head.headers.iter().find(|(n, _)| n == name) {
                Some((_, present)) if varies || *present == wanted => {}
                Some((_, present)) => found
                    .push(format!("{place}: header {name}: recorded {wanted:?}, but {present:?}")),
                None => {
                    found.push(format!("{place}: header {name} is missing, recorded {wanted:?}"))
                }
            }
        }
        for (name, value) in &head.headers {
            let recorded = recorded["headers"].as_object().is_some_and(|h| h.contains_key(name));
            if !recorded && name != "Date" {
                found.push(format!("{place}: header {name}: {value:?} was not recorded"));
            }
        }
        found
    }

    /// A request given as bytes, its answer compared as bytes.
    fn ask_raw(&mut self, index: usize, exchange: Exchange<'_>) -> Result<()> {
        let bytes = match exchange.request()["raw"].as_str() {
            // Long ones are only described.
            Some(text) if text.ends_with(" bytes)") => return Ok(()),
            Some(text) => self.names.translate(text).into_bytes(),
            None => base64_bytes(exchange.request()["raw_base64"].as_str().unwrap_or_default())?,
        };
        let wanted = exchange.response()["raw"].as_str().unwrap_or_default();
        let count = wanted.matches("HTTP/1.1 ").count();
        let mut connection = Connection::open(self.cluster.daemon(exchange.to())?.address)?;
        connection.write(&bytes)?;
        let mut present = String::new();
        for _ in 0..count.max(1) {
            // A recorded answer that does not come is a difference, not the end of the case.
            let Ok(head) = connection.read_head() else { break };
            let is_head = bytes.starts_with(b"HEAD ");
            let body = if is_head { Vec::new() } else { connection.read_body(&head)? };
            present += &format!("HTTP/1.1 {} {}\r\n", head.status, head.reason);
            for (name, value) in &head.headers {
                let value = if name == "Date" { "(date)" } else { value };
                present += &format!("{name}: {value}\r\n");
            }
            present += &format!("\r\n{}", String::from_utf8_lossy(&body));
        }
        let (mut wanted, mut got) = (header_lines(wanted), header_lines(&present));
        wanted.sort();
        got.sort();
        if wanted != got {
            self.found.push(format!(
                "exchange {index}{}: recorded {wanted:?}, but {got:?}",
                describe(exchange)
            ));
        }
        Ok(())
    }

    fn act(&mut self, action: &str) -> Result<()> {
        match action {
            "recording starts" => self.cluster.taps.iter().for_each(Tap::clear),
            "agent starts" => self.cluster.start_agents()?,
            "agent killed" | "agent process killed" | "agent process killed with SIGKILL" => {
                self.cluster.daemon("agent")?.end();
            }
            "agent started again"
            | "agent process started again"
            | "agent process started again with the same work_dir" => {
                self.cluster.daemon("agent")?.start()?;
            }
            "agent process: running" => {
                ensure!(self.cluster.daemon("agent")?.is_running(), "the agent has ended");
            }
            "master process killed" => self.cluster.master.end(),
            "master process started again" => self.cluster.master.start()?,
            "master process killed and started again" => {
                self.cluster.master.end();
                self.cluster.master.start()?;
            }
            "SIGSTOP to the agent" => self.cluster.daemon("agent")?.signal(Signal::SIGSTOP)?,
            "SIGUSR1 to the agent" => self.cluster.daemon("agent")?.signal(Signal::SIGUSR1)?,
            "SIGCONT to the agent" => self.cluster.daemon("agent")?.signal(Signal::SIGCONT)?,
            "client closes the event stream" | "the executor closes its stream" => {
                self.streams.last_mut().context("no stream is open")?.close();
            }
            "SIGKILL to executor_pid" => self.signal_executor()?,
            "SIGTERM to sleep 1000" => self.signal_task("sleep 1000", Signal::SIGTERM)?,
            other => bail!("no action is called '{other}'"),
        }
        Ok(())
    }

    fn signal_executor(&mut self) -> Result<()> {
        let statuses = self.streams.iter().flat_map(Stream::present);
        let pid = statuses
            .filter_map(|r| r["update"]["status"]["container_status"]["executor_pid"].as_i64())
            .reduce(|_, latest| latest)
            .context("no status names an executor_pid")?;
        Ok(kill(nix::unistd::Pid::from_raw(pid as i32), Signal::SIGKILL)?)
    }

    fn signal_task(&mut self, command: &str, signal: Signal) -> Result<()> {
        let found = self.cluster.task_processes();
        let (pid, _) = found.iter().find(|(_, line)| line == command).context("no such process")?;
        Ok(kill(*pid, signal)?)
    }

    /// Waits until every recorded message has crossed the wire; returns all that did.
    fn await_messages(&mut self) -> Result<Vec<wire::Decoded>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let noted: Vec<_> = self.cluster.taps.iter().flat_map(Tap::noted).collect();
            let present = wire::present(&noted)?;
            let awaited = wire::awaited(&self.wire, &present);
            if awaited.is_empty() || Instant::now() > deadline {
                wire::learn(&mut self.names, &self.wire, &present);
                return Ok(present);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn finish(&mut self) -> Result<()> {
        // What executors are told at the very end follows from an unrecorded TEARDOWN.
        self.catch_up(f64::INFINITY, Some("SHUTDOWN"))?;
        if self.streams.iter().any(|s| !s.awaited(f64::INFINITY).is_empty()) {
            self.tear_down_finished_frameworks(self.case.exchanges().len(), f64::INFINITY)?;
            self.catch_up(f64::INFINITY, None)?;
        }
        let case = self.case;
        // Where Apache Mesos aborts, its streams end with it; ours go on.
        let awaits_end = |exchange: usize| {
            !case.crashes_apache_mesos() && case.exchanges()[exchange].is_closed_by_server()
        };
        let deadline = Instant::now() + PATIENCE;
        while self.streams.iter().any(|s| awaits_end(s.exchange) && s.end().is_none()) {
            ensure!(Instant::now() < deadline, "a stream is not closed, as recorded");
            thread::sleep(Duration::from_millis(5));
        }
        let messages = self.await_messages()?;
        thread::sleep(AFTERMATH);
        for stream in &self.streams {
            stream.learn(&mut self.names);
        }
        self.found.extend(wire::compare(&self.names, &self.wire, &messages));
        for stream in &self.streams {
            let lines = stream.differences(&self.names);
            self.found
                .extend(lines.into_iter().map(|l| format!("stream {}: {l}", stream.exchange)));
            if let (false, false, Some(end)) =
                (awaits_end(stream.exchange), stream.closed_here, stream.end())
            {
                self.found
                    .push(format!("stream {}: ended, unlike recorded: {end:?}", stream.exchange));
            }
        }
        Ok(())
    }
}

fn tear_down(master: SocketAddr, framework_id: &str) -> Result<()> {
    let call = serde_json::json!({
        "type": "TEARDOWN", "teardown": {"framework_id": {"value": framework_id}},
    });
    post(master, "/api/v1", &[], &call)
}

/// A call that was not recorded.
fn post(address: SocketAddr, path: &str, headers: &[(&str, &str)], call: &Value) -> Result<()> {
    let body = call.to_string();
    let mut head =
        format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let mut connection = Connection::open(address)?;
    connection.write(head.as_bytes())?;
    let answer = connection.read_head()?;
    ensure!(
        matches!(answer.status, 200 | 202),
        "{} is answered with {}",
        call["type"],
        answer.status
    );
    Ok(())
}

fn describe(exchange: Exchange<'_>) -> String {
    if exchange.note().is_empty() { String::new() } else { format!(" ({})", exchange.note()) }
}

/// Texts with ids or ports in them may have another length here.
fn wanted_length_varies(recorded: &Value, names: &Names) -> bool {
    recorded["body"].as_str().is_some_and(|text| names.translate(text).len() != text.len())
}

fn header_lines(raw: &str) -> Vec<String> {
    raw.split("\r\n").map(str::to_owned).collect()
}

fn record_kind(exchange: Exchange<'_>, head: &Head) -> Records {
    if head.header("Content-Type") != Some("application/x-protobuf") {
        return Records::Json;
    }
    let path = exchange.request()["path"].as_str().unwrap_or_default();
    if path.contains("executor") { Records::ExecutorEvents } else { Records::SchedulerEvents }
}

/// An answer in protobuf, as JSON.
fn decode_answer(kind: &Value, bytes: &[u8]) -> Result<Value> {
    let json = match kind.as_str() {
        Some("mesos.v1.master.Response") => {
            mesos_proto::json::to_json(&v1::master::Response::decode(bytes)?)
        }
        Some("mesos.v1.agent.Response") => {
            mesos_proto::json::to_json(&v1::agent::Response::decode(bytes)?)
        }
        Some(_) | None => return Ok(Value::String(STANDARD.encode(bytes))),
    };
    Ok(serde_json::from_str(&json)?)
}

fn encode_call(kind: &str, json: &[u8]) -> Result<Vec<u8>> {
    let failed = |e: mesos_proto::json::JsonError| anyhow::anyhow!("{e}");
    Ok(match kind {
        "mesos.v1.scheduler.Call" => mesos_proto::json::from_json::<v1::scheduler::Call>(json)
            .map_err(failed)?
            .encode_to_vec(),
        "mesos.v1.master.Call" => {
            mesos_proto::json::from_json::<v1::master::Call>(json).map_err(failed)?.encode_to_vec()
        }
        "mesos.v1.agent.Call" => {
            mesos_proto::json::from_json::<v1::agent::Call>(json).map_err(failed)?.encode_to_vec()
        }
        "mesos.v1.executor.Call" => mesos_proto::json::from_json::<v1::executor::Call>(json)
            .map_err(failed)?
            .encode_to_vec(),
        other => bail!("no call is called '{other}'"),
    })
}
