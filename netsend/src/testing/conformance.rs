//! What any driver has to pass, over a scripted transport.

use std::fs::File;
use std::io;
use std::sync::Arc;

use buffers::SharedBuf;

use super::content::{Lottery, pattern};
use super::scripted::{Answer, Scripted};
use crate::queue::{FileRange, SendQueue};

/// How many drawn cases are played beside the fixed ones.
const DRAWN: u64 = 200;

/// Holds a driver against the contract of a queue, by playing some hundred cases
/// with it: short takes at every place, would-blocks, interrupts, failures and
/// files that shrank.
///
/// `driver` sends the queue through the transport, and returns when the queue is
/// empty or when something failed. After a failure it is called again with the
/// same queue, as a program would do that tries again. A driver over a plain
/// [`Write`](io::Write), which cannot wait, may return would-blocks as failures.
///
/// What is asked of it: the bytes that the transport has taken are, at each
/// return, the first [`offset`](SendQueue::offset) bytes of what was pushed; it
/// says that it is done if, and only if, nothing is pending; it does not go round
/// for ever on a file that shrank.
///
/// # Panics
///
/// If the driver does not keep to that; the text names the case. If `file` has fewer than
/// 300 bytes.
///
/// A transport of your own is tested by a driver that wraps the [`Scripted`] one in it.
///
/// ```
/// use netsend::testing::{Scripted, over_transport};
/// use netsend::{Policy, SendQueue, drive};
///
/// let file = std::fs::File::open("Cargo.toml")?;
/// let cases = over_transport(file, |transport: &mut Scripted, queue: &mut SendQueue<'_>| {
///     Ok(drive(transport, queue, &Policy::default()).map(drop)?)
/// });
/// assert!(cases > 200);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn over_transport(
    file: File,
    mut driver: impl FnMut(&mut Scripted, &mut SendQueue<'_>) -> io::Result<()>,
) -> u64 {
    let source = Source::of(file);
    let mut played = 0;
    for case in fixed_cases().into_iter().chain((0..DRAWN).map(drawn_case)) {
        play(&case, &source, &mut driver);
        played += 1;
    }
    shrunk_files_end(&source, &mut driver);
    played + 1
}

/// The memory and the file that segments are cut from.
struct Source {
    memory: Vec<u8>,
    shared: SharedBuf,
    in_file: Vec<u8>,
    file: Arc<File>,
}

/// How long the longest segment is, and the part of the file that is used.
const LONGEST: usize = 300;

impl Source {
    fn of(file: File) -> Self {
        let mut in_file = vec![0; LONGEST];
        let read = std::os::unix::fs::FileExt::read_exact_at(&file, &mut in_file, 0);
        assert!(read.is_ok(), "the suite needs a file of {LONGEST} bytes or more");
        let memory = pattern(LONGEST, 1);
        let shared = SharedBuf::from(pattern(LONGEST, 2));
        Self { memory, shared, in_file, file: Arc::new(file) }
    }
}

#[derive(Clone, Copy, Debug)]
enum Home {
    Borrowed,
    Shared,
    File,
}

#[derive(Debug)]
struct Case {
    name: String,
    segments: Vec<(Home, usize)>,
    script: Vec<Answer>,
    files_served: usize,
    splices_served: usize,
}

fn fixed_cases() -> Vec<Case> {
    let segments = vec![
        (Home::Borrowed, 7),
        (Home::File, 200),
        (Home::Shared, 0),
        (Home::Shared, 30),
        (Home::File, 1),
        (Home::Borrowed, 2),
    ];
    let total: usize = segments.iter().map(|(_, len)| len).sum();
    let case = |name: &str, script: Vec<Answer>, files_served, splices_served| {
        let (name, segments) = (name.to_string(), segments.clone());
        Case { name, segments, script, files_served, splices_served }
    };
    let mut cases = Vec::new();
    for (files, splices) in [(usize::MAX, 0), (0, 0), (1, 1), (0, usize::MAX), (2, 0)] {
        cases.push(case("all at once", vec![], files, splices));
        cases.push(case("byte by byte", vec![Answer::Take(1); total], files, splices));
        let interrupted = [Answer::Interrupted, Answer::WouldBlock, Answer::Take(3)];
        let interrupted = interrupted.repeat(total / 3);
        cases.push(case("interrupted and blocked", interrupted, files, splices));
        for calls in 0..6 {
            let mut script = vec![Answer::Take(60); calls];
            script.push(Answer::Fail(io::ErrorKind::ConnectionReset));
            cases.push(case(&format!("a failure after {calls} calls"), script, files, splices));
        }
    }
    cases.push(Case {
        name: "more segments than one call can show".to_string(),
        segments: vec![(Home::Borrowed, 3); 1025],
        script: vec![Answer::Take(2), Answer::Take(2000)],
        files_served: usize::MAX,
        splices_served: 0,
    });
    for (len, first) in [(2, 2), (5, 3)] {
        cases.push(Case {
            name: format!("two segments of {len}, of which {first} bytes are taken first"),
            segments: vec![(Home::Borrowed, len), (Home::Shared, len)],
            script: vec![Answer::Take(first)],
            files_served: usize::MAX,
            splices_served: 0,
        });
    }
    cases
}

