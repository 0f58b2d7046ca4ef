//! The file that an example reads, and what it prints at its end.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs, io};

pub(crate) type Answer = Result<(), Box<dyn Error>>;

/// The file named on the command line, or a small log that is made for the purpose.
pub(crate) fn path() -> io::Result<PathBuf> {
    if let Some(path) = env::args_os().nth(1) {
        return Ok(path.into());
    }
    let mut log = String::new();
    for n in 0..50_000 {
        let level = if n % 97 == 0 { "ERROR" } else { "INFO" };
        let _ = writeln!(log, "2026-11-25T10:00:00.{n:06}Z {level} service request={n} status=200");
    }
    let path = env::temp_dir().join(format!("uncopied-example-{}.log", std::process::id()));
    fs::write(&path, log)?;
    Ok(path)
}

/// Prints what an example found out, and what it cost.
pub(crate) fn print(found: &str) {
    let copied = buffers::copied::bytes();
    println!("{found}; {copied} bytes copied here; {} KiB of memory at most", peak_kib());
    let ours = env::temp_dir().join(format!("uncopied-example-{}.log", std::process::id()));
    let _ = fs::remove_file(ours);
}

/// The most memory that this process ever had, where the system tells.
fn peak_kib() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.split_whitespace().next()).unwrap_or("an unknown number of").into()
}
