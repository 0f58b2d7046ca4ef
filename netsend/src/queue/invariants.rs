//! What holds of a queue between any two calls.

use super::file_range::FileRange;
use super::piece::Piece;
use super::send_queue::SendQueue;

impl SendQueue<'_> {
    /// Long queues are left alone: adding their segments up after each change
    /// would make debug builds quadratic.
    #[inline]
    pub(super) fn check(&self) {
        debug_assert!(self.pieces.len() > 64 || self.invariants() == Ok(()), "{self:?}");
    }

    /// What holds of a queue between any two calls, as inequalities. Debug
    /// builds check it after each change; tests may ask.
    ///
    /// # Errors
    ///
    /// The first inequality that does not hold.
    pub fn invariants(&self) -> Result<(), &'static str> {
        let front = self.pieces.front().map_or(0, Piece::len);
        let total: u64 = self.pieces.iter().map(Piece::len).sum();
        let staged = self.pieces.iter().filter(|piece| matches!(piece, Piece::Staged(_))).count();
        let files = self.pieces.iter().filter_map(|piece| match piece {
            Piece::File(len) => Some(*len),
            _ => None,
        });
        let ends_ascend = self.ends.iter().zip(self.ends.iter().skip(1)).all(|(a, b)| a < b);
        let first_end = self.ends.front().copied().unwrap_or(u64::MAX);
        let last_end = self.ends.back().copied().unwrap_or(0);
        let holds = [
            ("front_sent < front.len, or both are 0", self.front_sent < front || total == 0),
            ("front_sent == 0 when nothing is left", total > 0 || self.front_sent == 0),
            ("pending == sum(len) - front_sent", self.pending + self.front_sent == total),
            ("message_start <= offset", self.message_start <= self.offset),
            ("offset < ends.first", self.offset < first_end),
            ("ends ascend", ends_ascend),
            ("ends.last <= offset + pending", last_end <= self.offset + self.pending),
            ("scratch.len <= pending", self.scratch.bytes().len() as u64 <= self.pending),
            ("planned <= pieces.len", self.planned <= self.pieces.len()),
            ("staging.pieces == staged pieces", self.staging.pieces == staged),
            ("files == file pieces", files.eq(self.files.iter().map(FileRange::len))),
        ];
        match holds.iter().find(|(_, holds)| !holds) {
            None => Ok(()),
            Some((inequality, _)) => Err(inequality),
        }
    }
}
