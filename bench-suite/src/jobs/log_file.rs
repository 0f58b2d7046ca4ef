//! The input: a file of log lines, the same for everyone.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

/// A file of log lines, deterministic from its seed, without a name: it takes no
/// entry in any directory, so nothing is left behind however the program ends.
pub struct LogFile {
    file: File,
}

const SEED: u64 = 2026;

impl LogFile {
    /// Writes `size` bytes of lines into the system's temporary directory, and
    /// tells `progress` how many are written. The last line may be short, and ends in a
    /// newline like the others.
    ///
    /// # Errors
    ///
    /// What the system says, such as that the disk is full.
    pub fn create(size: u64, mut progress: impl FnMut(u64)) -> io::Result<Self> {
        check_room(size)?;
        let file = tempfile::tempfile()?;
        let mut out = BufWriter::with_capacity(1 << 20, &file);
        let mut lines = Lines::new(SEED);
        let mut line = Vec::with_capacity(256);
        let mut left = size;
        while left > 0 {
            lines.next_into(&mut line);
            let n = line.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            line.truncate(n);
            line[n - 1] = b'\n';
            out.write_all(&line)?;
            left -= n as u64;
            if lines.count.is_multiple_of(1 << 14) {
                progress(size - left);
            }
        }
        out.flush()?;
        drop(out);
        progress(size);
        Ok(Self { file })
    }

    /// A path by which other processes can open the file while this one lives.
    pub fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd()).into()
    }
}

/// Asked before the disk is filled, so that nobody else runs out of room meanwhile.
fn check_room(size: u64) -> io::Result<()> {
    let stat = nix::sys::statvfs::statvfs(&std::env::temp_dir())?;
    let free = u128::from(stat.blocks_available()) * u128::from(stat.fragment_size());
    if u128::from(size) <= free {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::StorageFull, format!("only {free} bytes are free")))
}

/// Log lines of some 85 bytes, like those of a web service.
struct Lines {
    random: u64,
    count: u64,
    millis: u64,
}

impl Lines {
    fn new(seed: u64) -> Self {
        Self { random: seed, count: 0, millis: 36_000_000 }
    }

    fn next_into(&mut self, line: &mut Vec<u8>) {
        const LEVELS: [&str; 8] =
            ["INFO ", "INFO ", "INFO ", "INFO ", "DEBUG", "DEBUG", "WARN ", "ERROR"];
        const SOURCES: [&str; 4] = ["gateway", "billing", "search", "catalog"];
        const VERBS: [&str; 4] = ["GET", "GET", "POST", "DELETE"];
        const PATHS: [&str; 4] = ["/api/items/", "/api/users/", "/static/img/", "/health/"];
        let r = self.next_random();
        self.count += 1;
        self.millis += r & 15;
        line.clear();
        line.extend_from_slice(b"2026-11-22T");
        self.push_time(line);
        for part in [" ", pick(&LEVELS, r >> 8), " ", pick(&SOURCES, r >> 16), " "] {
            line.extend_from_slice(part.as_bytes());
        }
        line.extend_from_slice(pick(&VERBS, r >> 24).as_bytes());
        line.push(b' ');
        line.extend_from_slice(pick(&PATHS, r >> 32).as_bytes());
        push_number(line, (r >> 40) & 0xf_ffff, 1);
        line.extend_from_slice(b" status=");
        push_number(line, if r & 0x300 == 0 { 404 } else { 200 }, 3);
        line.extend_from_slice(b" us=");
        push_number(line, r >> 50, 1);
        line.extend_from_slice(b" req=");
        push_number(line, self.count, 10);
        line.push(b'\n');
    }

    fn push_time(&self, line: &mut Vec<u8>) {
        let seconds = self.millis / 1000;
        for (value, width, after) in [
            (seconds / 3600 % 24, 2, b':'),
            (seconds / 60 % 60, 2, b':'),
            (seconds % 60, 2, b'.'),
            (self.millis % 1000, 3, b'Z'),
        ] {
            push_number(line, value, width);
            line.push(after);
        }
    }

    /// `SplitMix64`: <https://prng.di.unimi.it/splitmix64.c>.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn pick<'a>(words: &[&'a str], random: u64) -> &'a str {
    words[(random & 0xff) as usize % words.len()]
}

/// Appends a number with at least `width` digits. `write!` would take most of
/// the time that the whole file takes.
fn push_number(line: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    line.extend_from_slice(&digits[at.min(digits.len() - width)..]);
}