fn drawn_case(seed: u64) -> Case {
    let mut lottery = Lottery::new(seed);
    let homes = [Home::Borrowed, Home::Shared, Home::File];
    let longest = [4, 40, LONGEST][lottery.below(3)];
    let count = lottery.below(40);
    let segments = (0..count).map(|_| (homes[lottery.below(3)], lottery.below(longest))).collect();
    let answers = lottery.below(60);
    let script = (0..answers)
        .map(|_| match lottery.below(10) {
            0 => Answer::WouldBlock,
            1 => Answer::Interrupted,
            2 => Answer::Fail(io::ErrorKind::BrokenPipe),
            _ => Answer::Take(1 + lottery.below(longest)),
        })
        .collect();
    let served = [0, 1, 3, usize::MAX];
    let (files_served, splices_served) = (served[lottery.below(4)], served[lottery.below(4)]);
    Case { name: format!("drawn from {seed}"), segments, script, files_served, splices_served }
}

/// Fills a queue, and gives the bytes that it stands for.
fn fill<'a>(queue: &mut SendQueue<'a>, source: &'a Source, segments: &[(Home, usize)]) -> Vec<u8> {
    let mut flat = Vec::new();
    for &(home, len) in segments {
        match home {
            Home::Borrowed => {
                queue.push(&source.memory[..len]);
                flat.extend(&source.memory[..len]);
            }
            Home::Shared => {
                queue.push(source.shared.slice(..len));
                flat.extend(&source.shared[..len]);
            }
            Home::File => {
                queue.push(FileRange::new(Arc::clone(&source.file), 0..len as u64));
                flat.extend(&source.in_file[..len]);
            }
        }
    }
    queue.end_message();
    flat
}

fn play(
    case: &Case,
    source: &Source,
    driver: &mut impl FnMut(&mut Scripted, &mut SendQueue<'_>) -> io::Result<()>,
) {
    let name = &case.name;
    let mut queue = SendQueue::new();
    let flat = fill(&mut queue, source, &case.segments);
    let mut transport = Scripted::new(case.script.iter().copied())
        .refusing_files(case.files_served)
        .splicing(case.splices_served);
    // Each answer of the script can end one attempt; one more has to succeed.
    for attempt in 0..=case.script.len() {
        let result = driver(&mut transport, &mut queue);
        check(name, &flat, &transport, &queue);
        match result {
            Ok(()) => {
                assert!(queue.is_empty(), "{name}: done, and {} are pending", queue.pending());
                return;
            }
            Err(error) if case.script.is_empty() => panic!("{name}: nothing failed, but {error}"),
            Err(_) => assert!(attempt < case.script.len(), "{name}: it does not come to an end"),
        }
    }
}

fn check(name: &str, flat: &[u8], transport: &Scripted, queue: &SendQueue<'_>) {
    let taken = transport.taken.len();
    assert!(flat.starts_with(&transport.taken), "{name}: the bytes that came are others");
    assert_eq!(queue.offset(), taken as u64, "{name}: the offset is not what was taken");
    assert_eq!(queue.pending(), (flat.len() - taken) as u64, "{name}: pending");
    assert_eq!(queue.invariants(), Ok(()), "{name}");
}

/// A file that ends early has to end the send, on each road.
fn shrunk_files_end(
    source: &Source,
    driver: &mut impl FnMut(&mut Scripted, &mut SendQueue<'_>) -> io::Result<()>,
) {
    let name = "a file that shrank";
    let len = source.file.metadata().map_or(0, |metadata| metadata.len());
    for files_served in [usize::MAX, 0] {
        let mut queue = SendQueue::new();
        queue.push("head");
        queue.push(FileRange::new(Arc::clone(&source.file), len - 10..len + 10));
        let mut transport = Scripted::new([]).refusing_files(files_served);
        let result = driver(&mut transport, &mut queue);
        assert!(result.is_err(), "{name}: it was not told");
        let counts = (queue.offset(), queue.pending(), transport.taken.len());
        assert_eq!(counts, (14, 10, 14), "{name}: offset, pending, taken");
    }
}
