// SPDX-License-Identifier: Apache-2.0

//! How many threads serve: one while that is enough, all of them when it is not.
//!
//! The runtime wakes another thread whenever two of its tasks are ready. On a master
//! with little to do, that is nearly always for a few microseconds of work, and waking
//! costs more than the work. So all threads but one are kept: each is given a task that
//! does not return. They are let go as soon as the one that is left has no rest.
//!
//! | serving | what is seen | then |
//! |---|---|---|
//! | one | it has not rested for a whole `TICK` | all |
//! | all | together they were busy for less than half of the time of one, for `CALM` ticks | one |
//!
//! While nothing happens at all, it is looked less often.
//!
//! What is seen comes from the runtime's hooks around its rests; a thread of its own
//! looks at it and decides nothing else. A runtime of one thread is left alone.

use std::{
    cell::Cell,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Handle};

/// How often it is looked.
const TICK: Duration = Duration::from_millis(4);
/// How often while nothing happens at all.
const LONG_TICK: Duration = Duration::from_millis(20);
/// Over how many ticks all threads must have had little to do.
const CALM: u64 = 25;
/// After so many looks a thread that rests is made to look round, whatever happens: should
/// something have been left where nobody looks, it waits no longer than that.
const LOOK_ROUND: u64 = 50;

thread_local! {
    /// Whether this thread's work is being counted.
    static WORKS: Cell<bool> = const { Cell::new(false) };
}

/// The threads of one runtime.
#[derive(Clone, Debug)]
pub struct Threads(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started: Instant,
    activity: Mutex<Activity>,
    kept: Mutex<bool>,
    let_go: Condvar,
}

/// What the threads do, since they were started.
#[derive(Debug, Default)]
struct Activity {
    rests: u64,
    resting: usize,
    working: u32,
    /// Of the work that is done, how long it took.
    done: Duration,
    /// Of the work that is being done, when each began, together.
    begun: Duration,
}

impl Activity {
    fn busy(&self, now: Duration) -> Duration {
        self.done + (now * self.working).saturating_sub(self.begun)
    }
}

/// What is seen at a tick; the first and the last are counted from the beginning.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// How often threads went to rest.
    rests: u64,
    /// How many rest now.
    resting: usize,
    /// How long all of them have worked.
    busy: Duration,
}

/// Which threads serve, and what was seen last.
#[derive(Debug)]
enum Serving {
    One { rests: u64 },
    All { ticks: u64, busy: Duration },
}

impl Serving {
    /// Whether the one thread has rested all the time since it was looked last.
    fn is_idle(&self, seen: Seen) -> bool {
        match self {
            Serving::One { rests } => seen.rests == *rests && seen.resting > 0,
            Serving::All { .. } => false,
        }
    }

    /// Looks, and says whether something else serves from now on.
    fn tick(&mut self, seen: Seen) -> bool {
        match self {
            Serving::One { rests } => {
                if seen.rests == *rests && seen.resting == 0 {
                    *self = Serving::All { ticks: 0, busy: seen.busy };
                    return true;
                }
                *rests = seen.rests;
                false
            }
            Serving::All { ticks, busy } => {
                *ticks += 1;
                if *ticks < CALM {
                    return false;
                }
                let worked = seen.busy.saturating_sub(*busy);
                if worked * 2 < TICK * CALM as u32 {
                    *self = Serving::One { rests: seen.rests };
                    return true;
                }
                (*ticks, *busy) = (0, seen.busy);
                false
            }
        }
    }
}

impl Default for Threads {
    fn default() -> Self {
        Threads(Arc::new(Shared {
            started: Instant::now(),
            activity: Mutex::default(),
            kept: Mutex::default(),
            let_go: Condvar::new(),
        }))
    }
}

impl Threads {
    /// Has the runtime say when its threads rest.
    pub fn observe(&self, runtime: &mut Builder) {
        let (parked, unparked) = (self.0.clone(), self.0.clone());
        runtime.on_thread_park(move || parked.rests()).on_thread_unpark(move || unparked.works());
    }

    /// Begins to keep and to let go, until the process ends.
    ///
    /// # Errors
    /// When the thread for that cannot be started.
    pub fn govern(self, runtime: Handle) -> io::Result<()> {
        let others = runtime.metrics().num_workers() - 1;
        if others > 0 {
            thread::Builder::new().name("threads".into()).spawn(move || {
                let mut serving = Serving::All { ticks: 0, busy: Duration::ZERO };
                let mut pause = TICK;
                for look in 1_u64.. {
                    thread::sleep(pause);
                    if look.is_multiple_of(LOOK_ROUND) {
                        runtime.spawn(async {});
                    }
                    let seen = self.0.seen();
                    pause = if serving.is_idle(seen) { LONG_TICK } else { TICK };
                    if serving.tick(seen) {
                        match serving {
                            Serving::One { .. } => self.keep(&runtime, others),
                            Serving::All { .. } => self.let_go(),
                        }
                    }
                }
            })?;
        }
        Ok(())
    }

