//! Who waits for a block waits in line: first come, first served, woken once, as a
//! thread and as a task, and told in the end what it waited for.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use filereader::{Acquire, Block, Pool, Stats};

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

fn pool_of(blocks: usize) -> Pool {
    Pool::builder().block_size(100).blocks(blocks).patience(SHORT).build().unwrap()
}

fn waiting(pool: &Pool) -> usize {
    pool.stats().iter().map(|stats| stats.waiting).sum()
}

fn until(what: impl Fn() -> bool) {
    while !what() {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn first_come_first_served() {
    const WAITERS: usize = 6;
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    let (send, order) = mpsc::channel();
    thread::scope(|scope| {
        for n in 0..WAITERS {
            let (send, pool) = (send.clone(), &pool);
            scope.spawn(move || {
                let block = pool.acquire_timeout(LONG).unwrap();
                send.send(n).unwrap();
                drop(block);
            });
            until(|| waiting(pool) == n + 1);
        }
        assert!(pool.try_acquire().is_err());
        drop(held);
    });
    drop(send);
    assert!(order.iter().eq(0..WAITERS));
    let [stats] = pool.stats()[..] else { panic!("one size") };
    let expected = Stats {
        block_size: 100,
        blocks: 1,
        idle: 1,
        waiting: 0,
        lent: 1 + WAITERS as u64,
        waited: WAITERS as u64,
    };
    assert_eq!(stats, expected);
}

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bell() -> (Arc<Bell>, Waker) {
    let bell = Arc::new(Bell::default());
    (Arc::clone(&bell), Waker::from(bell))
}

fn poll(future: std::pin::Pin<&mut Acquire>, waker: &Waker) -> Option<Block> {
    match future.poll(&mut Context::from_waker(waker)) {
        Poll::Ready(block) => Some(block),
        Poll::Pending => None,
    }
}

#[test]
fn tasks_are_served_in_their_order_and_woken_once() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    let mut futures = [(); 3].map(|()| Box::pin(pool.acquire_async()));
    let bells = [(); 3].map(|()| bell());
    for (future, (_, waker)) in futures.iter_mut().zip(&bells) {
        assert!(poll(future.as_mut(), waker).is_none());
    }
    let rung = || bells.each_ref().map(|(bell, _)| bell.0.load(Ordering::Relaxed));
    assert_eq!((rung(), waiting(&pool)), ([0, 0, 0], 3));
    drop(held);
    assert_eq!((rung(), waiting(&pool)), ([1, 0, 0], 2));
    assert!(poll(futures[1].as_mut(), &bells[1].1).is_none(), "it is not its turn");
    assert!(pool.try_acquire().is_err(), "it is promised, though nobody has it yet");
    let block = poll(futures[0].as_mut(), &bells[0].1).unwrap();
    drop(block);
    assert_eq!(rung(), [1, 1, 0]);
    drop(poll(futures[1].as_mut(), &bells[1].1).unwrap());
    drop(poll(futures[2].as_mut(), &bells[2].1).unwrap());
    assert_eq!((rung(), pool.idle()), ([1, 1, 1], 1));
}

#[test]
fn a_task_that_gives_up_passes_its_block_on() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    let (bell, waker) = bell();
    let mut first = Box::pin(pool.acquire_async());
    let mut gone = Box::pin(pool.acquire_async());
    let mut last = pin!(pool.acquire_async());
    for future in [first.as_mut(), gone.as_mut(), last.as_mut()] {
        assert!(poll(future, &waker).is_none());
    }
    drop(gone);
    assert_eq!(waiting(&pool), 2);
    drop(held);
    drop(first);
    assert_eq!(bell.0.load(Ordering::Relaxed), 2);
    assert!(poll(last.as_mut(), &waker).is_some());
    drop(Box::pin(pool.acquire_async()));
    assert_eq!(pool.idle(), 1);
}

#[test]
fn the_waker_that_polled_last_is_woken() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    let (old, new) = (bell(), bell());
    let mut future = pin!(pool.acquire_async());
    assert!(poll(future.as_mut(), &old.1).is_none());
    assert!(poll(future.as_mut(), &new.1).is_none());
    drop(held);
    let rung = |bell: &(Arc<Bell>, Waker)| bell.0.0.load(Ordering::Relaxed);
    assert_eq!((rung(&old), rung(&new)), (0, 1));
    assert!(format!("{:?}", future.as_ref()).ends_with("in line)"));
}

#[test]
fn threads_and_tasks_stand_in_one_line_without_a_runtime() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    let (_, waker) = bell();
    let mut task = pin!(pool.acquire_async());
    assert!(poll(task.as_mut(), &waker).is_none());
    thread::scope(|scope| {
        let thread = scope.spawn(|| pool.acquire_timeout(LONG).map(drop));
        until(|| waiting(&pool) == 2);
        drop(held);
        let block = poll(task.as_mut(), &waker).expect("the task came first");
        assert!(!thread.is_finished());
        drop(block);
        thread.join().unwrap().unwrap();
    });
}

#[test]
fn who_waited_in_vain_leaves_the_line() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    assert!(pool.acquire_timeout(SHORT).is_err());
    assert_eq!(waiting(&pool), 0);
    drop(held);
    assert!(pool.try_acquire().is_ok(), "nobody is left to be served first");
}

#[test]
fn a_thread_that_waits_for_itself_is_told_so() {
    let pool = pool_of(2);
    let held = [pool.acquire().unwrap(), pool.acquire().unwrap()];
    let error = pool.acquire().unwrap_err();
    assert!(error.waits_for_itself());
    let text = error.to_string();
    assert!(text.contains("; all by the thread that waits, so perhaps for itself; "), "{text}");
    let from_elsewhere = thread::scope(|scope| scope.spawn(|| pool.acquire()).join().unwrap());
    let error = from_elsewhere.unwrap_err();
    assert!(!error.waits_for_itself() && !error.to_string().contains("itself"));
    drop(held);
}

#[test]
fn a_pool_that_tracks_time_says_for_how_long() {
    let builder = Pool::builder().block_size(100).blocks(2).patience(Duration::ZERO);
    let pool = builder.clone().track_time(true).build().unwrap();
    let held = [(); 2].map(|()| {
        thread::sleep(SHORT);
        pool.acquire().unwrap()
    });
    thread::sleep(SHORT);
    let error = pool.acquire().unwrap_err();
    let [holder] = error.holders() else { panic!("one line: {error}") };
    assert!(holder.held.unwrap() >= 2 * SHORT, "that of the first: {holder:?}");
    assert!(error.to_string().contains(" (for "), "{error}");
    drop(held);
    let without = builder.build().unwrap();
    let _held = without.acquire().unwrap();
    assert_eq!(without.holders()[0].held, None);
}
