//! The numbered examples of `buffers` run, and print what their own heads say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../buffers/examples")
}

/// The examples' names, in their order.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("buffers has examples");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry of it").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().expect("a file's name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn head(name: &str) -> String {
    let text = fs::read_to_string(folder().join(name).with_extension("rs")).expect("it is there");
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// What the head says that is printed.
fn promised(head: &str) -> &str {
    let (_, block) = head.split_once("```text\n").expect("the head quotes the output");
    block.split_once("```").expect("the quotation ends").0
}

fn printed(name: &str) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--offline", "--package", "uncopied-buffers", "--example", name])
        .current_dir(folder())
        .output()
        .expect("cargo built this, so it runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {complaints}");
    String::from_utf8(output.stdout).expect("examples print text")
}

#[test]
fn each_example_prints_what_its_head_says() {
    for name in names() {
        // A comment cannot end in a blank line; all others count.
        assert_eq!(promised(&head(&name)).trim_end(), printed(&name).trim_end(), "{name}");
    }
}

#[test]
fn each_example_names_its_flaw_and_the_one_that_mends_it() {
    let names = names();
    let first_words: Vec<&str> = names.iter().map(|name| &name[..2]).collect();
    assert_eq!(first_words, ["s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"]);
    // Two stories: of keeping, and of looking.
    for pair in names[..5].windows(2).chain(names[5..].windows(2)) {
        let (flawed, next) = (head(&pair[0]), head(&pair[1]));
        assert!(flawed.contains("**Its flaw: "), "{}", pair[0]);
        assert!(flawed.contains(&format!("`{}` mends that.", pair[1])), "{}", pair[0]);
        assert!(next.contains(&format!("`{}`", pair[0])), "{} names what it mends", pair[1]);
    }
}
