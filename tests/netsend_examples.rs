//! The examples of `netsend` run offline, print their counts, and the file server
//! serves what it should and nothing else.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use oracles::content::pattern;
use tempfile::TempDir;

/// The folder of the built examples; built once for all tests here.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--offline", "--package=uncopied-netsend", "--features=tokio"])
        .arg("--examples")
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // This test stands in `deps`, beside `examples`.
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().with_file_name("examples")
});

fn run(example: &str) -> String {
    let Output { status, stdout, stderr } = Command::new(EXAMPLES.join(example)).output().unwrap();
    assert!(status.success(), "{example}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[test]
fn each_step_runs_and_prints_its_counts() {
    for (example, counts) in [
        ("s1_copied_remainder", "8388608 bytes received"),
        ("s2_cursor", "8388621 bytes received, 0 bytes copied"),
        ("s3_vectored", "90045 bytes received, 0 bytes copied"),
        ("s4_file_range", "8388608 by sendfile, 13 bytes copied by the sender's kernel"),
        ("s5_clocks", "the peer took no byte for too long"),
        ("s6_nonblocking", "20 connections"),
        ("s7_tokio", "8388608 bytes received"),
        ("s8_window", "32000 bytes received, 0 bytes copied"),
    ] {
        let printed = run(example);
        assert!(printed.contains(counts), "{example}: {printed}");
    }
    assert!(run("s3_vectored").contains("send offers 90045 bytes in 9 slices"), "the trace");
    let window = run("s8_window");
    assert!(window.contains("send offers 32000 bytes in 16 slices"), "{window}");
    assert!(window.contains("32000 bytes would have been copied"), "the control: {window}");
}

/// A running server over a folder of its own.
struct Server {
    process: Child,
    address: String,
    folder: TempDir,
    secret: PathBuf,
}

const LEN: usize = 100_000;

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, secret) = (folder.path().join("root"), folder.path().join("secret"));
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(root.join("file.bin"), pattern(LEN, 1)).unwrap();
        fs::write(root.join("index.html"), "the index").unwrap();
        fs::write(root.join("sub/with space.txt"), "spaced").unwrap();
        fs::write(&secret, "not to be served").unwrap();
        symlink(&secret, root.join("way-out")).unwrap();
        symlink("file.bin", root.join("way-within")).unwrap();
        let mut process = Command::new(EXAMPLES.join("serve"))
            .args(["--port", "0", "--root"])
            .arg(&root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().to_string();
        Self { process, address, folder, secret }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// The head and the body of the answer to one request.
    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut socket = self.connect();
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        let body = answer.split_off(end);
        (String::from_utf8(answer).unwrap(), body)
    }

    fn get(&self, path: &str, headers: &str) -> (String, Vec<u8>) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n"))
    }

    fn stop(&mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[test]
fn files_come_whole_in_parts_and_as_heads_alone() {
    let (server, bytes) = (Server::start(), pattern(LEN, 1));
    let (head, body) = server.get("/file.bin", "");
    assert!(head.starts_with("HTTP/1.1 200 ") && body == bytes, "{head}");
    for path in ["/way-within", "/sub/../file.bin", "//file.bin", "/file.bin?query"] {
        assert!(server.get(path, "").1 == bytes, "{path}");
    }
    assert_eq!(server.get("/", "").1, b"the index");
    assert_eq!(server.get("/sub/with%20space.txt", "").1, b"spaced");

    let (head, body) = server.ask("HEAD /file.bin HTTP/1.0\r\n\r\n");
    assert!(head.contains("Content-Length: 100000\r\n") && body.is_empty(), "{head}");

    for (range, part) in
        [("0-9", 0..10), ("99990-", 99_990..LEN), ("-7", LEN - 7..LEN), ("5-200000", 5..LEN)]
    {
        let (head, body) = server.get("/file.bin", &format!("Range: bytes={range}\r\n"));
        assert_eq!(status(&head), "206", "{range}: {head}");
        let told = format!("Content-Range: bytes {}-{}/100000\r\n", part.start, part.end - 1);
        assert!(head.contains(&told) && body == bytes[part], "{range}: {head}");
    }
    let (head, _) = server.get("/file.bin", "Range: bytes=100000-\r\n");
    assert!(status(&head) == "416" && head.contains("bytes */100000"), "{head}");
    let (head, body) = server.get("/file.bin", "Range: lines=1-2\r\n");
    assert!(status(&head) == "200" && body.len() == LEN, "{head}");

    let modified = head.lines().find_map(|line| line.strip_prefix("Last-Modified: ")).unwrap();
    let (head, body) = server.get("/file.bin", &format!("If-Modified-Since: {modified}\r\n"));
    assert!(status(&head) == "304" && body.is_empty(), "{head}");
    let old = "If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\nRange: bytes=0-9\r\n";
    assert_eq!(status(&server.get("/file.bin", old).0), "200");
}

#[test]
fn nothing_outside_the_root_is_served() {
    let server = Server::start();
    fs::write(&server.secret, "not to be served").unwrap();
    for path in [
        "/../secret",
        "/sub/../../secret",
        "/%2e%2e/secret",
        "/sub/%2e%2e/%2e%2e/secret",
        "/..%2fsecret",
        "/way-out",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/nowhere",
        "/sub",
    ] {
        let (head, body) = server.get(path, "");
        assert_eq!((status(&head), &body[..]), ("404", &b"404 Not Found"[..]), "{path}");
    }
    for path in ["/file.bin%00", "/%00", "file.bin", "http://elsewhere/"] {
        assert_eq!(status(&server.get(path, "").0), "400", "{path}");
    }
    assert!(Command::new("mkfifo").arg(server.folder.path().join("root/fifo")).status().is_ok());
    assert_eq!(status(&server.get("/fifo", "").0), "404", "and nobody waits for a writer");
}

#[test]
fn what_is_no_request_is_refused() {
    let server = Server::start();
    assert_eq!(status(&server.ask("POST / HTTP/1.1\r\n\r\n").0), "405");
    assert_eq!(status(&server.ask("nonsense\r\n\r\n").0), "400");
    assert_eq!(status(&server.ask("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345").0), "400");
    let long = format!("GET / HTTP/1.1\r\nLong: {}", "x".repeat(8 << 10));
    let (head, _) = server.ask(&long[..8 << 10]);
    assert_eq!(status(&head), "431");
}

#[test]
fn one_connection_serves_many_requests_and_stops_in_order() {
    let mut server = Server::start();
    let mut socket = server.connect();
    let request = "GET /file.bin HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.write_all(request.repeat(3).as_bytes()).unwrap();
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    for _ in 0..3 {
        let mut len = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                len = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; len];
        reader.read_exact(&mut body).unwrap();
        assert!(body == pattern(LEN, 1));
    }
    server.stop();
    assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the idle connection is closed");
    assert!(server.process.wait().unwrap().success());
}

