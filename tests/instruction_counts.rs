//! Slicing takes few instructions, and the same number whether or not anybody ever asks
//! who keeps what.
//!
//! Times are a matter of the machine and of what else it does; instructions are not.
//! They are counted by valgrind in a child, for two numbers of slices, so that whatever
//! else the child does cancels out.

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Output};

use buffers::{SharedBuf, retention};

/// Tells a child how often to slice, as `turns` or `turns-and-report`.
const TASK: &str = "UNCOPIED_SLICES";

const TURNS: u64 = 50_000;

/// What a slice and its drop may take, the loop around them included. Builds without
/// optimisation are held to a figure as well, since that is how tests are run.
const LIMIT: f64 = match (cfg!(debug_assertions), cfg!(feature = "sites")) {
    (true, _) => 800.0,
    (false, true) => 80.0,
    (false, false) => 60.0,
};

/// What the children run; in the parent it has nothing to do.
#[test]
fn child() {
    let Ok(task) = std::env::var(TASK) else {
        return;
    };
    let (turns, reports) = match task.strip_suffix("-and-report") {
        Some(turns) => (turns, true),
        None => (task.as_str(), false),
    };
    let page = SharedBuf::from(vec![1; 4096]);
    if reports {
        assert_eq!(retention::report([("page", &page)]).pinned_bytes(), 4096);
    }
    for _ in 0..turns.parse().expect("a number of turns") {
        black_box(&black_box(&page).slice(black_box(64)..black_box(128)));
    }
}

/// The instructions of a child, or `None` without valgrind.
fn instructions(task: &str) -> Option<f64> {
    let this = std::env::current_exe().expect("this test is a file");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["child", "--exact", "--test-threads=1"])
        .env(TASK, task)
        .output()
        .ok()?;
    let Output { status, stderr, .. } = output;
    let text = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{task}: {text}");
    let line = text.lines().find_map(|line| line.split_once("Collected : ")).expect(&text);
    Some(line.1.trim().parse().expect("a number of instructions"))
}

/// The instructions of one slice and its drop.
#[expect(clippy::cast_precision_loss, reason = "a few thousand turns")]
fn per_slice(suffix: &str) -> Option<f64> {
    let few = instructions(&format!("{TURNS}{suffix}"))?;
    let many = instructions(&format!("{}{suffix}", 2 * TURNS))?;
    Some((many - few) / TURNS as f64)
}

/// Says something past the test harness, which shows what a test prints only if it
/// fails.
fn say(text: &str) {
    let written = writeln!(std::io::stderr(), "{text}");
    written.expect("there is somebody to tell");
}

#[test]
fn a_slice_takes_few_instructions_and_reports_add_none() {
    let (Some(silent), Some(reported)) = (per_slice(""), per_slice("-and-report")) else {
        return say("skipped: no valgrind to count instructions with");
    };
    let build = if cfg!(feature = "sites") { ", `sites` switched off" } else { "" };
    let optimised = if cfg!(debug_assertions) { "no" } else { "with" };
    say(&format!(
        "instructions of a slice and its drop ({optimised} optimisation{build}): {silent:.1}; \
         {reported:.1} in a program that has made a report"
    ));
    assert!(silent > 5.0, "{silent}: the slices were optimised away");
    assert!(silent <= LIMIT, "{silent} instructions, not {LIMIT}");
    assert!((silent - reported).abs() < 0.1, "{silent} without, {reported} with a report");
}
