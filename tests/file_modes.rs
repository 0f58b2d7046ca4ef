//! What each mode of a file range promises when the file changes under it, and that
//! it promises no more.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use netsend::testing::{Answer, Scripted};
use netsend::{
    Event, FileMode, FileRange, Policy, SendError, SendErrorKind, SendQueue, SendReport, blocking,
    drive, drive_observed,
};
use oracles::content::{file_of, pattern};
use oracles::sockets::{Kind, collect, pair};

const LEN: u64 = 10_000;

fn queue_of(file: &Arc<File>, mode: FileMode) -> SendQueue<'static> {
    let range = FileRange::new(Arc::clone(file), 0..LEN).with_mode(mode).unwrap();
    assert_eq!(range.mode(), mode);
    let mut queue = SendQueue::new();
    queue.push(range);
    queue.end_message();
    queue
}

/// Lets the clock that stamps files tick.
fn tick() {
    thread::sleep(Duration::from_millis(30));
}

/// Changes the content and nothing else.
fn overwrite(file: &File) {
    tick();
    file.write_all_at(b"other bytes", 3000).unwrap();
}

fn append(file: &File) {
    tick();
    let mut file = file;
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"more").unwrap();
}

#[test]
fn a_change_before_the_send_ends_it_before_the_first_byte() {
    for change in [overwrite, append] {
        for files_served in [0, usize::MAX] {
            let file = file_of(&pattern(10_000, 30));
            let mut queue = queue_of(&file, FileMode::CheckUnchanged);
            change(&file);
            let mut transport = Scripted::new([]).refusing_files(files_served);
            let error = drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
            assert_eq!((error.kind(), error.sent()), (SendErrorKind::FileChanged, 0));
            assert_eq!((transport.taken.len(), queue.pending()), (0, LEN));
            assert!(error.to_string().starts_with("the file has changed since"), "{error}");
        }
    }
}

#[test]
fn an_unchanged_file_is_sent_as_it_is() {
    for mode in [FileMode::Live, FileMode::CheckUnchanged, FileMode::Copy] {
        let bytes = pattern(10_000, 31);
        let file = file_of(&bytes);
        let mut queue = queue_of(&file, mode);
        tick();
        let mut transport = Scripted::new([Answer::Take(100), Answer::Take(1)]);
        let report = drive(&mut transport, &mut queue, &Policy::default()).unwrap();
        assert!(transport.taken == bytes);
        let by_scratch = if mode == FileMode::Copy { LEN } else { 0 };
        assert_eq!((report.by_scratch, report.by_sendfile), (by_scratch, LEN - by_scratch));
    }
}

/// Sends, with a change after the first call.
fn changed_under_way(
    mode: FileMode,
    change: fn(&File),
    first: usize,
) -> (Result<SendReport, SendError>, Vec<u8>) {
    let file = file_of(&pattern(10_000, 32));
    let mut queue = queue_of(&file, mode);
    let mut transport = Scripted::new([Answer::Take(first)]);
    let mut changed = false;
    let mut watch = |event: &Event<'_>| {
        if matches!(event, Event::Call { .. }) && !changed {
            changed = true;
            change(&file);
        }
    };
    let result = drive_observed(&mut transport, &mut queue, &Policy::default(), &mut watch);
    let sent = result.as_ref().map_or_else(SendError::sent, |report| report.accepted);
    assert_eq!((queue.offset(), transport.taken.len() as u64), (sent, sent));
    (result, transport.taken)
}

#[test]
fn a_change_under_way_is_told_with_the_exact_count() {
    for change in [overwrite, append] {
        for first in [1000, 10_000] {
            let (result, _) = changed_under_way(FileMode::CheckUnchanged, change, first);
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (SendErrorKind::FileChanged, first as u64));
        }
    }
}

#[test]
fn a_live_file_is_sent_as_it_is_now() {
    // What `Live` does not promise: these bytes are of two states of the file.
    let (result, sent) = changed_under_way(FileMode::Live, overwrite, 1000);
    result.unwrap();
    assert_eq!(&sent[3000..3011], b"other bytes");
    let (result, sent) = changed_under_way(FileMode::Live, append, 1000);
    result.unwrap();
    assert!(sent == pattern(10_000, 32), "what was appended is not in the range");
}

#[test]
fn a_copied_piece_is_settled_when_it_is_read() {
    let (result, sent) = changed_under_way(FileMode::Copy, overwrite, 1000);
    assert_eq!(result.unwrap().file_reads, 1);
    assert!(sent == pattern(10_000, 32), "the change came after the read");
}

#[test]
fn a_file_that_is_replaced_is_sent_as_it_was() {
    for mode in [FileMode::Live, FileMode::CheckUnchanged] {
        let folder = tempfile::tempdir().unwrap();
        let (path, next) = (folder.path().join("file"), folder.path().join("next"));
        fs::write(&path, pattern(10_000, 33)).unwrap();
        fs::write(&next, pattern(10_000, 34)).unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        let mut queue = queue_of(&file, mode);
        tick();
        fs::rename(&next, &path).unwrap();
        let mut transport = Scripted::new([]);
        drive(&mut transport, &mut queue, &Policy::default()).unwrap();
        assert!(transport.taken == pattern(10_000, 33), "the open file is still the old one");
    }
}

#[test]
fn a_file_that_shrinks_under_way_ends_each_mode() {
    let shrink = |file: &File| file.set_len(5000).unwrap();
    for (mode, kind, sent) in [
        (FileMode::Live, SendErrorKind::FileShrank, 5000),
        (FileMode::CheckUnchanged, SendErrorKind::FileChanged, 1000),
    ] {
        let (result, _) = changed_under_way(mode, shrink, 1000);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (kind, sent), "{mode:?}");
    }
}

#[test]
fn real_sockets_keep_the_same_promises() {
    for mode in [FileMode::Live, FileMode::CheckUnchanged, FileMode::Copy] {
        let bytes = pattern(10_000, 35);
        let file = file_of(&bytes);
        let mut queue = queue_of(&file, mode);
        let (socket, peer) = pair(Kind::Tcp);
        let collected = collect(peer);
        let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
        drop(socket);
        assert!(collected.join().unwrap() == bytes);
        assert_eq!(report.by_scratch, if mode == FileMode::Copy { LEN } else { 0 });
    }
}
