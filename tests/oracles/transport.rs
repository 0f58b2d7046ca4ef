//! A transport that does what a script says, and keeps what it took.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::Duration;

use netsend::{SendReport, Transport};
use proptest::prelude::*;

/// What a transport answers to one call.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// It takes that many bytes, at least 1 and at most what is offered.
    Take(usize),
    /// It takes nothing now.
    WouldBlock,
    /// A signal came first.
    Interrupted,
    /// It fails.
    Fail(io::ErrorKind),
    /// It takes nothing, and claims one byte more than it was offered.
    Overclaim,
}

/// Any answer that does not end a send, taking up to `most` bytes.
pub fn healthy(most: usize) -> impl Strategy<Value = Answer> {
    prop_oneof![
        6 => (1..=most).prop_map(Answer::Take),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Interrupted),
    ]
}

/// Any answer, taking up to `most` bytes.
pub fn answer(most: usize) -> impl Strategy<Value = Answer> {
    prop_oneof![
        8 => healthy(most),
        1 => Just(Answer::Fail(io::ErrorKind::ConnectionReset)),
        1 => Just(Answer::Overclaim),
    ]
}

/// Takes bytes as its script says. After the script's end it takes all that it
/// is offered, or goes on as `always` says.
#[derive(Default)]
pub struct Scripted {
    /// The answers to come.
    pub script: VecDeque<Answer>,
    /// The answer to each call after the script's end.
    pub always: Option<Answer>,
    /// The number of `send_file` calls that are served before they are refused.
    pub files_served: usize,
    /// All bytes taken.
    pub taken: Vec<u8>,
    /// How long each wait could have been.
    pub waits: Vec<Option<Duration>>,
    /// Where the first slice of each call lay.
    pub bases: Vec<*const u8>,
    /// Whether the last call said that more follows.
    pub more: bool,
    /// What the calls so far add up to, as a driver should report them.
    pub tally: SendReport,
    /// Whether waits take the time that they may.
    pub sleeps: bool,
}

impl Scripted {
    /// A transport that follows `script`, and serves files for ever.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        Self { script: script.into_iter().collect(), files_served: usize::MAX, ..Self::default() }
    }

    /// The same, refusing files from the call number `served` on.
    #[must_use]
    pub fn refusing_files(mut self, served: usize) -> Self {
        self.files_served = served;
        self
    }

    /// Books one call that offers `offered` bytes, and tells how many to take.
    fn answer(&mut self, offered: usize) -> io::Result<usize> {
        self.tally.calls += 1;
        // A driver that ignores its clocks is to fail, not to hang.
        assert!(self.tally.calls < 50_000_000, "the driver does not stop");
        match self.script.pop_front().or(self.always) {
            None => Ok(offered),
            Some(Answer::Take(n)) => Ok(n.clamp(1, offered)),
            Some(Answer::Fail(kind)) => Err(kind.into()),
            Some(Answer::Overclaim) => Ok(offered + 1),
            Some(Answer::WouldBlock) => {
                self.tally.would_blocks += 1;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Some(Answer::Interrupted) => {
                self.tally.interrupts += 1;
                Err(io::ErrorKind::Interrupted.into())
            }
        }
    }

    fn book(&mut self, taken: usize, offered: usize) {
        self.tally.accepted += taken as u64;
        self.tally.partials += u64::from(taken < offered);
    }
}

impl Transport for Scripted {
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        let offered = slices.iter().map(|slice| slice.len()).sum();
        self.more = more;
        self.bases.push(slices[0].as_ptr());
        let n = self.answer(offered)?;
        if n <= offered {
            let bytes = slices.iter().flat_map(|slice| slice.iter()).take(n);
            self.taken.extend(bytes);
            self.book(n, offered);
        }
        Ok(n)
    }

    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        if self.files_served == 0 {
            self.tally.calls += 1;
            self.tally.fallbacks += 1;
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.files_served -= 1;
        let offered = usize::try_from(len).expect("test files are small");
        let n = self.answer(offered)?;
        if n > offered {
            return Ok(n);
        }
        let mut bytes = vec![0; n];
        let n = file.read_at(&mut bytes, offset)?;
        self.taken.extend(&bytes[..n]);
        if n > 0 {
            self.book(n, offered);
            self.tally.by_sendfile += n as u64;
        }
        Ok(n)
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.waits.push(limit);
        if self.sleeps {
            thread::sleep(limit.expect("a sleeping test has a limit"));
        }
        Ok(())
    }
}
