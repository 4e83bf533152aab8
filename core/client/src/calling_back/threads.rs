// SPDX-License-Identifier: Apache-2.0

//! Starting the two threads of a driver.

use std::{
    sync::{Arc, mpsc as handover},
    thread,
};

use nix::sys::signal::{SigSet, Signal};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
};

use super::{
    callbacks::{Told, caught},
    session::{Begun, Command, Session},
};

/// How many callbacks wait for the framework; beyond it, the network is not read.
pub(crate) const CALLBACKS_WAITING_MAX: usize = 1024;

/// What the machine's thread holds of its driver. Its drop tells the session of the end, also
/// when a panic causes it.
pub(crate) struct Machine<C, M, H> {
    pub(crate) session: Arc<Session<M, H>>,
    pub(crate) commands: mpsc::UnboundedReceiver<Command<M, H>>,
    /// Dropped when the driver is aborted or stopped: then no callback comes any more.
    pub(crate) teller: Option<mpsc::Sender<Told<C, H>>>,
}

impl<C, M, H> Drop for Machine<C, M, H> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.session.machine_failed("the driver has a defect; see what it printed");
        }
        self.teller = None;
        self.session.machine_ended();
    }
}

/// Starts both threads. `user`, the framework's or executor's object, goes to the
/// one for callbacks, unless the threads cannot be started: then it stays.
pub(crate) fn begin<U, C, M, H>(
    session: &Arc<Session<M, H>>,
    commands: mpsc::UnboundedReceiver<Command<M, H>>,
    user: &mut Option<U>,
    machine: impl FnOnce(Runtime, Machine<C, M, H>) + Send + 'static,
    callbacks: impl FnOnce(U, mpsc::Receiver<Told<C, H>>) + Send + 'static,
) -> Result<Begun, String>
where
    U: Send + 'static,
    C: Send + 'static,
    M: Send + 'static,
    H: Send + 'static,
{
    let failed = |error: std::io::Error| format!("cannot start a thread of the driver: {error}");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the driver's event loop: {error}"))?;
    let (teller, told) = mpsc::channel(CALLBACKS_WAITING_MAX);
    let (hand_over, taken) = handover::channel::<U>();
    let ending = Arc::clone(session);
    let callbacks = thread::Builder::new()
        .name("mesos-callbacks".to_owned())
        .spawn(move || {
            if let Ok(user) = taken.recv() {
                // Its drop is the framework's code too.
                let what = "the object that is called back panicked when it was dropped";
                if let Err(failure) = caught(move || callbacks(user, told), what) {
                    ending.callback_failed(failure.0);
                }
                ending.callbacks_ended();
            }
        })
        .map_err(failed)?;
    let session = Arc::clone(session);
    let machine = thread::Builder::new()
        .name("mesos-driver".to_owned())
        .spawn(move || {
            leave_signals_to_the_program();
            machine(runtime, Machine { session, commands, teller: Some(teller) });
        })
        .map_err(failed)?;
    if let Some(user) = user.take() {
        // The thread waits for it.
        let _ = hand_over.send(user);
    }
    Ok(Begun { machine, callbacks })
}

/// Waits for room for one more callback; `false` when nobody hears it.
pub(crate) async fn has_room<T>(teller: Option<&mpsc::Sender<T>>) -> bool {
    match teller {
        Some(teller) => teller.reserve().await.is_ok(),
        None => false,
    }
}

/// The handlers of the program run on its own threads; and a connection that breaks while it is
/// written to is an error, not a SIGPIPE, whatever the program makes of that signal.
fn leave_signals_to_the_program() {
    let mut signals = SigSet::empty();
    for signal in [
        Signal::SIGPIPE,
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
        Signal::SIGCHLD,
        Signal::SIGALRM,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
    ] {
        signals.add(signal);
    }
    if let Err(error) = signals.thread_block() {
        tracing::warn!("cannot block signals on the driver's thread: {error}");
    }
}
