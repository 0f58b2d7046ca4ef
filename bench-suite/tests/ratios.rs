//! `uncopied ratios` on files such as criterion leaves.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Writes what criterion leaves of one bench, with an interval of a tenth either way.
fn leave(folder: &Path, group: &str, contender: &str, parameter: Option<&str>, median: f64) {
    let place = folder.join(group).join(contender).join(parameter.unwrap_or_default()).join("new");
    fs::create_dir_all(&place).unwrap();
    let benchmark = serde_json::json!({
        "group_id": group, "function_id": contender, "value_str": parameter,
    });
    let (low, high) = (median * 0.9, median * 1.1);
    let interval = serde_json::json!({ "lower_bound": low, "upper_bound": high });
    let estimates = serde_json::json!({
        "median": { "point_estimate": median, "confidence_interval": interval },
    });
    fs::write(place.join("benchmark.json"), benchmark.to_string()).unwrap();
    fs::write(place.join("estimates.json"), estimates.to_string()).unwrap();
}

fn ratios(criterion: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_uncopied"))
        .arg("ratios")
        .args(["--criterion", criterion.to_str().unwrap()])
        .args(arguments)
        .output()
        .expect("the command can be started")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn each_row_is_held_against_the_contender_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (parameter, ours, theirs) in [("few", 50.0, 100.0), ("many", 3000.0, 2000.0)] {
        leave(folder.path(), "cut", "ours", Some(parameter), ours);
        leave(folder.path(), "cut", "theirs", Some(parameter), theirs);
    }
    leave(folder.path(), "cut", "third", Some("few"), 10.0);
    leave(folder.path(), "other", "ours", None, 1.0);

    let text = printed(&ratios(folder.path(), &["cut/theirs"]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("rustc"), "{text}");
    assert!(text.contains("**cut**, over `theirs`"), "{text}");
    assert!(!text.contains("other"), "{text}");
    // Columns stand in the order of measuring, which two files of one instant have not.
    for cell in ["0.50 (0.41-0.61)", "100.0 ns", "1.50 (1.23-1.83)", "2.0 µs", "0.10 (0.08-0.12)"]
    {
        assert!(text.contains(&format!("| {cell} |")), "{cell}: {text}");
    }
    let many = lines.iter().find(|line| line.starts_with("| many |")).expect("a row");
    assert!(many.contains("| - |"), "the third was not measured there: {many}");
}

#[test]
fn tables_are_put_between_the_marks_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    leave(folder.path(), "cut", "ours", None, 5.0);
    let readme = folder.path().join("README.md");
    let into = ["--into", readme.to_str().unwrap(), "cut/ours"];
    fs::write(&readme, "before\n<!-- ratios: begin -->\nold\n<!-- ratios: end -->\nafter\n")
        .unwrap();
    for _ in 0..2 {
        printed(&ratios(folder.path(), &into));
        let text = fs::read_to_string(&readme).unwrap();
        assert!(text.starts_with("before\n<!-- ratios: begin -->\n\nMeasured by"), "{text}");
        assert!(text.ends_with("\n<!-- ratios: end -->\nafter\n"), "{text}");
        assert!(text.contains("|  | 5.0 ns |") && !text.contains("old"), "{text}");
    }
    fs::write(&readme, "no marks").unwrap();
    let output = ratios(folder.path(), &into);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&readme).unwrap(), "no marks");
}

#[test]
fn what_was_not_measured_is_named() {
    let folder = tempfile::tempdir().unwrap();
    leave(folder.path(), "cut", "ours", None, 5.0);
    let cases = [
        ("join/ours", "nothing was measured of \"join\""),
        ("cut/theirs", "\"cut\" has no contender \"theirs\", but ours"),
        ("cut", "write GROUP/CONTENDER"),
    ];
    for (asked, complaint) in cases {
        let output = ratios(folder.path(), &[asked]);
        assert!(!output.status.success());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(complaint), "{stderr}");
    }
}
