//! Mends the hand-written loop of `s6`: tasks of tokio. A future that is dropped, by a
//! timeout or a `select!`, loses nothing: the queue stands behind the last byte.

use std::time::Duration;

use netsend::{Policy, SendQueue};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (socket, mut peer) = UnixStream::pair()?;
        let mut queue = SendQueue::new();
        queue.push(vec![7_u8; 8 << 20]);
        queue.end_message();
        let policy = Policy::default();

        // Nobody reads yet, so the timeout drops the future in the middle.
        let drain = netsend::tokio::drain(&socket, &mut queue, &policy);
        let timed_out = tokio::time::timeout(Duration::from_millis(50), drain).await.is_err();
        let first = queue.offset();
        println!("s7 tokio: dropped after {first} bytes, {} are left", queue.pending());
        assert!(timed_out && first > 0);

        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            peer.read_to_end(&mut all).await
        });
        let report = netsend::tokio::drain(&socket, &mut queue, &policy).await?;
        drop(socket);
        let received = reader.await?? as u64;
        println!("s7 tokio: {received} bytes received, {report}");
        assert_eq!((received, first + report.accepted), (8 << 20, 8 << 20));
        Ok(())
    })
}
