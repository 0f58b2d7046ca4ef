//! A walk that was kept in a file, to be compared with later.

use std::io::{self, BufRead, Write};

use super::chunk::{Chunk, ChunkKind};
use super::walk::Walk;
use crate::memory::MemoryError;
use crate::memory::error::Kind;

/// The chunks of an earlier walk.
///
/// In a file they are a line of JSON each, `[address,size,"kind",arena]`, by address.
///
/// ```
/// use bench_suite::memory::heap::Saved;
///
/// let saved = Saved::read(&b"[4112,64,\"used\",0]\n[4176,32,\"free\",0]\n"[..])?;
/// assert_eq!(saved.chunks().len(), 2);
/// let error = Saved::read(&b"[4112,64,\"used\",0]\n[417"[..]).unwrap_err();
/// assert!(error.to_string().starts_with("line 2 "));
/// # Ok::<(), bench_suite::memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    chunks: Vec<Chunk>,
}

impl Saved {
    /// Reads what [`Walk::save`] wrote.
    ///
    /// # Errors
    ///
    /// The number of the first line that is no chunk, and what is wrong with it.
    pub fn read(input: impl BufRead) -> Result<Self, MemoryError> {
        let lines = input.lines().zip(1_u64..);
        let chunks = lines.map(|(text, line)| {
            let broken = |why: String| {
                let what = format!("line {line} is no chunk of a saved heap: {why}");
                MemoryError::new(Kind::Broken, what)
            };
            let text = text.map_err(|error| broken(error.to_string()))?;
            let parsed: Result<(u64, u64, ChunkKind, u32), _> = serde_json::from_str(&text);
            let (address, size, kind, arena) = parsed.map_err(|error| broken(error.to_string()))?;
            Ok(Chunk { address, size, arena, kind })
        });
        let mut chunks: Vec<Chunk> = chunks.collect::<Result<_, _>>()?;
        chunks.sort_unstable_by_key(|chunk| chunk.address);
        Ok(Self { chunks })
    }

    /// The chunks, by address.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }
}

impl Walk {
    /// Writes all chunks, as [`Saved::read`] reads them: some 40 bytes for each.
    ///
    /// # Errors
    ///
    /// The writer's.
    pub fn save(&self, mut out: impl Write) -> io::Result<()> {
        for Chunk { address, size, arena, kind } in &self.chunks {
            writeln!(out, "[{address},{size},\"{}\",{arena}]", kind.name())?;
        }
        out.flush()
    }
}
