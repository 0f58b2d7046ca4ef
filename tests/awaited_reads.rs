//! Chunks and lines that are awaited are those of the reader without tasks; a future
//! that is dropped, wherever it waits, loses no byte.

use std::fs::File;
use std::future::Future;
use std::io::{self, Seek, Write};
use std::os::fd::OwnedFd;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use filereader::{AsyncReader, Exhausted, FileReader, Pool};
use futures_util::StreamExt;
use oracles::content::{file_of, pattern};

const BLOCK: usize = 32 << 10;

fn pool_of(blocks: usize) -> Pool {
    let patience = Duration::from_secs(30);
    Pool::builder().block_size(BLOCK).blocks(blocks).patience(patience).build().unwrap()
}

fn reader(bytes: &[u8], pool: &Pool) -> AsyncReader {
    let mut file = file_of(bytes).try_clone().unwrap();
    file.rewind().unwrap();
    FileReader::new(file).pool(pool).prefetch(2).unwrap().into_async().unwrap()
}

fn text(lines: usize, long: usize) -> Vec<u8> {
    let line = |n: usize| {
        let len = if n.is_multiple_of(97) { long } else { n % 120 };
        let mut line: Vec<u8> = pattern(len, n as u64).iter().map(|byte| byte | 1 << 6).collect();
        line.push(b'\n');
        line
    };
    (0..lines).flat_map(line).collect()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a new future each time, and drops it if it is not ready: at every point where
/// it waits. Tells how often it was dropped.
fn with_drops<T>(mut poll_once: impl FnMut(&mut Context<'_>) -> Poll<T>) -> (T, usize) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut drops = 0;
    loop {
        if let Poll::Ready(output) = poll_once(&mut context) {
            return (output, drops);
        }
        drops += 1;
        thread::park_timeout(Duration::from_secs(20));
    }
}

#[test]
fn chunks_and_lines_come_as_without_tasks() {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let (pool, bytes) = (pool_of(6), text(20_000, 9_000));
    runtime.block_on(async {
        let mut found = Vec::new();
        let mut chunks = reader(&bytes, &pool);
        while let Some(chunk) = chunks.next_chunk().await.unwrap() {
            found.extend_from_slice(&chunk);
        }
        assert!(found == bytes);
        assert!(chunks.next_chunk().await.unwrap().is_none(), "the end stays the end");

        let mut found = Vec::new();
        let mut lines = reader(&bytes, &pool);
        let mut kept = None;
        while let Some(batch) = lines.next_lines().await.unwrap() {
            batch.lines().for_each(|line| found.push(line.to_vec()));
            kept = Some(batch);
        }
        drop(kept);
        let expected: Vec<_> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        assert!(found == expected[..expected.len() - 1]);
    });
    assert_eq!(pool.idle(), 6);
}

#[test]
fn streams_give_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (pool, bytes) = (pool_of(6), text(5_000, 300));
    runtime.block_on(async {
        let chunks: Vec<_> = reader(&bytes, &pool)
            .into_chunks()
            .map(|chunk| chunk.unwrap().to_vec())
            .collect()
            .await;
        assert!(chunks.concat() == bytes);
        let lines = reader(&bytes, &pool).into_lines();
        let n = lines.fold(0, async |n, batch| n + batch.unwrap().lines().count()).await;
        assert_eq!(n, 5_000);
    });
    assert_eq!(pool.idle(), 6);
}

#[test]
fn futures_that_are_dropped_wherever_they_wait_lose_nothing() {
    // A slow pipe, so that they do wait, and few blocks that others take now and then.
    let bytes = text(3_000, 12_000);
    let (from, mut to) = io::pipe().unwrap();
    let pool = pool_of(4);
    let writer = thread::spawn({
        let bytes = bytes.clone();
        move || {
            for part in bytes.chunks(7_777) {
                to.write_all(part).unwrap();
                thread::sleep(Duration::from_micros(200));
            }
        }
    });
    let file = File::from(OwnedFd::from(from));
    let reader = FileReader::new(file).pool(&pool).prefetch(2).unwrap();
    let mut reader = reader.into_async().unwrap();
    let (mut found, mut drops, mut kept) = (Vec::new(), 0, None);
    loop {
        let (batch, dropped) = with_drops(|context| {
            let mut future = pin!(reader.next_lines());
            Pin::as_mut(&mut future).poll(context)
        });
        drops += dropped;
        let Some(batch) = batch.unwrap() else { break };
        found.extend_from_slice(batch.bytes());
        // Kept until the next one is there, so that long tails need a block of their own.
        kept = Some(batch);
    }
    drop(kept);
    writer.join().unwrap();
    assert!(found == bytes);
    assert!(drops > 20, "the control: {drops} futures were dropped while they waited");
    assert_eq!(pool.idle(), 4);
}

#[test]
fn a_task_waits_for_a_block_as_a_thread_does_and_hears_who_has_them() {
    let patience = Duration::from_millis(40);
    let pool = Pool::builder().block_size(BLOCK).blocks(4).patience(patience).build().unwrap();
    let bytes = pattern(5 * BLOCK, 130);
    let held: Vec<_> = (0..4).map(|_| pool.acquire().unwrap()).collect();
    let mut reader = reader(&bytes, &pool);
    let (answer, _) = with_drops(|context| reader.poll_chunk(context));
    let error = answer.unwrap_err();
    let exhausted = error.get_ref().unwrap().downcast_ref::<Exhausted>().unwrap();
    assert_eq!(exhausted.holders()[0].blocks, 4);
    drop(held);
    let mut found = Vec::new();
    while let Some(chunk) = with_drops(|context| reader.poll_chunk(context)).0.unwrap() {
        found.extend_from_slice(&chunk);
    }
    assert!(found == bytes);
}

#[test]
fn a_pool_that_is_too_small_is_refused_in_words() {
    let pool = pool_of(3);
    let reader = FileReader::open("Cargo.toml").unwrap().pool(&pool).prefetch(2).unwrap();
    let error = reader.into_async().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("at least four blocks"), "{error}");
}
