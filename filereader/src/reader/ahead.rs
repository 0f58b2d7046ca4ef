//! A thread that reads ahead of its reader, into blocks of the same pool.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::panic::Location;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::Instant;

use buffers::SharedBuf;
use rustix::event::{PollFd, PollFlags};

use super::rest::headroom;
use crate::pool::{Block, Exhausted, FilledEnd, Pool};

/// What a thread has read ahead. Dropping it ends the thread, and waits for that.
pub(super) struct Ahead {
    most: usize,
    shared: Arc<Shared>,
    /// Tells a thread that waits for a slow source that it is to end, by being closed.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

/// What one read gave.
#[derive(Debug)]
pub(super) enum Fetched {
    Bytes(SharedBuf),
    End,
    /// The thread was ended, and what it had fetched was taken.
    Over,
    Trouble(io::Error),
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// In the order in which it was read.
    fetched: VecDeque<Fetched>,
    life: Life,
    /// The reader waits for something to be fetched.
    is_wanted: bool,
    /// Who is to be woken when something is fetched, if the reader is a task.
    waker: Option<Waker>,
}

/// How it stands with the thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Reads,
    /// It has met trouble, and waits until the reader has heard of it and asks for more.
    Rests,
    /// It was told to end.
    Ends,
    /// It ended by itself: at the end of the source, or because that panicked.
    Gone,
}