/// The memory that the process holds, in KiB.
fn resident(process: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn a_thousand_clients_that_do_not_read_take_little_memory() {
    let server = Server::start();
    let file = fs::File::create(server.folder.path().join("root/large")).unwrap();
    file.set_len(64 << 20).unwrap();
    server.get("/file.bin", "");
    let before = resident(&server.process);
    let mut clients = Vec::new();
    for _ in 0..1000 {
        let Ok(mut client) = TcpStream::connect(&server.address) else {
            eprintln!("skipped: this system does not allow a thousand connections");
            return;
        };
        client.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        clients.push(client);
    }
    for client in &mut clients {
        client.read_exact(&mut [0; 100]).unwrap();
    }
    let grown = resident(&server.process).saturating_sub(before);
    assert!(grown < 40 << 10, "{grown} KiB for a thousand clients");
    assert_eq!(server.get("/file.bin", "").1.len(), LEN, "and others are served");
}

fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: there is no {program} here");
    }
    there
}

fn curl(server: &Server, args: &[&str], to: &Path) -> String {
    let url = format!("http://{}/file.bin", server.address);
    let output =
        Command::new("curl").args(["-sS", "-o"]).arg(to).args(args).arg(url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn curl_gets_files_and_parts() {
    if !is_there("curl") {
        return;
    }
    let (server, bytes) = (Server::start(), pattern(LEN, 1));
    let to = server.folder.path().join("got");
    assert_eq!(curl(&server, &["-w", "%{http_code}"], &to), "200");
    assert!(fs::read(&to).unwrap() == bytes);
    assert_eq!(curl(&server, &["-w", "%{http_code}", "-r", "10-19"], &to), "206");
    assert_eq!(fs::read(&to).unwrap(), bytes[10..20]);
    // A download that was broken off goes on.
    fs::write(&to, &bytes[..5000]).unwrap();
    curl(&server, &["-C", "-"], &to);
    assert!(fs::read(&to).unwrap() == bytes);
}

#[test]
fn wrk_finds_no_error() {
    if !is_there("wrk") {
        return;
    }
    let server = Server::start();
    let url = format!("http://{}/file.bin", server.address);
    let output = Command::new("wrk").args(["-t1", "-c10", "-d1s", &url]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("requests in"), "{said}");
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{said}");
}
