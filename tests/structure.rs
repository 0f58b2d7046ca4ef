//! The house keeps its own rules: who may know whom, what stands where, and
//! where unsafe code may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oracles::rust_words::{inline_modules, words};
use serde_json::Value;

const PUBLISHED: [&str; 3] = ["uncopied-buffers", "uncopied-filereader", "uncopied-netsend"];

const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// All files with unsafe code.
const UNSAFE: [&str; 12] = [
    "bench-suite/benches/reading.rs",
    "bench-suite/src/contenders/read/mmap.rs",
    "bench-suite/src/meter/mod.rs",
    "bench-suite/src/meter/raw.rs",
    "bench-suite/src/meter/raw_trace.rs",
    "buffers/src/view/raw.rs",
    "filereader/src/pool/raw.rs",
    "filereader/src/reader/raw.rs",
    "filereader/src/reader/ring/raw.rs",
    "netsend/src/roads/sys.rs",
    "tests/oracles/raw.rs",
    "tests/wrapped_reads.rs",
];

const TOP_LEVEL: [&str; 14] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "bench-suite",
    "buffers",
    "clippy.toml",
    "filereader",
    "netsend",
    "rustfmt.toml",
    "tests",
];

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("this crate lies in the workspace").into()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a command prints, or `None` if it cannot run or fails.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(root()).output();
    let output = output.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).expect("tools print text"))
}

fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    output(&cargo, args).expect("cargo built this, so it runs")
}

/// The workspace's packages, as cargo describes them.
fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version=1", "--offline", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&text).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("all things here have names")
}

/// All that a package depends on, of each kind and on each target.
fn dependencies(package: &Value) -> Vec<&str> {
    let list = package["dependencies"].as_array();
    list.expect("a list of dependencies").iter().map(name).collect()
}

/// The workspace's Rust files, by their paths from the root.
fn rust_files() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of ours") {
            let path = entry.expect("an entry of it").path();
            let file_name = path.file_name().expect("no entry is `..`").to_string_lossy();
            if path.is_dir() && file_name != "target" && !file_name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(root()).expect("it was found there");
                files.push(inside.display().to_string());
            }
        }
    }
    files.sort();
    assert!(files.len() > 50, "the search itself has to work: {files:?}");
    files
}

#[test]
fn crates_that_are_published_depend_downwards_only() {
    let packages = packages();
    let published: BTreeSet<&str> =
        packages.iter().filter(|package| package["publish"].is_null()).map(name).collect();
    assert_eq!(published, BTreeSet::from(PUBLISHED));
    for package in packages.iter().filter(|package| package["publish"].is_null()) {
        for dependency in dependencies(package) {
            let ours = dependency.starts_with("uncopied");
            let allowed = dependency == "uncopied-buffers" && name(package) != dependency;
            assert!(!ours || allowed, "{} names {dependency}", name(package));
        }
    }
}

#[test]
fn the_crates_of_one_floor_do_not_mention_each_other() {
    let strangers = [
        ("buffers/src/", ["filereader", "netsend"]),
        ("filereader/src/", ["netsend", "bench_suite"]),
        ("netsend/src/", ["filereader", "bench_suite"]),
    ];
    for file in rust_files() {
        for (folder, names) in strangers {
            if file.starts_with(folder) {
                let words = words(&read(&file));
                let found = words.iter().find(|word| names.contains(&word.as_str()));
                assert_eq!(found, None, "{file}");
            }
        }
    }
}

