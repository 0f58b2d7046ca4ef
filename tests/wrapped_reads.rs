//! The `read` that the standard library calls is short, interrupted, and fails in the
//! middle; readers and blocks lose no byte and no count by it.

use std::cell::Cell;
use std::fs::File;
use std::io::Seek;
use std::os::fd::AsRawFd;

use filereader::{FileReader, FilledEnd, Pool};
use oracles::content::{file_of, pattern};

/// What this thread's reads from one descriptor suffer.
#[derive(Clone, Copy, Default)]
struct Faults {
    fd: libc::c_int,
    /// No call gives more than so many bytes.
    at_most: usize,
    /// Each call of so many is interrupted; 0 is none.
    interrupt_each: u32,
    /// The call that fails with `EIO`; 0 is none.
    fail: u32,
    calls: u32,
    interrupted: u32,
}

thread_local! {
    static FAULTS: Cell<Option<Faults>> = const { Cell::new(None) };
}

/// Stands before the C library's function in this program, for the standard library
/// too. Calls that are let through are really shortened, so no byte is skipped.
///
/// # Safety
///
/// As `read(2)`: there is room for `n` bytes at `target`.
#[unsafe(no_mangle)]
unsafe extern "C" fn read(fd: libc::c_int, target: *mut libc::c_void, n: usize) -> isize {
    let mut n = n;
    if let Some(mut faults) = FAULTS.get().filter(|faults| faults.fd == fd) {
        faults.calls += 1;
        let interrupt = faults.interrupt_each > 0 && faults.calls % faults.interrupt_each == 0;
        faults.interrupted += u32::from(interrupt);
        let fail = faults.calls == faults.fail;
        FAULTS.set(Some(faults));
        if interrupt || fail {
            // SAFETY: the call has no argument.
            let errno = unsafe { libc::__errno_location() };
            // SAFETY: it is the calling thread's error number, and always there.
            unsafe { errno.write(if fail { libc::EIO } else { libc::EINTR }) };
            return -1;
        }
        n = n.min(faults.at_most);
    }
    // SAFETY: the caller's promise, for as many bytes or fewer.
    let answer = unsafe { libc::syscall(libc::SYS_read, fd, target, n) };
    isize::try_from(answer).expect("a call that reads gives as many bytes as it was asked for")
}

/// Runs `work` on a file of these bytes whose reads suffer; gives what they suffered.
fn suffering<T>(bytes: &[u8], faults: Faults, work: impl FnOnce(File) -> T) -> (T, Faults) {
    let file = file_of(bytes).try_clone().unwrap();
    (&file).rewind().unwrap();
    FAULTS.set(Some(Faults { fd: file.as_raw_fd(), ..faults }));
    let result = work(file);
    (result, FAULTS.take().unwrap())
}

fn pool() -> Pool {
    Pool::builder().block_size(1000).blocks(2).build().unwrap()
}

#[test]
fn short_and_interrupted_reads_of_std_lose_nothing() {
    let bytes = pattern(5000, 101);
    let faults = Faults { at_most: 7, interrupt_each: 3, ..Faults::default() };
    let (all, suffered) = suffering(&bytes, faults, |file| {
        let mut reader = FileReader::new(file).pool(&pool());
        let mut all = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            assert!(chunk.len() <= 7);
            all.extend_from_slice(&chunk);
        }
        all
    });
    assert!(all == bytes);
    assert!(suffered.calls > 5000 / 7 && suffered.interrupted > 200, "it was really so");
}

#[test]
fn short_reads_do_not_tear_lines() {
    let mut text = Vec::new();
    (0..500).for_each(|n| text.extend(format!("{n}\n").into_bytes()));
    let faults = Faults { at_most: 5, interrupt_each: 2, ..Faults::default() };
    let (lines, _) = suffering(&text, faults, |file| {
        let mut reader = FileReader::new(file).pool(&pool());
        let mut lines: Vec<usize> = Vec::new();
        while let Some(batch) = reader.next_lines().unwrap() {
            lines.extend(batch.str_lines().unwrap().map(|line| line.parse::<usize>().unwrap()));
        }
        lines
    });
    assert!(lines.into_iter().eq(0..500));
}

#[test]
fn a_disk_that_fails_in_the_middle_leaves_what_was_read() {
    let bytes = pattern(5000, 102);
    let faults = Faults { at_most: 100, fail: 4, ..Faults::default() };
    let ((), _) = suffering(&bytes, faults, |mut file| {
        let mut block = pool().acquire().unwrap();
        let error = block.read_full(&mut file).unwrap_err();
        let text = "the read failed after 300 bytes: Input/output error (os error 5)";
        assert_eq!((error.filled(), error.to_string().as_str()), (300, text));
        assert!(*block == bytes[..300]);
        let rest = block.read_full(&mut file).unwrap();
        assert_eq!((rest.n, rest.end), (700, FilledEnd::Full));
        assert!(*block == bytes[..1000]);
    });
    let (text, _) =
        suffering(b"one\ntwo\nthree", Faults { at_most: 6, fail: 2, ..faults }, |file| {
            let mut reader = FileReader::new(file).pool(&pool());
            assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), b"one\n");
            let error = reader.next_lines().unwrap_err();
            assert_eq!((reader.position(), reader.rest()), (4, &b"tw"[..]));
            assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), b"two\n");
            assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), b"three");
            error.to_string()
        });
    assert!(text.ends_with("Input/output error (os error 5)"), "{text}");
}
