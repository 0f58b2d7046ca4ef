//! Sending a header, a file and a trailer through a TCP socket.

mod io_copy;
mod pool_views;
mod queue_file;
mod read_concat_write;
mod read_write_64k;

use super::Contender;

/// The contenders; the first one is the baseline.
pub(super) static ALL: &[Contender] = &[
    read_concat_write::CONTENDER,
    queue_file::CONTENDER,
    pool_views::CONTENDER,
    io_copy::CONTENDER,
    read_write_64k::CONTENDER,
];
