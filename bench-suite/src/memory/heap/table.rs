//! A walk for people, and as JSON.

use serde_json::{Value, json};

use super::arena::bytes_of;
use super::chunk::{Chunk, ChunkKind};
use super::diff::Change;
use super::select::Select;
use super::sizes::{SizeRow, by_size};
use super::walk::Walk;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// As many problems as are shown; the others are counted.
const PROBLEMS: usize = 8;

impl Walk {
    /// Kinds, arenas, the sizes that take most, the evidence, and what did not agree.
    pub fn summary(&self) -> String {
        format!(
            "{}\n{}\n{}\n{}{}{}",
            self.whose(),
            self.kinds(),
            self.arena_table(),
            self.mapped_line(),
            self.fragmentation_line(),
            self.words()
        )
    }

    /// The `top` sizes that take most bytes, of the chunks that `select` takes.
    pub fn sizes(&self, select: Option<&Select>, top: usize) -> String {
        let taken = self.chunks.iter().filter(|chunk| select.is_none_or(|s| s.takes(chunk)));
        let rows = by_size(taken);
        let header = ["chunk size", "used", "used bytes", "cached", "free", "all bytes"];
        let mut grid = Grid::new(header).words(0);
        for row in rows.iter().take(top) {
            grid.row(size_cells(row));
        }
        let left = rows.len().saturating_sub(top);
        let more = if left > 0 { format!("and {left} more sizes\n") } else { String::new() };
        format!("{grid}{more}")
    }

    /// The chunks that `select` takes, a row each.
    pub fn chunk_table(&self, select: &Select, top: usize) -> String {
        let taken: Vec<&Chunk> = self.chunks.iter().filter(|chunk| select.takes(chunk)).collect();
        let mut grid = Grid::new(["address", "kind", "arena", "size"]).words(3);
        for chunk in taken.iter().take(top) {
            let arena = self.arenas.get(chunk.arena as usize);
            let arena = arena.map_or_else(|| "-".into(), super::Arena::name);
            let address = format!("{:#x}", chunk.address);
            grid.row([address, chunk.kind.name().into(), arena, grouped(chunk.size)]);
        }
        let bytes = taken.iter().map(|chunk| chunk.size).sum();
        let count = grouped(taken.len() as u64);
        format!("{grid}{count} chunks of {} bytes are selected\n", grouped(bytes))
    }

    /// All figures as one JSON object, with the chunks that `select` takes if there is one.
    pub fn json(&self, select: Option<&Select>) -> Value {
        let kinds: serde_json::Map<String, Value> = ChunkKind::ALL
            .into_iter()
            .map(|kind| {
                let value = json!({ "chunks": self.count(kind), "bytes": self.bytes(kind) });
                (kind.name().to_owned(), value)
            })
            .collect();
        let chunks = select.map(|select| {
            let taken = self.chunks.iter().filter(|chunk| select.takes(chunk));
            let chunk = |c: &Chunk| json!([c.address, c.size, c.kind.name(), c.arena]);
            taken.map(chunk).collect::<Vec<Value>>()
        });
        json!({
            "pid": self.pid,
            "name": self.name,
            "stopped_s": self.stopped_for.as_secs_f64(),
            "threads": self.threads,
            "kinds": kinds,
            "arenas": self.arenas,
            "caches": self.caches,
            "fragmentation": self.fragmentation(),
            "sizes": by_size(&self.chunks),
            "evidence": self.evidence,
            "problems": self.problems,
            "chunks": chunks,
        })
    }

    fn whose(&self) -> String {
        format!(
            "process {} ({}), stopped for {:.1} ms with {} thread{}",
            self.pid,
            self.name,
            self.stopped_for.as_secs_f64() * 1e3,
            self.threads,
            if self.threads == 1 { "" } else { "s" },
        )
    }

    fn kinds(&self) -> Grid {
        let mut grid = Grid::new(["kind", "chunks", "bytes", "largest"]);
        for kind in ChunkKind::ALL {
            let sizes = self.chunks.iter().filter(|chunk| chunk.kind == kind);
            let largest = sizes.map(|chunk| chunk.size).max().unwrap_or(0);
            let figures = [self.count(kind) as u64, self.bytes(kind), largest];
            grid.row([kind.name().to_owned()].into_iter().chain(figures.map(grouped)));
        }
        grid
    }

