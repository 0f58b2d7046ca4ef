//! What `Format` and the functions of records answer, beside the module `struct`.

use buffers::Format;
use oracles::vectors::{Case, Outcome};

use crate::looks::same;

/// Which texts are formats, and the size of each: `struct.calcsize`.
pub(crate) fn format(case: &Case) -> Result<Outcome, String> {
    match (Format::parse(case.text("format")), case.error()) {
        (Err(_), Some(_)) => Ok(Outcome::Same),
        (Ok(format), Some(_)) => Err(format!("size {}", format.itemsize())),
        (Err(error), None) => Err(error.to_string()),
        (Ok(format), None) => same(format.itemsize(), case.length("size")),
    }
}
