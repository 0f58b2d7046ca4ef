//! System calls of a child are counted one by one, with this binary itself as
//! the child.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::thread;

use bench_suite::meter::{Figure, syscalls};

/// How many reads the child makes between its markers.
const READS: u64 = 12;

/// The variable that turns the test below into the traced child.
const CHILD: &str = "UNCOPIED_METER_CHILD";

/// Not a test but the child of the tests below.
#[test]
fn child_with_known_calls() {
    let Ok(role) = std::env::var(CHILD) else {
        return;
    };
    let zero = File::open("/dev/zero").unwrap();
    let mut buffer = [0_u8; 16];
    let read = |buffer: &mut [u8], count| {
        for _ in 0..count {
            zero.read_exact_at(buffer, 0).unwrap();
        }
    };
    read(&mut buffer, 3);
    if role == "unmarked" {
        return;
    }
    thread::scope(|scope| {
        let noise = || read(&mut [0_u8; 16], 100);
        scope.spawn(noise);
        syscalls::mark_begin();
        read(&mut buffer, READS);
        if role == "unfinished" {
            std::process::exit(3);
        }
        syscalls::mark_end();
    });
    read(&mut buffer, 3);
}

/// This binary again, as the child.
fn child(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_with_known_calls", "--nocapture"]).env(CHILD, role);
    command
}

/// What the child did, or `None` with a word about it where tracing is refused.
fn traced(role: &str) -> Option<syscalls::Traced> {
    let traced = syscalls::run_traced(child(role)).unwrap();
    match &traced.calls {
        Figure::Unavailable(why) if why.contains("refused") => {
            eprintln!("skipped: {why}");
            None
        }
        _ => Some(traced),
    }
}

#[test]
fn system_calls_between_the_markers_are_counted() {
    let Some(traced) = traced("marked") else {
        return;
    };
    assert!(traced.status.success());
    assert_eq!(traced.calls, Figure::Counted(READS), "{:?}", traced.by_name);
    assert_eq!(traced.by_name, [("pread64".to_string(), READS)]);
    assert!(String::from_utf8_lossy(&traced.stdout).contains("1 passed"));
}

#[test]
fn a_count_without_both_markers_is_unavailable() {
    if let Some(traced) = traced("unmarked") {
        assert_eq!(traced.calls, Figure::unavailable("the child never called mark_begin"));
    }
    if let Some(traced) = traced("unfinished") {
        assert_eq!(traced.status.code(), Some(3));
        let why = "the child ended between mark_begin and mark_end";
        assert_eq!(traced.calls, Figure::unavailable(why));
        assert!(traced.by_name.is_empty());
    }
}

#[test]
fn signals_and_grandchildren_pass_through_the_tracer() {
    let mut command = Command::new("sh");
    command.args(["-c", "trap 'echo caught' USR1; kill -USR1 $$; (echo sub); kill -TERM $$"]);
    let traced = syscalls::run_traced(command).unwrap();
    assert_eq!(String::from_utf8_lossy(&traced.stdout), "caught\nsub\n");
    assert_eq!(traced.status.signal(), Some(15));
    assert_eq!(traced.calls.value(), None);
}

#[test]
fn a_command_that_does_not_exist_is_an_error() {
    let command = Command::new("/nonexistent/command");
    let error = syscalls::run_traced(command).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn strace_counts_the_same() {
    let log = std::env::temp_dir().join(format!("uncopied-strace-{}", std::process::id()));
    let run = child("marked");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o"]).arg(&log).arg(run.get_program()).args(run.get_args());
    let output = strace.env(CHILD, "marked").output();
    let trace = std::fs::read_to_string(&log).unwrap_or_default();
    let _ = std::fs::remove_file(&log);
    if !output.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: strace is missing, or may not trace");
        return;
    }
    assert_eq!(between_markers(&trace), READS, "{trace}");
    if let Some(traced) = traced("marked") {
        assert_eq!(traced.calls, Figure::Counted(READS));
    }
}

/// Calls of the marking thread between its markers, in strace's log, whose
/// lines are `1234 name(...) = result`.
fn between_markers(trace: &str) -> u64 {
    let mut lines = trace.lines();
    let marker = |line: &&str| line.contains(" syscall_0x17ed");
    let begin = lines.by_ref().find(marker).expect("strace shows the first marker");
    let thread = begin.split(' ').next().unwrap();
    let own = |line: &&str| line.split(' ').next() == Some(thread) && !line.contains("resumed>");
    lines.filter(own).take_while(|line| !marker(line)).count() as u64
}
