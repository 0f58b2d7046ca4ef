//! The commands about memory in trouble: they say in a line what is wrong, and stop or
//! harm nobody.
#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn uncopied(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uncopied"));
    command.args(arguments).stdin(Stdio::null());
    command
}

#[track_caller]
fn assert_failed(output: &Output, status: i32, complaint: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(stderr.contains(complaint), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.stdout.is_empty(), "no table is better than a wrong one");
}

/// A process that is ended when this is dropped.
struct Sleeper(Child);

impl Sleeper {
    fn new(command: &mut Command) -> std::io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map(Self)
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sleeper() -> Sleeper {
    Sleeper::new(Command::new("sleep").arg("60")).expect("every system has sleep")
}

#[test]
fn who_is_gone_is_said_to_be() {
    for command in ["maps", "heap"] {
        let output = uncopied(&[command, "2147483647"]).output().unwrap();
        assert_failed(&output, 1, "there is no process 2147483647");
        assert_failed(&uncopied(&[command, "0"]).output().unwrap(), 2, "0 is not in 1..");
        assert_failed(&uncopied(&[command, "me"]).output().unwrap(), 2, "invalid digit");
    }
    let mut sleeper = sleeper();
    sleeper.0.kill().unwrap();
    // Not waited for, so that its status is left.
    let ended = |output: &Output| String::from_utf8_lossy(&output.stderr).contains("has ended");
    let answers = || uncopied(&["heap", &sleeper.pid()]).output().unwrap();
    let mut left = 200;
    while !ended(&answers()) && left > 0 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        left -= 1;
    }
    assert_failed(&answers(), 1, "(sleep) has ended; only its status is left");
}

#[test]
fn somebody_elses_process_takes_a_capability() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: only root can start processes of two users");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let program = dir.path().join("uncopied");
    fs::copy(env!("CARGO_BIN_EXE_uncopied"), &program).unwrap();
    let sleeper = sleeper();
    for command in ["maps", "heap"] {
        let pid = sleeper.pid();
        let output = Command::new(&program).args([command, &pid]).uid(65534).gid(65534).output();
        let expected = format!("process {pid} is user 0's, and you are user 65534");
        assert_failed(&output.unwrap(), 1, &expected);
        let output = Command::new(&program).args([command, &pid]).uid(65534).gid(65534).output();
        assert_failed(&output.unwrap(), 1, "takes the capability CAP_SYS_PTRACE");
    }
}

/// An executable without a library: it waits, and does nothing else.
fn bare_program(folder: &Path, bits: u8) -> std::path::PathBuf {
    const BASE: u32 = 0x40_0000;
    // pause(2) again and again, as each of the two calls the kernel.
    let code: &[u8] = match bits {
        64 => &[0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7],
        _ => &[0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7],
    };
    let (header, segment) = if bits == 64 { (64, 56) } else { (52, 32) };
    let entry = BASE + header + segment;
    let mut file = vec![0x7f, b'E', b'L', b'F', bits / 32, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let machine = if bits == 64 { 62 } else { 3 };
    file.extend([2, 0, machine, 0, 1, 0, 0, 0]);
    let word = |file: &mut Vec<u8>, value: u32| {
        file.extend(value.to_le_bytes());
        if bits == 64 {
            file.extend([0; 4]);
        }
    };
    for value in [entry, header, 0] {
        word(&mut file, value);
    }
    let sizes = [0_u16, 0, header.try_into().unwrap(), segment.try_into().unwrap(), 1, 0, 0, 0];
    file.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
    let len = entry - BASE + u32::try_from(code.len()).unwrap();
    file.extend(1_u32.to_le_bytes());
    if bits == 64 {
        file.extend(5_u32.to_le_bytes());
        for value in [0, BASE, BASE, len, len, 0x1000] {
            word(&mut file, value);
        }
    } else {
        for value in [0, BASE, BASE, len, len, 5, 0x1000] {
            word(&mut file, value);
        }
    }
    file.extend(code);
    let path = folder.join(format!("bare{bits}"));
    fs::write(&path, file).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
#[cfg(target_arch = "x86_64")]
fn programs_of_other_kinds_are_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let cases = [
        (64, "is linked statically, and its data holds no arena of glibc"),
        (32, "is a 32-bit program; only 64-bit heaps are understood"),
    ];
    for (bits, expected) in cases {
        let Ok(sleeper) = Sleeper::new(&mut Command::new(bare_program(dir.path(), bits))) else {
            eprintln!("skipped: this kernel runs no programs of {bits} bits");
            continue;
        };
        let output = uncopied(&["heap", &sleeper.pid()]).output().unwrap();
        assert_failed(&output, 1, expected);
        let output = uncopied(&["maps", &sleeper.pid()]).output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && stdout.contains("(bare"), "{stdout}");
    }
}

