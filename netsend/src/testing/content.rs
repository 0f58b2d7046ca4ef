//! Bytes that tell where they stood, and choices that can be made again.

/// `len` bytes of which each depends on its position, so that bytes that were
/// left out, doubled or exchanged show. Two seeds give different bytes.
#[must_use]
pub fn pattern(len: usize, seed: u64) -> Vec<u8> {
    (0..len as u64)
        .map(|at| {
            let mixed = (at + seed * 0x1_0000_0001).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 53).to_le_bytes()[0]
        })
        .collect()
}

/// Draws numbers from a seed, the same each time: enough for test cases, and for
/// nothing else.
#[derive(Clone, Debug)]
pub struct Lottery(u64);

impl Lottery {
    /// Draws that depend on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, and without, `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        // One step of the generator SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or(0);
        drawn.checked_rem(end).unwrap_or(0)
    }
}
