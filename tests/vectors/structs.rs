//! What `Format` and its records answer, beside the module `struct`.

use buffers::{Format, RecordError, Value};
use oracles::vectors::{Case, Outcome};
use serde_json::Value as Json;

use crate::values::{Owned, same, written};

/// Which texts are formats, and the size of each: `struct.calcsize`.
pub(crate) fn format(case: &Case) -> Result<Outcome, String> {
    match (Format::parse(case.text("format")), case.error()) {
        (Err(_), Some(_)) => Ok(Outcome::Same),
        (Ok(format), Some(_)) => Err(format!("size {}", format.itemsize())),
        (Err(error), None) => Err(error.to_string()),
        (Ok(format), None) => same(format.itemsize(), case.length("size")),
    }
}

fn format_of(case: &Case) -> Result<Format, String> {
    Format::parse(case.text("format")).map_err(|error| error.to_string())
}

/// Both refuse, or both answer the same.
fn alike<T: PartialEq + std::fmt::Debug>(
    case: &Case,
    ours: Result<T, RecordError>,
    theirs: impl FnOnce() -> T,
) -> Result<Outcome, String> {
    match (ours, case.error()) {
        (Err(_), Some(_)) => Ok(Outcome::Same),
        (Err(error), None) => Err(error.to_string()),
        (Ok(ours), Some(error)) => Err(format!("{ours:?}, not {error}")),
        (Ok(ours), None) => same(ours, theirs()),
    }
}

fn list<'b>(values: impl IntoIterator<Item = Value<'b>>) -> Vec<Json> {
    values.into_iter().map(written).collect()
}

pub(crate) fn unpack(case: &Case) -> Result<Outcome, String> {
    let (format, bytes) = (format_of(case)?, case.bytes("bytes"));
    alike(case, format.unpack(&bytes).map(list), || case.list("values").to_vec())
}

pub(crate) fn unpack_from(case: &Case) -> Result<Outcome, String> {
    let (format, bytes) = (format_of(case)?, case.bytes("bytes"));
    let ours = format.unpack_from(&bytes, case.distance("offset"));
    alike(case, ours.map(|record| list(record.values())), || case.list("values").to_vec())
}

pub(crate) fn iter_unpack(case: &Case) -> Result<Outcome, String> {
    let (format, bytes) = (format_of(case)?, case.bytes("bytes"));
    let ours = format.iter_unpack(&bytes);
    let ours = ours.map(|all| all.map(|record| Json::from(list(record.values()))).collect());
    alike(case, ours, || case.list("records").to_vec())
}

pub(crate) fn pack(case: &Case) -> Result<Outcome, String> {
    let arguments = Owned::read(case.list("arguments"));
    match format_of(case)?.pack(&arguments.values()) {
        Err(_) if becomes_infinity(case, &arguments) => Ok(Outcome::Apart(INFINITY)),
        ours => alike(case, ours, || case.bytes("bytes")),
    }
}

pub(crate) fn pack_into(case: &Case) -> Result<Outcome, String> {
    let arguments = Owned::read(case.list("arguments"));
    let mut bytes = case.bytes("before");
    let offset = case.distance("offset");
    match format_of(case)?.pack_into(&mut bytes, offset, &arguments.values()) {
        Err(_) if becomes_infinity(case, &arguments) => Ok(Outcome::Apart(INFINITY)),
        ours => {
            // Some codes of CPython write a part of the value that they refuse.
            let begun = ours.as_ref().is_err_and(|error| error.index().is_some());
            alike(case, ours, || ())?;
            if begun { Ok(Outcome::Same) } else { same(bytes, case.bytes("after")) }
        }
    }
}

/// What CPython does in native order only: in the others it raises, as ours always does.
pub(crate) const INFINITY: &str =
    "a finite number that is too large for `f` does not become infinity";

#[expect(clippy::cast_possible_truncation, reason = "whether it is too large is what is asked")]
pub(crate) fn becomes_infinity(case: &Case, arguments: &Owned) -> bool {
    let native = !case.text("format").starts_with(['=', '<', '>', '!']);
    let too_large = |float: f64| float.is_finite() && (float as f32).is_infinite();
    native
        && case.error().is_none()
        && case.text("format").contains('f')
        && arguments.values().iter().filter_map(Value::as_f64).any(too_large)
}
