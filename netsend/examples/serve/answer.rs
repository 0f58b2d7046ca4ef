//! What a client gets.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, SystemTime};

use netsend::{FileRange, SendQueue};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

use crate::request::Request;

/// The answers that have no file in them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Status {
    NotModified,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    RangeNotSatisfiable,
    HeadTooLarge,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::NotModified => "304 Not Modified",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::RangeNotSatisfiable => "416 Range Not Satisfiable",
            Self::HeadTooLarge => "431 Request Header Fields Too Large",
        }
    }
}

/// Puts the answer to a request into the queue: a header, and a range of a file.
pub(crate) fn push(queue: &mut SendQueue<'_>, root: &File, request: &Request, keep_alive: bool) {
    let Ok((file, metadata)) = open(root, &request.path) else {
        return push_status(queue, Status::NotFound, "", request.head_only, keep_alive);
    };
    let (len, modified) = (metadata.len(), modified(&metadata));
    if is_unmodified(request, modified) {
        return push_status(queue, Status::NotModified, "", true, keep_alive);
    }
    let stamp = httpdate::fmt_http_date(modified);
    let mut header = String::with_capacity(300);
    let range = match wanted(request, len, &stamp) {
        Wanted::All => {
            header.push_str("HTTP/1.1 200 OK\r\n");
            0..len
        }
        Wanted::Part(start, last) => {
            header.push_str("HTTP/1.1 206 Partial Content\r\n");
            let _ = write!(header, "Content-Range: bytes {start}-{last}/{len}\r\n");
            start..last + 1
        }
        Wanted::Impossible => {
            let line = format!("Content-Range: bytes */{len}\r\n");
            let status = Status::RangeNotSatisfiable;
            return push_status(queue, status, &line, request.head_only, keep_alive);
        }
    };
    let (body_len, kind) = (range.end - range.start, media_type(&request.path));
    let _ = write!(
        header,
        "Content-Length: {body_len}\r\nContent-Type: {kind}\r\nAccept-Ranges: bytes\r\n\
         Last-Modified: {stamp}\r\n"
    );
    end_header(&mut header, keep_alive);
    queue.push(header);
    if !request.head_only {
        queue.push(FileRange::new(file, range));
    }
    queue.end_message();
}

/// Puts an answer into the queue after which the connection is closed.
pub(crate) fn push_refusal(queue: &mut SendQueue<'_>, status: Status) {
    push_status(queue, status, "", false, false);
}

fn push_status(
    queue: &mut SendQueue<'_>,
    status: Status,
    line: &str,
    head_only: bool,
    keep_alive: bool,
) {
    let text = status.line();
    let mut header = format!("HTTP/1.1 {text}\r\n{line}");
    if matches!(status, Status::MethodNotAllowed) {
        header.push_str("Allow: GET, HEAD\r\n");
    }
    if !matches!(status, Status::NotModified) {
        let _ = write!(header, "Content-Type: text/plain\r\nContent-Length: {}\r\n", text.len());
    }
    end_header(&mut header, keep_alive);
    if !head_only {
        header.push_str(text);
    }
    queue.push(header);
    queue.end_message();
}

fn end_header(header: &mut String, keep_alive: bool) {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let _ = write!(header, "Date: {date}\r\nConnection: {connection}\r\n\r\n");
}

/// Opens a regular file beneath the root, or a directory's `index.html`. The kernel
/// refuses whatever leads out, by `..` or by a symbolic link, also one that is put there
/// meanwhile.
fn open(root: &File, path: &[u8]) -> io::Result<(File, Metadata)> {
    let path = if path.is_empty() { b"." } else { path };
    let (file, metadata) = open_beneath(root, path)?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    if metadata.is_dir() {
        let (file, metadata) = open_beneath(&file, b"index.html")?;
        if metadata.is_file() {
            return Ok((file, metadata));
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

fn open_beneath(root: &File, path: &[u8]) -> io::Result<(File, Metadata)> {
    // Without NONBLOCK, a FIFO would hold the thread until somebody writes to it.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let path = OsStr::from_bytes(path);
    let file = File::from(openat2(root, path, flags, Mode::empty(), resolve)?);
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// The time of modification in whole seconds, as HTTP tells it.
fn modified(metadata: &Metadata) -> SystemTime {
    let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

fn is_unmodified(request: &Request, modified: SystemTime) -> bool {
    let since = request.if_modified_since.as_deref();
    let since = since.and_then(|date| httpdate::parse_http_date(date).ok());
    since.is_some_and(|since| modified <= since)
}

enum Wanted {
    All,
    /// From the first to the last byte of a part.
    Part(u64, u64),
    Impossible,
}

/// Several ranges at once, and what is no range at all, get the whole file, as RFC 9110
/// allows.
fn wanted(request: &Request, len: u64, stamp: &str) -> Wanted {
    let same = request.if_range.as_deref().is_none_or(|condition| condition == stamp);
    let range = request.range.as_deref().filter(|_| same);
    let Some(Ok(ranges)) = range.map(http_range_header::parse_range_header) else {
        return Wanted::All;
    };
    match ranges.validate(len).as_deref() {
        Ok([one]) => Wanted::Part(*one.start(), *one.end()),
        Ok(_) => Wanted::All,
        Err(_) => Wanted::Impossible,
    }
}

fn media_type(path: &[u8]) -> &'static str {
    match path.rsplit(|&byte| byte == b'.').next().unwrap_or_default() {
        b"html" => "text/html; charset=utf-8",
        b"css" => "text/css; charset=utf-8",
        b"js" => "text/javascript; charset=utf-8",
        b"json" => "application/json",
        b"txt" | b"md" => "text/plain; charset=utf-8",
        b"png" => "image/png",
        b"jpg" | b"jpeg" => "image/jpeg",
        b"svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
