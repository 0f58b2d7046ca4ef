//! `bytes::Buf` for the shared handle: it reads itself empty from the front.

use bytes::{Buf, Bytes, TryGetError};

use super::shared_buf::SharedBuf;
use crate::copied;

/// Advancing moves no byte, and `copy_to_bytes` copies none: it slices.
impl Buf for SharedBuf {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn chunk(&self) -> &[u8] {
        self
    }

    #[track_caller]
    fn advance(&mut self, n: usize) {
        Self::advance(self, n);
    }

    /// Copies into `target`, as every `copy_*` counted in [`copied`].
    ///
    /// # Panics
    ///
    /// If there are fewer bytes than `target` holds.
    #[track_caller]
    fn copy_to_slice(&mut self, target: &mut [u8]) {
        let (want, have) = (target.len(), self.len());
        assert!(want <= have, "cannot copy {want} bytes: only {have} are left");
        target.copy_from_slice(&self[..want]);
        copied::record(want);
        Self::advance(self, want);
    }

    /// Copies into `target` if there are enough bytes, counted as above.
    fn try_copy_to_slice(&mut self, target: &mut [u8]) -> Result<(), TryGetError> {
        if self.len() < target.len() {
            return Err(TryGetError { requested: target.len(), available: self.len() });
        }
        self.copy_to_slice(target);
        Ok(())
    }

    #[track_caller]
    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        let taken = self.slice(..len);
        Self::advance(self, len);
        taken.into()
    }
}
