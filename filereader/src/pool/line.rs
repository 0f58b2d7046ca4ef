//! Those who wait for a block, in the order in which they came.

use std::collections::VecDeque;
use std::task::Waker;
use std::thread::Thread;

use super::borrower::Borrower;
use super::sync::{AtomicUsize, Lock, Ordering};

/// As many may wait before the line allocates.
const ROOM: usize = 32;

/// A line of borrowers. Each is handed its block and woken exactly once.
pub(super) struct Line<T> {
    /// The length of `Queue::order`, to be read without the lock.
    standing: AtomicUsize,
    queue: Lock<Queue<T>>,
}

struct Queue<T> {
    /// Tickets that have got nothing yet.
    order: VecDeque<usize>,
    tickets: Vec<Option<Ticket<T>>>,
    waited: u64,
}

struct Ticket<T> {
    borrower: Borrower,
    state: State<T>,
}

enum State<T> {
    Waits(Wake),
    Got(T),
}

/// How who waits is woken.
pub(super) enum Wake {
    Thread(Thread),
    Task(Waker),
}

impl Wake {
    pub(super) fn wake(self) {
        match self {
            Self::Thread(thread) => thread.unpark(),
            Self::Task(waker) => waker.wake(),
        }
    }
}

impl<T> Line<T> {
    pub(super) fn new() -> Self {
        let queue = Queue {
            order: VecDeque::with_capacity(ROOM),
            tickets: Vec::with_capacity(ROOM),
            waited: 0,
        };
        Self { standing: AtomicUsize::new(0), queue: Lock::new(queue) }
    }

    /// Whether somebody waits. Relaxed, because whoever has to see it has taken the
    /// lock of a shelf after the one who waits did.
    #[inline]
    pub(super) fn is_standing(&self) -> bool {
        self.standing.load(Ordering::Relaxed) > 0
    }

    /// Stands in line at its end; returns the ticket's number.
    pub(super) fn join(&self, borrower: Borrower, wake: Wake) -> usize {
        let mut queue = self.queue.lock();
        let ticket = Ticket { borrower, state: State::Waits(wake) };
        let given_up = queue.tickets.iter().position(Option::is_none);
        let number = given_up.unwrap_or(queue.tickets.len());
        if number == queue.tickets.len() {
            queue.tickets.push(None);
        }
        queue.tickets[number] = Some(ticket);
        queue.order.push_back(number);
        queue.waited += 1;
        self.standing.store(queue.order.len(), Ordering::Relaxed);
        number
    }

    /// What the ticket has got, if anything; the ticket is given up then. Else it is
    /// `wake` that is woken, if there is one.
    pub(super) fn collect(&self, number: usize, wake: Option<&Waker>) -> Option<T> {
        let mut queue = self.queue.lock();
        match queue.tickets[number].as_mut().map(|ticket| &mut ticket.state) {
            Some(State::Waits(waits)) => {
                if let Some(waker) = wake {
                    *waits = Wake::Task(waker.clone());
                }
                None
            }
            _ => queue.take_got(number),
        }
    }

    /// Leaves the line; gives what was got in the last moment.
    pub(super) fn leave(&self, number: usize) -> Option<T> {
        let mut queue = self.queue.lock();
        queue.order.retain(|&standing| standing != number);
        self.standing.store(queue.order.len(), Ordering::Relaxed);
        queue.take_got(number)
    }

    /// Gives the first in line what `take` gives for it, and tells who is to be
    /// woken for it.
    pub(super) fn serve_first(&self, take: impl FnOnce(Borrower) -> Option<T>) -> Option<Wake> {
        let mut queue = self.queue.lock();
        let &number = queue.order.front()?;
        let ticket = queue.tickets[number].as_mut()?;
        let got = take(ticket.borrower)?;
        let State::Waits(wake) = std::mem::replace(&mut ticket.state, State::Got(got)) else {
            unreachable!("who stands in line has got nothing yet");
        };
        queue.order.pop_front();
        self.standing.store(queue.order.len(), Ordering::Relaxed);
        Some(wake)
    }

    /// How many wait, and how many ever did.
    pub(super) fn counts(&self) -> (usize, u64) {
        let queue = self.queue.lock();
        (queue.order.len(), queue.waited)
    }
}

impl<T> Queue<T> {
    fn take_got(&mut self, number: usize) -> Option<T> {
        match self.tickets[number].take()?.state {
            State::Got(got) => Some(got),
            State::Waits(_) => None,
        }
    }
}
