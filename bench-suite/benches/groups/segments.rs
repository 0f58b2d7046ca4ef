//! Many small segments: in place, copied together, or one call each.

use std::io::{self, IoSlice, Write};
use std::sync::Arc;

use buffers::SharedBuf;
use netsend::{Policy, SendQueue, blocking};
use socket2::Socket;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::{hyper_queue, payload};
use crate::lane::{Contender, DISCARD};
use crate::{Plan, race};

const MANY: usize = 4000;

type Segments = Arc<Vec<SharedBuf>>;

fn cut(content: &SharedBuf, len: usize) -> Segments {
    Arc::new((0..content.len() / len).map(|i| content.slice(i * len..(i + 1) * len)).collect())
}

/// One queue for all turns, as a connection keeps it, so that its memory is warm.
fn by_queue(name: &'static str, segments: &Segments, coalesce_below: usize) -> Contender {
    // What lives as long as the program can be borrowed by a queue that does.
    let segments: &'static [SharedBuf] = Box::leak(segments.to_vec().into_boxed_slice());
    let mut queue = SendQueue::new();
    Contender::new(name, move |socket| {
        for segment in segments {
            queue.push(&segment[..]);
        }
        let policy = Policy { coalesce_below, ..Policy::DEFAULT };
        blocking::drain(socket, &mut queue, &policy)?;
        Ok(())
    })
}

fn by_write_each(segments: &[SharedBuf], mut socket: &Socket) -> io::Result<()> {
    segments.iter().try_for_each(|segment| socket.write_all(segment))
}

fn by_concat(segments: &[SharedBuf], mut socket: &Socket) -> io::Result<()> {
    let mut all = Vec::with_capacity(segments.iter().map(SharedBuf::len).sum());
    for segment in segments {
        all.extend_from_slice(segment);
    }
    socket.write_all(&all)
}

fn by_writev(segments: &[SharedBuf], mut socket: &Socket) -> io::Result<()> {
    let mut slices: Vec<_> = segments.iter().map(|segment| IoSlice::new(segment)).collect();
    let mut left = &mut slices[..];
    while !left.is_empty() {
        let most = left.len().min(1024);
        match socket.write_vectored(&left[..most])? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            n => IoSlice::advance_slices(&mut left, n),
        }
    }
    Ok(())
}

fn contender(
    name: &'static str,
    segments: &Segments,
    send: impl Fn(&[SharedBuf], &Socket) -> io::Result<()> + 'static,
) -> Contender {
    let segments = Arc::clone(segments);
    Contender::new(name, move |socket| send(&segments, socket))
}

/// tokio's own queue: a `BufWriter` of 8 KiB.
fn by_tokio(segments: &Segments) -> Contender {
    let segments = Arc::clone(segments);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    Contender::new("tokio BufWriter", move |socket| {
        socket.set_nonblocking(true)?;
        let stream = std::net::TcpStream::from(socket.try_clone()?);
        let sent: io::Result<()> = runtime.block_on(async {
            let mut writer = BufWriter::new(tokio::net::TcpStream::from_std(stream)?);
            for segment in segments.iter() {
                writer.write_all(segment).await?;
            }
            writer.flush().await
        });
        sent
    })
}

fn group(plan: Plan, name: &str, count: usize, len: usize) {
    // Each begins with the head that hyper makes, so that all send the same bytes.
    let body = SharedBuf::from(payload(count * len));
    let pieces = cut(&body, len);
    let head = SharedBuf::from(hyper_queue::head_of(&pieces));
    let content = [&head[..], &body].concat();
    let segments: Segments = Arc::new([&[head], &pieces[..]].concat());
    let default = Policy::DEFAULT.coalesce_below;
    let field = vec![
        contender("concatenated, then written", &segments, by_concat),
        contender("one write each", &segments, by_write_each),
        contender("writev", &segments, by_writev),
        by_tokio(&segments),
        hyper_queue::contender(&pieces),
        by_queue("queue", &segments, default),
        by_queue("queue, nothing copied", &segments, 0),
        by_queue("queue, all copied together", &segments, usize::MAX),
    ];
    let rounds = Plan { rounds: plan.rounds * 10 };
    race(if plan.rounds > 1 { rounds } else { plan }, name, DISCARD, &content, field);
}

pub(crate) fn of_1024(plan: Plan, name: &str) {
    group(plan, name, 1000, 1024);
}

pub(crate) fn of_64(plan: Plan, name: &str) {
    group(plan, name, MANY, 64);
}

pub(crate) fn of_16(plan: Plan, name: &str) {
    group(plan, name, MANY, 16);
}

/// Where copying together stops to pay.
pub(crate) fn threshold(plan: Plan, name: &str) {
    for len in [16, 32, 64, 128, 256, 512, 1024] {
        let content = SharedBuf::from(payload(MANY * len));
        let segments = cut(&content, len);
        let field = vec![
            by_queue("in place", &segments, 0),
            by_queue("copied together", &segments, usize::MAX),
        ];
        let rounds = Plan { rounds: plan.rounds * 10 };
        let rounds = if plan.rounds > 1 { rounds } else { plan };
        race(rounds, &format!("{name} {len} B"), DISCARD, &content, field);
    }
}
