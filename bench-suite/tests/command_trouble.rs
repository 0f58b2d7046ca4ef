//! The built `uncopied` command in trouble: inputs that change, disks that are
//! full, signals. It says in a line or two what is wrong, and leaves nothing.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn uncopied(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uncopied"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A failed run: status 1, a few lines, no panic.
#[track_caller]
fn assert_failed(output: &Output, complaint: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(complaint), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(stderr.lines().count() <= 2, "{stderr}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is text")
}

/// Starts a run over `path` and waits until it has begun.
fn begun(path: &Path, only: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = uncopied(&["--only", only, "--runs", "200", "--file", text(path)])
        .spawn()
        .expect("the command can be started");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    while !line.starts_with(only) {
        line.clear();
        assert_ne!(out.read_line(&mut line).expect("it prints text"), 0, "it ended too early");
    }
    (child, out)
}

fn finish(child: Child, mut out: impl Read) -> Output {
    let mut stdout = Vec::new();
    out.read_to_end(&mut stdout).expect("its output can be read");
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_fifo_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let output = uncopied(&["--file", text(&fifo)]).output().unwrap();
    assert_failed(&output, "is no regular file");
}

#[test]
fn a_file_without_permission_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let secret = dir.path().join("secret");
    fs::write(&secret, "x").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o000)).unwrap();
    let mut command = uncopied(&["--file", text(&secret)]);
    if nix::unistd::geteuid().is_root() {
        // Nothing is secret to root, so somebody else has to ask; the copy of
        // the program is for the case that only root can reach the original.
        let program = dir.path().join("uncopied");
        fs::copy(env!("CARGO_BIN_EXE_uncopied"), &program).unwrap();
        command = Command::new(program);
        command.args(["--file", text(&secret)]).uid(65534).gid(65534);
    }
    assert_failed(&command.output().unwrap(), "secret: Permission denied");
}

#[test]
fn a_file_that_grows_or_shrinks_meanwhile_is_named_as_the_cause() {
    let dir = tempfile::tempdir().unwrap();
    for (only, size) in [("pipeline", 100), ("pipeline", 9 << 20), ("read", 9 << 20)] {
        let path = dir.path().join("changing");
        fs::write(&path, "a line of a log\n".repeat(1 << 18)).unwrap();
        let (child, out) = begun(&path, only);
        OpenOptions::new().write(true).open(&path).unwrap().set_len(size).unwrap();
        let output = finish(child, out);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let last = stderr.lines().last().unwrap();
        assert!(last.contains("changed from 4,194,304 to "), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}

#[test]
fn a_disk_without_room_is_named() {
    let output =
        uncopied(&["--only", "send", "--runs", "1", "--json", "/dev/full"]).output().unwrap();
    assert_failed(&output, "cannot write /dev/full: No space left");

    let output = uncopied(&["--only", "read", "--size", "1000000TiB"]).output().unwrap();
    assert_failed(&output, " bytes are free; try a smaller --size or another TMPDIR");

    let dir = tempfile::tempdir().unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs", text(dir.path())])
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mounting a small file system needs rights that are not there");
        return;
    }
    let output = uncopied(&["--only", "read", "--size", "8MiB"]).env("TMPDIR", dir.path()).output();
    let left = fs::read_dir(dir.path()).unwrap().count();
    let unmounted = Command::new("umount").arg(dir.path()).status();
    assert_failed(&output.unwrap(), "cannot make a log file of 8,388,608 bytes");
    assert_eq!(left, 0);
    assert!(unmounted.is_ok_and(|status| status.success()));
}

#[test]
fn a_receiver_that_is_gone_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let arguments = ["run-as-child", "--job", "send", "--contender", "queue", "--size", "10"];
    let output = uncopied(&arguments).args(["--connect", &closed.to_string()]).output().unwrap();
    assert_failed(&output, "cannot connect to the receiver at 127.0.0.1:");
}

#[test]
fn signals_end_it_and_nothing_is_left_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = uncopied(&["--only", "pipeline", "--size", "64MiB", "--runs", "1000"])
            .env("TMPDIR", dir.path())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // The line about the pipeline comes when its file is there.
        let mut line = String::new();
        while !line.starts_with("pipeline") {
            line.clear();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended before it began");
        }
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        // The pipe closes when the last process that has it is gone: whoever
        // sends for the command notices that the receiver is no more.
        out.read_to_end(&mut Vec::new()).unwrap();
        assert!(!child.wait().unwrap().success());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_page_is_one_file_that_needs_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.html");
    let mut log = File::create(dir.path().join("log<b>")).unwrap();
    log.write_all(b"INFO one\r\nERROR two\r\n").unwrap();
    let log = dir.path().join("log<b>");
    let arguments = ["--only", "read", "--runs", "2", "--file", text(&log), "--html", text(&page)];
    let output = uncopied(&arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.contains("(bufread-lines is left out: it reads UTF-8"), "{stdout}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<table>").count(), 1);
    assert_eq!(page.matches("<svg ").count(), 1);
    assert!(page.matches("<rect ").count() >= 8);
    for outside in ["http:", "https:", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
}

#[test]
fn what_is_not_a_terminal_gets_plain_lines() {
    let output = uncopied(&["--only", "read", "--size", "1MiB", "--runs", "1"]).output().unwrap();
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.stdout.contains(&0x1b), "no colours, no cursor movements");
}
