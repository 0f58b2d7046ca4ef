//! The steps of reading, from a vector to parts for threads, run as they stand, on a
//! file of one's own and on one that they make, and print their counts.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What an example prints.
fn run(example: &str, file: Option<&Path>) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "run",
        "--quiet",
        "--offline",
        "-p",
        "uncopied-filereader",
        "--example",
        example,
    ]);
    let output = command.arg("--").args(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{example}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[test]
fn each_step_prints_its_counts() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("my.log");
    let mut log = String::new();
    for n in 0..20_000 {
        let level = if n % 100 == 0 { "ERROR" } else { "INFO" };
        writeln!(log, "{level} {n} and as much text as a line of a log has").unwrap();
    }
    fs::write(&file, &log).unwrap();
    let bytes = log.len();
    let ends = format!("{bytes} bytes, 20000 line ends; 0 bytes copied here");
    let expected = [
        ("s1_vec", ends.clone()),
        ("s2_one_buffer", ends.clone()),
        ("s3_pool", ends),
        ("s4_views", format!("{bytes} bytes, 200 lines with ERROR, ")),
        ("s5_lines", format!("{bytes} bytes, 20000 lines, 200 with ERROR; the last: ERROR 19900")),
        ("s6_ranges", " parts, 20000 lines, 200 with ERROR; ".into()),
    ];
    for (example, expected) in expected {
        let text = run(example, Some(&file));
        assert!(text.contains(&expected), "{example}: {text}");
        assert!(text.ends_with(" KiB of memory at most\n"), "{example}: {text}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), log, "the file is left as it was");
    let text = run("s5_lines", None);
    assert!(text.contains(" 50000 lines, 516 with ERROR"), "{text}");
}
