//! A process that plays a part and then stands still, to be looked at.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// A child that has played its part and waits. It is ended when this is dropped.
pub struct Player {
    child: Child,
    said: Vec<String>,
    out: BufReader<ChildStdout>,
}

impl Player {
    /// Runs one of this file's tests again, in a process that is told its part; until it
    /// calls [`hold`].
    ///
    /// # Panics
    ///
    /// If it ends before that.
    #[must_use]
    pub fn test(name: &str, part: &str) -> Self {
        let mut command = Command::new(env::current_exe().expect("this test is a file"));
        command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env("PART", part);
        Self::command(command)
    }

    /// Runs a program until it prints `ready`.
    ///
    /// # Panics
    ///
    /// If it ends before that.
    #[must_use]
    pub fn command(mut command: Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the program can be started");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut player = Self { child, said: Vec::new(), out };
        player.listen();
        player
    }

    /// Its process.
    ///
    /// # Panics
    ///
    /// Never: process numbers are far below the limit.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.id().try_into().expect("process numbers are small")
    }

    /// The lines that it has printed.
    #[must_use]
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// The rest of the line that begins with that word.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn line(&self, word: &str) -> &str {
        let mut lines = self.said.iter().rev();
        lines.find_map(|line| line.strip_prefix(word)?.strip_prefix(' ')).expect("it said so")
    }

    /// Lets it go on after a [`hold`], until the next one.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn go_on(&mut self) {
        let stdin = self.child.stdin.as_mut().expect("it is piped");
        stdin.write_all(b"!").expect("it waits for this");
        self.listen();
    }

    fn listen(&mut self) {
        loop {
            let mut line = String::new();
            let read = self.out.read_line(&mut line).expect("it prints text");
            assert_ne!(read, 0, "it ended early: {:?}", self.said);
            // The test harness prints its own words without ending the line.
            let line = line.trim_end();
            if line.ends_with("ready") {
                return;
            }
            self.said.push(line.to_owned());
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The part that this process was told to play.
#[must_use]
pub fn part() -> Option<String> {
    env::var("PART").ok()
}

/// Says `ready` and stands still until it is told to go on. Allocates nothing, after the
/// first time.
///
/// # Panics
///
/// If nobody listens.
pub fn hold() {
    static IN: OnceLock<File> = OnceLock::new();
    println!("ready");
    let mut byte = [0];
    // Unbuffered, so that nothing is allocated here.
    let input = IN.get_or_init(|| File::open("/dev/stdin").expect("it is piped"));
    let mut input: &File = input;
    assert_eq!(input.read(&mut byte).expect("somebody listens"), 1, "whoever listened is gone");
}

/// The newest CPython that is found, with its minor version; `None` if there is none.
#[must_use]
pub fn python() -> Option<(PathBuf, u32)> {
    let output = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable, sys.version_info[1])"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (path, minor) = text.trim().rsplit_once(' ')?;
    Some((path.into(), minor.parse().ok()?))
}