#[test]
fn what_the_published_crates_stand_on_is_small() {
    let mut args = vec!["tree", "--offline", "--edges=normal", "--prefix=none"];
    args.extend(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    let tree = cargo(&args);
    let lines = tree.lines().filter(|line| !line.is_empty());
    let crates: BTreeSet<&str> =
        lines.clone().map(|line| line.split_whitespace().next().expect("a name")).collect();
    assert!(PUBLISHED.iter().all(|name| crates.contains(name)), "{tree}");
    assert!(crates.len() <= 12, "{} crates: {crates:?}", crates.len());
    let macros: Vec<&str> = lines.filter(|line| line.contains("(proc-macro)")).collect();
    assert!(macros.is_empty(), "{macros:?}");
}

/// The names in the repository's root that are not hidden.
fn top_level() -> BTreeSet<String> {
    let names: BTreeSet<String> = match output("git", &["ls-files"]) {
        Some(files) => {
            files.lines().map(|path| path.split('/').next().unwrap_or(path).to_string()).collect()
        }
        None => fs::read_dir(root())
            .expect("the root")
            .map(|entry| entry.expect("an entry").file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .filter(|name| !["target", "results.json"].contains(&name.as_str()))
            .collect(),
    };
    names.into_iter().filter(|name| !name.starts_with('.')).collect()
}

#[test]
fn the_top_level_is_what_it_should_be() {
    let expected: BTreeSet<String> = TOP_LEVEL.iter().map(ToString::to_string).collect();
    assert_eq!(top_level(), expected);
    for file in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ".ci/run"] {
        assert!(!read(file).trim().is_empty(), "{file} says nothing");
    }
}

#[test]
fn files_fit_a_reader() {
    for file in rust_files() {
        let lines = read(&file).lines().count();
        assert!(lines <= 450, "{file} has {lines} lines");
    }
}

#[test]
fn modules_are_named_after_what_they_do() {
    const EMPTY: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "tools"];
    for file in rust_files() {
        let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
        let found = parts.iter().find(|part| EMPTY.contains(part));
        assert_eq!(found, None, "{file}");
        let found = inline_modules(&read(&file))
            .into_iter()
            .find(|module| EMPTY.contains(&module.as_str()));
        assert_eq!(found, None, "{file}");
    }
}

#[test]
fn unsafe_code_is_where_it_is_said_to_be() {
    let found: Vec<String> = rust_files()
        .into_iter()
        .filter(|file| words(&read(file)).iter().any(|word| word == "unsafe"))
        .collect();
    assert_eq!(found, UNSAFE);
}

/// The sections of a manifest with that head, as their lines.
fn sections<'m>(manifest: &'m str, head: &str) -> Vec<Vec<&'m str>> {
    let mut sections = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == head;
            if inside {
                sections.push(Vec::new());
            }
        } else if inside {
            sections.last_mut().expect("pushed at its head").push(line);
        }
    }
    sections
}

#[test]
fn cargo_bench_runs_benches_only() {
    for package in packages() {
        let manifest = fs::read_to_string(package["manifest_path"].as_str().expect("a path"));
        let manifest = manifest.expect("each package has a manifest");
        let targets = package["targets"].as_array().expect("a list of targets");
        for (kind, head) in [("lib", "[lib]"), ("bin", "[[bin]]")] {
            let there = targets.iter().filter(|target| target["kind"][0] == kind);
            let sections = sections(&manifest, head);
            let kept = sections.iter().filter(|lines| lines.contains(&"bench = false"));
            assert_eq!(there.count(), kept.count(), "{} of {}", head, name(&package));
        }
    }
}

#[test]
fn each_test_file_is_declared_and_says_its_promise() {
    let manifest = read("tests/Cargo.toml");
    let declared = sections(&manifest, "[[test]]");
    let paths: BTreeSet<String> = declared
        .iter()
        .flatten()
        .filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'))
        .map(|path| format!("tests/{path}"))
        .collect();
    let in_folder = |file: &String| file.starts_with("tests/") && file.matches('/').count() == 1;
    let files: BTreeSet<String> = rust_files().into_iter().filter(in_folder).collect();
    assert_eq!(paths, files);
    for file in files {
        assert!(read(&file).starts_with("//! "), "{file} promises nothing");
    }
}

#[test]
fn each_published_crate_carries_the_same_licenses() {
    for license in LICENSES {
        let text = read(license);
        for package in PUBLISHED {
            let folder = package.trim_start_matches("uncopied-");
            assert!(read(format!("{folder}/{license}")) == text, "{folder}/{license}");
        }
    }
}