    /// Each task takes the thread that runs it out of service; one thread has none.
    fn keep(&self, runtime: &Handle, others: usize) {
        *lock(&self.0.kept) = true;
        for _ in 0..others {
            let shared = self.0.clone();
            runtime.spawn(async move { shared.keep_this() });
        }
    }

    fn let_go(&self) {
        *lock(&self.0.kept) = false;
        self.0.let_go.notify_all();
    }
}

impl Shared {
    fn rests(&self) {
        self.stops();
        let mut activity = lock(&self.activity);
        activity.resting += 1;
        activity.rests += 1;
    }

    fn works(&self) {
        lock(&self.activity).resting -= 1;
        self.begins();
    }

    /// This thread's work counts from now on. It did not when the runtime had just begun.
    fn begins(&self) {
        WORKS.set(true);
        let mut activity = lock(&self.activity);
        activity.working += 1;
        activity.begun += self.started.elapsed();
    }

    fn stops(&self) {
        if !WORKS.take() {
            return;
        }
        let mut activity = lock(&self.activity);
        // Of all that is being done, one part ends: whose does not matter for the sum.
        let now = self.started.elapsed();
        activity.done = activity.busy(now);
        activity.working -= 1;
        activity.begun = now * activity.working;
    }

    fn seen(&self) -> Seen {
        let activity = lock(&self.activity);
        let busy = activity.busy(self.started.elapsed());
        Seen { rests: activity.rests, resting: activity.resting, busy }
    }

    /// Blocks this thread, within a task, until it is let go, which is no work.
    fn keep_this(&self) {
        // What a task makes ready last is set aside for its own thread. Two more move that
        // to where others find it, and wake one of them to look.
        tokio::spawn(async {});
        tokio::spawn(async {});
        self.stops();
        drop(self.let_go.wait_while(lock(&self.kept), |kept| *kept));
        self.begins();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn seen(rests: u64, resting: usize, busy_millis: u64) -> Seen {
        Seen { rests, resting, busy: Duration::from_millis(busy_millis) }
    }

    #[test]
    fn one_serves_until_it_has_no_rest() {
        let mut serving = Serving::One { rests: 1 };
        assert!(!serving.is_idle(seen(5, 1, 0)));
        assert!(!serving.tick(seen(5, 0, 0)), "it rested since");
        assert!(serving.is_idle(seen(5, 1, 0)) && !serving.is_idle(seen(5, 0, 0)));
        assert!(!serving.tick(seen(5, 1, 0)), "it rests all the time");
        assert!(serving.tick(seen(5, 0, 0)));
        assert!(matches!(serving, Serving::All { .. }));
    }

    #[test]
    fn all_serve_until_they_have_little_to_do() {
        let mut serving = Serving::All { ticks: 0, busy: Duration::ZERO };
        // Half of a hundred milliseconds is not little.
        assert!((1..=CALM).all(|tick| !serving.tick(seen(tick, 0, tick * 2))));
        assert!((1..CALM).all(|tick| !serving.tick(seen(tick, 0, 50 + tick))));
        assert!(serving.tick(seen(CALM, 0, 99)));
        assert!(matches!(serving, Serving::One { .. }));
    }

    #[test]
    fn a_thread_that_does_not_rest_gets_company() {
        let threads = Threads::default();
        let mut builder = Builder::new_multi_thread();
        threads.observe(&mut builder);
        let runtime = builder.worker_threads(2).enable_all().build().expect("a runtime");
        threads.keep(runtime.handle(), 1);
        let company = Arc::new(AtomicBool::new(false));
        let comes = company.clone();
        let alone = runtime.spawn(async move {
            while !comes.load(Ordering::Relaxed) {
                thread::yield_now();
            }
        });
        runtime.spawn(async move { company.store(true, Ordering::Relaxed) });
        threads.let_go();
        runtime.block_on(alone).expect("it ends");
    }

    #[test]
    fn what_was_set_aside_for_a_kept_thread_is_done_by_another() {
        let threads = Threads::default();
        let runtime = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
        *threads.0.kept.lock().expect("not poisoned") = true;
        let (done, waits) = std::sync::mpsc::channel();
        let shared = threads.0.clone();
        let kept = runtime.spawn(async move {
            tokio::spawn(async move { done.send(()) });
            shared.keep_this();
        });
        let done = waits.recv_timeout(Duration::from_secs(10));
        threads.let_go();
        runtime.block_on(kept).expect("it ends");
        done.expect("another thread does it");
    }
}