#[test]
fn conditions_and_files_that_make_no_sense_are_named() {
    let sleeper = sleeper();
    let pid = sleeper.pid();
    for (select, why) in [
        ("size", "a comparison such as size>=4096 is missing"),
        ("size>=many", "\"many\" is no number"),
        ("kind==old", "\"old\" is no kind"),
        ("kind<used", "compared by == or !="),
        ("(size>1", "a parenthesis is not closed"),
        ("weight>1", "\"weight\" is not size, address, arena or kind"),
        ("size>1 size>2", "\"size\" was not expected"),
        (&"(".repeat(100_000), "nested too deeply"),
    ] {
        let output = uncopied(&["heap", &pid, "--select", select]).output().unwrap();
        assert_failed(&output, 2, why);
    }
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("saved");
    fs::write(&saved, "[4112,64,\"used\",0]\n[4176,64,\"us").unwrap();
    let saved = saved.to_str().unwrap();
    let output = uncopied(&["heap", &pid, "--diff", saved]).output().unwrap();
    assert_failed(&output, 1, "saved: line 2 is no chunk of a saved heap");
    let output = uncopied(&["heap", &pid, "--label", "/no/such/dir/x"]).output().unwrap();
    assert_failed(&output, 1, "cannot write /no/such/dir/x: No such file");
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    assert!(status.contains("State:\tS") && status.contains("TracerPid:\t0"), "{status}");
}

#[test]
fn snapshots_that_are_broken_are_named_with_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("objects.json");
    let line = "{\"address\":1,\"type\":\"a\",\"size\":2,\"refs\":[]}\n";
    fs::write(&file, format!("{line}{}", &line[..20])).unwrap();
    let path = file.to_str().unwrap();
    for command in ["summary", "dominators", "pinners"] {
        let output = uncopied(&["memory", command, path]).output().unwrap();
        assert_failed(&output, 1, "objects.json: line 2 is no object of a snapshot: EOF while");
    }
    let output = uncopied(&["memory", "diff", path, path]).output().unwrap();
    assert_failed(&output, 1, "objects.json: line 2 ");
    let output = uncopied(&["memory", "summary", "/no/such/file"]).output().unwrap();
    assert_failed(&output, 1, "/no/such/file: No such file");
    fs::write(&file, line).unwrap();
    let output = uncopied(&["memory", "pinners", path, "--of", "0x2"]).output().unwrap();
    assert_failed(&output, 1, "objects.json: nothing is at 2");
    let output = uncopied(&["memory", "summary", path]).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.starts_with("1 objects of 1 kinds, 2 bytes\n"), "{stdout}");
}

#[test]
fn a_command_that_cannot_be_drawn_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("<&>.svg");
    let out = out.to_str().unwrap();
    let plot = |rest: &[&str]| uncopied(&["memory", "plot"]).args(rest).output().unwrap();
    assert_failed(&plot(&["--out", out, "--", "/no/such"]), 1, "cannot start /no/such: No such");
    assert_failed(&plot(&["--out", "/no/dir/x", "--", "true"]), 1, "cannot write /no/dir/x: ");
    assert_failed(&plot(&["--out", out, "--", "false"]), 1, "false: exit status: 1");
    let output = plot(&["--out", out, "--every", "1", "--", "sleep", "0.1"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.contains(" looks, most memory "), "{stderr}");
    assert!(fs::read_to_string(out).unwrap().contains("sleep: resident MiB over seconds"));
}

#[test]
fn a_narrow_terminal_gets_lines_that_fit() {
    let sleeper = sleeper();
    for command in ["maps", "heap"] {
        let output = uncopied(&[command, &sleeper.pid()]).env("COLUMNS", "20").output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success());
        // A sentence may be folded by the terminal, a table may not.
        assert!(!stdout.contains('|'), "{stdout}");
        assert!(stdout.contains("kind: "), "{stdout}");
    }
}

#[test]
fn each_command_shows_how_it_is_called() {
    let names =
        ["sizes", "growth", "slots", "summary", "diff", "dominators", "pinners", "dumper", "plot"];
    let memory = names.map(|name| ["memory", name]);
    let memory = memory.iter().map(|command| &command[..]);
    for command in memory.chain([&["maps"][..], &["heap"]]) {
        let output = uncopied(command).arg("--help").output().unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let example = format!("\n  uncopied {}", command.join(" "));
        assert!(output.status.success() && stdout.contains(&example), "{stdout}");
    }
}
