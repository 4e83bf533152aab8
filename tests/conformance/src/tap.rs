// SPDX-License-Identifier: Apache-2.0

//! Listens in on the wire between two daemons.
//!
//! A tap is a TCP relay that one daemon advertises in place of its own port. It
//! notes every message POSTed through it, head and body, and passes all bytes on.

use crate::http1::Connection;
use anyhow::{Context, Result};
use std::{
    io::{self, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A message as it was sent.
#[derive(Clone, Debug)]
pub struct Tapped {
    /// Request line and headers, up to and with the empty line.
    pub head: String,
    /// The body, its chunks joined.
    pub body: Vec<u8>,
}

impl Tapped {
    /// The message's name, such as `mesos.internal.PingSlaveMessage`; `None` for other requests.
    pub fn message(&self) -> Option<&str> {
        let path = self.head.strip_prefix("POST ")?.split(' ').next()?;
        let name = path.rsplit('/').next()?;
        name.starts_with("mesos.internal.").then_some(name)
    }
}

/// A relay to one daemon.
pub struct Tap {
    /// Where the relay listens.
    pub address: SocketAddr,
    noted: Arc<Mutex<Vec<Tapped>>>,
}

impl Tap {
    /// Starts a relay to `target`, which need not listen yet.
    pub fn open(target: SocketAddr) -> Result<Tap> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let noted = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&noted);
        // The thread lives as long as the test program; it holds no data of a case but the sink.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let sink = Arc::clone(&sink);
                thread::spawn(move || relay(client, target, &sink));
            }
        });
        Ok(Tap { address, noted })
    }

    /// Forgets what was noted so far.
    pub fn clear(&self) {
        self.noted.lock().expect("no thread panics with the lock").clear();
    }

    /// What was noted so far, in order of completion.
    pub fn noted(&self) -> Vec<Tapped> {
        self.noted.lock().expect("no thread panics with the lock").clone()
    }
}

fn relay(client: TcpStream, target: SocketAddr, sink: &Mutex<Vec<Tapped>>) {
    let Ok(server) = TcpStream::connect(target) else {
        let _ = client.shutdown(Shutdown::Both);
        return;
    };
    let (Ok(back_from), Ok(back_to)) = (server.try_clone(), client.try_clone()) else { return };
    thread::spawn(move || copy_and_close(back_from, back_to));
    let _ = pass_requests(client, server, sink);
}

/// Copies answers byte for byte and closes both sides when one ends.
fn copy_and_close(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

fn pass_requests(
    client: TcpStream,
    mut server: TcpStream,
    sink: &Mutex<Vec<Tapped>>,
) -> Result<()> {
    let mut connection = Connection::over(client);
    loop {
        let request = connection.read_request();
        let Ok((head, raw_body, body)) = request else {
            let _ = server.shutdown(Shutdown::Both);
            return request.map(|_| ()).context("the client ended");
        };
        let tapped = Tapped { head: head.clone(), body };
        // Noted before it is passed on, so that a note is there when its effect is.
        if tapped.message().is_some() {
            sink.lock().expect("no thread panics with the lock").push(tapped);
        }
        server.write_all(head.as_bytes())?;
        server.write_all(&raw_body)?;
    }
}