    fn arena_table(&self) -> Grid {
        let mut grid = Grid::new([
            "arena",
            "heaps",
            "from kernel",
            "used",
            "cached",
            "in lists",
            "top",
            "overhead",
            "lists",
        ]);
        for (index, arena) in self.arenas.iter().enumerate() {
            let its = self.chunks.iter().filter(|chunk| chunk.arena as usize == index);
            let its: Vec<Chunk> = its.copied().collect();
            let bytes = |kind| bytes_of(&its, kind);
            let cached = bytes(ChunkKind::Tcache) + bytes(ChunkKind::Fastbin);
            let figures = [
                arena.heaps as u64,
                arena.system_bytes,
                bytes(ChunkKind::Used),
                cached,
                bytes(ChunkKind::Free),
                bytes(ChunkKind::Top),
                arena.overhead_bytes,
                arena.lists as u64,
            ];
            grid.row([arena.name()].into_iter().chain(figures.map(grouped)));
        }
        grid
    }

    fn mapped_line(&self) -> String {
        let found = (self.count(ChunkKind::Mmapped) as u64, self.bytes(ChunkKind::Mmapped));
        let shown = |(chunks, bytes)| format!("{} of {} bytes", grouped(chunks), grouped(bytes));
        match self.mapped.map(|mapped| (mapped.mapped_chunks, mapped.mapped_bytes)) {
            None => format!(
                "chunks that are mappings: {} found; glibc's own count was not\n",
                shown(found)
            ),
            Some(counted) if counted == found => {
                format!("chunks that are mappings: {}, as glibc counts\n", shown(found))
            }
            Some(counted) => format!(
                "chunks that are mappings: {} found, glibc counts {}\n",
                shown(found),
                shown(counted)
            ),
        }
    }

    fn fragmentation_line(&self) -> String {
        self.fragmentation().map_or_else(String::new, |share| {
            let percent = share * 100.0;
            format!("fragmentation: {percent:.0} % of what is free is not in the largest stretch\n")
        })
    }

    /// Evidence and problems, a line each.
    fn words(&self) -> String {
        let mut lines: Vec<String> =
            self.evidence.iter().map(|words| format!("evidence: {words}")).collect();
        lines.push(match self.caches {
            0 => "evidence: no thread's cache was recognised: chunks there, if any, count as used"
                .into(),
            caches => format!("evidence: caches of {caches} threads, whose counts fit their lists"),
        });
        if self.problems.is_empty() {
            lines.push("tags, lists and glibc's own counts agree".into());
        }
        let shown = self.problems.iter().take(PROBLEMS);
        lines.extend(shown.map(|problem| format!("disagreement: {problem}")));
        let left = self.problems.len().saturating_sub(PROBLEMS);
        if left > 0 {
            lines.push(format!("and {left} disagreements more"));
        }
        // With one thread, glibc takes no lock.
        let may_change = self.threads == 1 || self.arenas.iter().any(|arena| arena.is_locked);
        if !self.problems.is_empty() && may_change {
            lines.push(
                "it may have been in the middle of a change when it was stopped; try again".into(),
            );
        }
        lines.join("\n") + "\n"
    }
}

fn size_cells(row: &SizeRow) -> Vec<String> {
    let figures = [row.size, row.used, row.used_bytes(), row.cached, row.free, row.bytes()];
    figures.map(grouped).to_vec()
}

/// Changes as a table, the `top` largest of them.
pub fn change_table(changes: &[Change], top: usize) -> String {
    let header = ["chunk size", "before", "after", "new", "gone", "bytes"];
    let mut grid = Grid::new(header).words(0);
    for change in changes.iter().take(top) {
        let figures = [change.size, change.before, change.after, change.new, change.gone];
        grid.row(figures.map(grouped).into_iter().chain([signed(change.bytes())]));
    }
    let all = changes.iter().map(Change::bytes).sum();
    format!("{grid}in all {} bytes\n", signed(all))
}

fn signed(number: i128) -> String {
    let size = grouped(u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX));
    if number < 0 { format!("-{size}") } else { format!("+{size}") }
}
