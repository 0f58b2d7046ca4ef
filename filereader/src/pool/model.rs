//! The shelves and their line, with all orders in which threads may meet.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p uncopied-filereader --lib model`
//!
//! A wake that is lost shows as a deadlock, which the checker reports; a thing that is
//! lost or doubled shows in the counts at the end.

use std::future::poll_fn;
use std::panic::Location;
use std::task::{Context, Poll, Wake, Waker};

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use super::borrower::Borrower;
use super::shelves::{Shelves, Taken};

type Things = Shelves<&'static str>;

fn borrower(thread: usize) -> Borrower {
    Borrower {
        location: Location::caller(),
        thread,
        since: None,
        #[cfg(feature = "sites")]
        memory: None,
    }
}

/// Takes a thing, waiting for it if need be, as `Pool::acquire_async` does.
fn acquire(shelves: &Things, thread: usize) -> Taken<&'static str> {
    let mut ticket = None;
    block_on(poll_fn(|context| {
        match shelves.poll(&mut ticket, borrower(thread), context.waker()) {
            Some(taken) => Poll::Ready(taken),
            None => Poll::Pending,
        }
    }))
}

fn give_back(shelves: &Things, taken: Taken<&'static str>) {
    assert!(shelves.put(taken.index, taken.thing).is_none(), "nobody closed the shelves");
}

fn model(threads: usize, check: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    // Three threads in every order would take hours; nearly all mistakes of this kind
    // need no more than two changes of thread that nothing forces.
    model.preemption_bound = Some(if threads > 2 { 2 } else { 3 });
    model.check(check);
}

/// Two threads take and give back what there is; nothing is lost or doubled.
fn two_threads_share(things: &'static [&'static str]) {
    model(2, move || {
        let shelves = Arc::new(Things::new(things.iter().copied()));
        let other = thread::spawn({
            let shelves = Arc::clone(&shelves);
            move || give_back(&shelves, acquire(&shelves, 1))
        });
        give_back(&shelves, acquire(&shelves, 0));
        other.join().unwrap();
        let counts = shelves.counts();
        assert_eq!((counts.here, counts.taken, counts.waiting), (things.len(), 2, 0));
    });
}

#[test]
fn one_thing_goes_from_hand_to_hand() {
    two_threads_share(&["a"]);
}

#[test]
fn of_two_things_both_are_there_at_the_end() {
    two_threads_share(&["a", "b"]);
}

#[test]
fn three_threads_wait_for_one_thing_and_all_get_it() {
    model(3, || {
        let shelves = Arc::new(Things::new(["a"]));
        let others = [1, 2].map(|n| {
            let shelves = Arc::clone(&shelves);
            thread::spawn(move || give_back(&shelves, acquire(&shelves, n)))
        });
        give_back(&shelves, acquire(&shelves, 0));
        for other in others {
            other.join().unwrap();
        }
        assert_eq!((shelves.counts().here, shelves.counts().taken), (1, 3));
    });
}

#[test]
fn who_starves_gets_what_lies_on_another_threads_shelf() {
    model(2, || {
        let shelves = Arc::new(Things::new(["a", "b"]));
        let mine = shelves.take(borrower(0)).expect("nobody else is here yet");
        let other = thread::spawn({
            let shelves = Arc::clone(&shelves);
            // The one thing that is left, wherever this thread begins to look.
            move || give_back(&shelves, acquire(&shelves, 1))
        });
        let second = acquire(&shelves, 0);
        give_back(&shelves, mine);
        give_back(&shelves, second);
        other.join().unwrap();
        assert_eq!(shelves.counts().here, 2);
    });
}

#[test]
fn who_leaves_the_line_loses_nothing_for_the_others() {
    struct Ignore;
    impl Wake for Ignore {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    model(3, || {
        let shelves = Arc::new(Things::new(["a"]));
        let held = shelves.take(borrower(0)).expect("nobody else is here yet");
        let leaves = thread::spawn({
            let shelves = Arc::clone(&shelves);
            move || {
                let waker = Waker::from(std::sync::Arc::new(Ignore));
                let (mut ticket, context) = (None, Context::from_waker(&waker));
                match shelves.poll(&mut ticket, borrower(1), context.waker()) {
                    Some(taken) => give_back(&shelves, taken),
                    None => {
                        let number = ticket.expect("it stands in line");
                        if let Some(taken) = shelves.line().leave(number) {
                            give_back(&shelves, taken);
                        }
                    }
                }
            }
        });
        let waits = thread::spawn({
            let shelves = Arc::clone(&shelves);
            move || give_back(&shelves, acquire(&shelves, 2))
        });
        give_back(&shelves, held);
        leaves.join().unwrap();
        waits.join().unwrap();
        assert_eq!((shelves.counts().here, shelves.counts().waiting), (1, 0));
    });
}

#[test]
fn what_returns_while_the_shelves_are_closed_is_given_to_somebody() {
    model(2, || {
        let shelves = Arc::new(Things::new(["a"]));
        let taken = shelves.take(borrower(0)).expect("nobody else is here yet");
        let other = thread::spawn({
            let shelves = Arc::clone(&shelves);
            move || shelves.put(taken.index, taken.thing)
        });
        let closed = shelves.close();
        let given_back = other.join().unwrap();
        assert_eq!(closed.len() + usize::from(given_back.is_some()), 1);
    });
}
