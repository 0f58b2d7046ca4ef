//! What a client asks for.

use httparse::{EMPTY_HEADER, Header};

use crate::answer::Status;

/// A request, as far as a file server looks at it.
#[derive(Debug)]
pub(crate) struct Request {
    /// Whether the head alone is wanted.
    pub(crate) head_only: bool,
    /// The path, decoded, without the query, relative to the root.
    pub(crate) path: Vec<u8>,
    pub(crate) range: Option<String>,
    pub(crate) if_range: Option<String>,
    pub(crate) if_modified_since: Option<String>,
    pub(crate) keep_alive: bool,
}

/// What the bytes so far are.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// A whole head, of that length.
    Whole(Request, usize),
    /// Not all of one.
    Partial,
    /// Something that is not served; the connection ends with the answer.
    Refused(Status),
}

/// Parses the head of a request.
pub(crate) fn parse(bytes: &[u8]) -> Parsed {
    let mut headers = [EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let len = match request.parse(bytes) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Parsed::Partial,
        Err(_) => return Parsed::Refused(Status::BadRequest),
    };
    match understand(&request) {
        Ok(request) => Parsed::Whole(request, len),
        Err(status) => Parsed::Refused(status),
    }
}

fn understand(request: &httparse::Request<'_, '_>) -> Result<Request, Status> {
    let header = |name| find(request.headers, name);
    let head_only = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err(Status::MethodNotAllowed),
    };
    // A body would be taken for the next request.
    let has_body = header("content-length").is_some_and(|len| len.trim() != "0")
        || header("transfer-encoding").is_some();
    if has_body {
        return Err(Status::BadRequest);
    }
    let connection = header("connection").unwrap_or_default().to_ascii_lowercase();
    let keep_alive = match request.version {
        Some(1) => !connection.contains("close"),
        _ => connection.contains("keep-alive"),
    };
    Ok(Request {
        head_only,
        path: path(request.path.unwrap_or_default())?,
        range: header("range"),
        if_range: header("if-range"),
        if_modified_since: header("if-modified-since"),
        keep_alive,
    })
}

fn find(headers: &[Header<'_>], name: &str) -> Option<String> {
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    String::from_utf8(found.value.to_vec()).ok()
}

/// The path beneath the root. What it may reach is not decided here: the kernel
/// resolves it.
fn path(target: &str) -> Result<Vec<u8>, Status> {
    let target = target.split(['?', '#']).next().unwrap_or_default();
    if !target.starts_with('/') {
        return Err(Status::BadRequest);
    }
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(target).collect();
    if decoded.contains(&0) {
        return Err(Status::BadRequest);
    }
    let start = decoded.iter().position(|&byte| byte != b'/').unwrap_or(decoded.len());
    Ok(decoded[start..].to_vec())
}
