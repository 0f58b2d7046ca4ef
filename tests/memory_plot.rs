//! The memory of a command over time is that of the command and its children, and is
//! drawn as a picture that any viewer reads.
#![cfg(target_os = "linux")]

use std::env;
use std::hint::black_box;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use bench_suite::memory::plot::record;
use oracles::player::part;

const NAME: &str = "a_command_and_its_child_are_seen";
const MIB: u64 = 1 << 20;

/// A process of so many MiB for a while, which may start another one.
fn play(part: &str) {
    let memory = black_box(vec![1_u8; 32 << 20]);
    if part == "parent" {
        assert!(this("child").status().unwrap().success());
    } else {
        sleep(Duration::from_millis(400));
    }
    drop(black_box(memory));
    sleep(Duration::from_millis(100));
}

fn this(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", NAME, "--nocapture", "--test-threads=1"]).env("PART", part);
    command
}

#[test]
fn a_command_and_its_child_are_seen() {
    if let Some(part) = part() {
        return play(&part);
    }
    let (recording, status) = record(this("parent"), Duration::from_millis(5)).unwrap();
    assert!(status.success());
    let (at, peak) = recording.peak().unwrap();
    assert!((64 * MIB..100 * MIB).contains(&peak), "{peak}");
    assert!(at < Duration::from_secs(60));
    let both = recording.samples().iter().filter(|sample| sample.rss.len() == 2).count();
    assert!(both >= 3, "{recording:?}");
    assert!(recording.samples().is_sorted_by_key(|sample| sample.at));
    let one = recording.samples().iter().flat_map(|sample| sample.rss.values()).max();
    assert!((32 * MIB..64 * MIB).contains(one.unwrap()), "{one:?}");
    let end = recording.samples().last().unwrap().total();
    assert!(end < 64 * MIB, "the child's memory went with it: {end}");

    let picture = recording.svg("a <b> & c");
    let picture = roxmltree::Document::parse(&picture).unwrap();
    let lines = picture.descendants().filter(|node| node.attribute("stroke-width").is_some());
    assert_eq!(lines.count(), 3, "all together, and each of the two");
    let text = picture.descendants().filter_map(|node| node.text()).collect::<String>();
    assert!(text.contains("a <b> & c: resident MiB over seconds"), "{text}");
}