impl Ahead {
    /// Begins to read up to `most` blocks ahead.
    pub(super) fn start(
        source: impl Read + AsFd + Send + 'static,
        pool: Pool,
        most: usize,
        caller: &'static Location<'static>,
    ) -> io::Result<Self> {
        let mut state = State::default();
        state.fetched.try_reserve_exact(most)?;
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let (stopped, stop) = io::pipe()?;
        let helper = Helper { shared: Arc::clone(&shared), pool, most, caller, stopped };
        let thread = thread::Builder::new().name("reads ahead".into());
        let thread = thread.spawn(move || helper.run(source))?;
        Ok(Self { most, shared, stop: Some(stop), thread: Some(thread) })
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// What comes next; waits for it.
    pub(super) fn take(&self) -> Fetched {
        let mut state = self.shared.lock();
        loop {
            if let Some(fetched) = self.shared.pop(&mut state) {
                return fetched;
            }
            state = self.shared.wait(state);
        }
    }

    /// What comes next; `context` is woken when it is there.
    pub(super) fn poll_take(&self, context: &Context<'_>) -> Poll<Fetched> {
        let mut state = self.shared.lock();
        if let Some(fetched) = self.shared.pop(&mut state) {
            return Poll::Ready(fetched);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// The bytes that were fetched and not taken, after the thread has ended.
    pub(super) fn end(&mut self) -> u64 {
        self.shared.lock().life = Life::Ends;
        self.shared.changed.notify_all();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // If it panicked, it has said so already.
            let _ = thread.join();
        }
        let bytes = |fetched: &Fetched| match fetched {
            Fetched::Bytes(bytes) => bytes.len() as u64,
            Fetched::End | Fetched::Over | Fetched::Trouble(_) => 0,
        };
        self.shared.lock().fetched.iter().map(bytes).sum()
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// Nothing that runs under the lock can leave the state half changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is there; if nothing is, the thread hears that it is wanted.
    fn pop(&self, state: &mut State) -> Option<Fetched> {
        let fetched = match state.fetched.pop_front() {
            Some(Fetched::End) => {
                // The end stays the end.
                state.fetched.push_front(Fetched::End);
                Some(Fetched::End)
            }
            Some(fetched) => Some(fetched),
            None if state.life == Life::Ends => Some(Fetched::Over),
            None if state.life == Life::Gone => Some(Fetched::Trouble(io::Error::other(
                "the thread that reads ahead has panicked in the source",
            ))),
            None => None,
        };
        state.is_wanted = fetched.is_none();
        if state.is_wanted && state.life == Life::Rests {
            state.life = Life::Reads;
        }
        self.changed.notify_all();
        fetched
    }

    fn push(&self, fetched: Fetched) {
        let mut state = self.lock();
        if state.life == Life::Reads && matches!(fetched, Fetched::Trouble(_)) {
            state.life = Life::Rests;
        }
        state.fetched.push_back(fetched);
        self.tell(state);
    }

    fn tell(&self, mut state: MutexGuard<'_, State>) {
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The thread's side.
struct Helper {
    shared: Arc<Shared>,
    pool: Pool,
    most: usize,
    caller: &'static Location<'static>,
    /// Readable, by having ended, when the thread is to end.
    stopped: PipeReader,
}

impl Helper {
    fn run(&self, mut source: impl Read + AsFd) {
        let is_file = rustix::fs::fstat(&source)
            .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file());
        while self.has_room() {
            let Some(block) = self.block() else { return };
            let fetched = match block {
                // Nobody can say how long another source takes.
                Ok(_) if !is_file && !self.is_ready(&source) => return,
                Ok(block) => fetch(block, &mut source),
                Err(exhausted) => Fetched::Trouble(exhausted.into()),
            };
            let is_end = matches!(fetched, Fetched::End);
            self.shared.push(fetched);
            if is_end {
                return;
            }
        }
    }

    /// Waits until there is room for a further block; `false` if it is time to end.
    fn has_room(&self) -> bool {
        let mut state = self.shared.lock();
        while state.life == Life::Rests
            || (state.life == Life::Reads && state.fetched.len() >= self.most)
        {
            state = self.shared.wait(state);
        }
        state.life == Life::Reads
    }

    /// A block of the pool; an error only if the reader waits for it and there is nothing
    /// else that it could have. `None` if it is time to end.
    fn block(&self) -> Option<Result<Block, Exhausted>> {
        let mut acquire = pin!(self.pool.acquire_from(self.caller));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        let start = Instant::now();
        let patience = self.pool.patience();
        loop {
            if let Poll::Ready(block) = acquire.as_mut().poll(&mut context) {
                return Some(Ok(block));
            }
            let (life, is_wanted) = {
                let state = self.shared.lock();
                (state.life, state.is_wanted)
            };
            let left = patience.saturating_sub(start.elapsed());
            if life == Life::Ends {
                return None;
            } else if left.is_zero() && is_wanted {
                return Some(Err(self.pool.exhausted(patience, start.elapsed())));
            }
            // Who has run out of patience looks after the reader now and then.
            thread::park_timeout(if left.is_zero() { RETRY } else { left });
        }
    }

    /// Waits until the source has something; `false` if it is time to end.
    fn is_ready(&self, source: &impl AsFd) -> bool {
        let mut both =
            [PollFd::new(source, PollFlags::IN), PollFd::new(&self.stopped, PollFlags::IN)];
        loop {
            match rustix::event::poll(&mut both, None) {
                Err(rustix::io::Errno::INTR) => {}
                _ => return both[1].revents().is_empty(),
            }
        }
    }
}

const RETRY: std::time::Duration = std::time::Duration::from_millis(20);

/// One read, behind room for the tail of the block before.
fn fetch(mut block: Block, source: &mut impl Read) -> Fetched {
    let head = headroom(block.capacity());
    block.advance(head);
    let answer = block.read_into(source);
    match answer {
        Ok(filled) => match filled.end {
            FilledEnd::Eof => Fetched::End,
            FilledEnd::WouldBlock => Fetched::Trouble(io::ErrorKind::WouldBlock.into()),
            FilledEnd::Full | FilledEnd::Partial => {
                let mut bytes = block.freeze();
                bytes.advance(head);
                Fetched::Bytes(bytes)
            }
        },
        Err(error) => Fetched::Trouble(error.into()),
    }
}

/// Also when a source panics the reader must not wait for ever.
impl Drop for Helper {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if state.life != Life::Ends {
            state.life = Life::Gone;
        }
        self.shared.tell(state);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
