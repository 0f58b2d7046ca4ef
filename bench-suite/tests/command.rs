//! The built `uncopied` command, called as a person would call it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn uncopied(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uncopied"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> Output {
    uncopied(arguments).output().expect("the command can be started")
}

/// Exit status, and that exactly one complaint was made, without a panic.
#[track_caller]
fn assert_refused(arguments: &[&str], status: i32, complaint: &str) {
    let output = output(arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(stderr.contains(complaint), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

/// The rows of one job at its largest size, by contender.
fn rows<'a>(json: &'a Value, job: &str) -> Vec<&'a Value> {
    let of_job = || json["rows"].as_array().unwrap().iter().filter(|row| row["job"] == job);
    let largest = of_job().map(|row| row["bytes"].as_u64()).max().unwrap();
    of_job().filter(|row| row["bytes"].as_u64() == largest).collect()
}

fn counted(row: &Value, figure: &str) -> u64 {
    let value = &row[figure]["counted"];
    value.as_u64().unwrap_or_else(|| panic!("{figure} was not counted: {row}"))
}

fn is_glibc() -> bool {
    cfg!(all(target_os = "linux", target_env = "gnu"))
}

#[test]
fn the_main_job_shows_copies_where_there_are_some_and_none_where_there_are_none() {
    if !is_glibc() {
        eprintln!("skipped: copies are only counted on Linux with glibc");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("figures.json");
    let json_path = path.to_str().unwrap();
    let output = output(&["--size", "16MiB", "--runs", "1", "--json", json_path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(json["machine"]["cpu"].is_string());
    for (job, contenders) in [("slice", 3), ("read", 9), ("send", 3), ("pipeline", 5)] {
        let rows = rows(&json, job);
        assert!(rows.len() >= contenders, "{job}: {rows:?}");
        for row in rows {
            assert_row(row);
        }
    }
    assert_allocations_do_not_grow(&json);
}

fn assert_row(row: &Value) {
    let bytes = row["bytes"].as_u64().unwrap();
    let copied = counted(row, "copied_bytes");
    assert_eq!(row["verified"], true, "{row}");
    assert!(row["kernel_copied_bytes"]["derived"].is_u64(), "{row}");
    match row["kind"].as_str().unwrap() {
        // What ends fields and lines is not copied, and is less than a fifth.
        "naive" => assert!(copied >= bytes / 5 * 4, "the control must be seen to copy: {row}"),
        // Without optimisation the compiler moves structs with memcpy on each
        // turn of a loop, so that a little is seen; never a hundredth. The loop
        // over fields has too many turns for that.
        "uncopied" if cfg!(debug_assertions) => {
            assert!(row["job"] == "slice" || copied < bytes / 100, "{row}");
        }
        "uncopied" => assert_eq!(copied, 0, "{row}"),
        _ => {}
    }
    if row["kind"] == "uncopied" {
        assert!(counted(row, "allocs") < 100, "a copy of each field would be seen here: {row}");
    }
    if ["read", "pipeline"].contains(&row["job"].as_str().unwrap()) && row["kind"] == "uncopied" {
        let ceiling = 4 << 20;
        assert!(counted(row, "peak_rss_bytes") <= ceiling + (8 << 20), "{row}");
    }
}

fn assert_allocations_do_not_grow(json: &Value) {
    let all = json["rows"].as_array().unwrap();
    let two_sizes = |row: &&Value| row["job"] == "send" || row["job"] == "pipeline";
    for row in all.iter().filter(two_sizes).filter(|row| row["kind"] == "uncopied") {
        let same = |r: &&Value| r["job"] == row["job"] && r["contender"] == row["contender"];
        let same = all.iter().filter(same);
        let allocations: Vec<u64> = same.map(|row| counted(row, "allocs")).collect();
        assert_eq!(allocations.len(), 2, "two sizes are run");
        assert_eq!(allocations[0], allocations[1], "{row}");
    }
}

#[test]
fn wrong_calls_end_with_status_2() {
    assert_refused(&["--size", "5x"], 2, "\"5x\" is no size; write 64MiB");
    assert_refused(&["--size", "0"], 2, "is no size");
    assert_refused(&["--size", "99999999999999999999GiB"], 2, "is no size");
    assert_refused(&["--only", "nothing"], 2, "[possible values: slice, read, send, pipeline]");
    assert_refused(&["--runs", "0"], 2, "0 is not in 1..=1000");
    assert_refused(&["--size", "1MiB", "--file", "x"], 2, "cannot be used with");
}

#[test]
fn runs_that_cannot_be_end_with_status_1() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    assert_refused(&["--file", "/no/such/file"], 1, "cannot read /no/such/file");
    assert_refused(&["--file", &text(dir.path())], 1, "is no regular file");
    assert_refused(&["--file", &text(&empty)], 1, "is empty");
    assert_refused(&["--json", "/no/such/dir/x.json"], 1, "cannot write /no/such/dir/x.json");
    assert_refused(&["--into", &text(&empty)], 1, "has no <!-- results: begin -->");
}

#[test]
fn the_tables_take_the_place_between_the_marks_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.md");
    std::fs::write(&page, "above\n<!-- results: begin -->\nold\n<!-- results: end -->\nbelow\n")
        .unwrap();
    let path = page.to_str().unwrap();
    let output = output(&["--only", "read", "--size", "1MiB", "--runs", "1", "--into", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.starts_with("above\n<!-- results: begin -->\n\nPrinted by"), "{text}");
    assert!(text.ends_with("\n\n<!-- results: end -->\nbelow\n"), "{text}");
    assert!(text.contains("**read: a file of 1,048,576 bytes"), "{text}");
    assert!(text.contains("| pool-views ") || text.contains("| * pool-views "), "{text}");
    assert!(text.contains("\n\\* uncopied.") && !text.contains("\nold\n"), "{text}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let mut child = uncopied(&["--only", "pipeline", "--size", "1MiB", "--runs", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("uncopied "), "{first}");
    // The pipe is closed now; the command goes on writing to it.
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
}
