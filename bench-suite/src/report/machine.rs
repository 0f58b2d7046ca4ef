//! The machine that the figures come from.

use std::fs;
use std::thread;

use serde::Serialize;

/// What a reader has to know of a machine to judge its figures.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Processors that this program may use.
    pub cores: usize,
    /// Memory in bytes, 0 if unknown.
    pub memory_bytes: u64,
    /// The operating system and its version.
    pub os: String,
    /// The processor's architecture.
    pub arch: &'static str,
}

impl Machine {
    /// This machine.
    pub fn this() -> Self {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let memory_kib =
            value(&meminfo, "MemTotal").and_then(|v| v.split(' ').next()?.parse().ok());
        Self {
            cpu: value(&cpuinfo, "model name").unwrap_or("unknown").to_owned(),
            cores: thread::available_parallelism().map_or(0, usize::from),
            memory_bytes: memory_kib.unwrap_or(0_u64) * 1024,
            os: format!("{} {}", std::env::consts::OS, release.trim()).trim().to_owned(),
            arch: std::env::consts::ARCH,
        }
    }
}

fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim())
}
