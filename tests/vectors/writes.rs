//! What is written through a `ViewMut`, beside `memoryview` and `ndarray`.

use buffers::{Index, ViewMut};
use oracles::vectors::{Case, Outcome};
use serde_json::Value as Json;

use crate::looks::{Memory, index};
use crate::structs::{INFINITY, becomes_infinity};
use crate::values::{Owned, same};

/// Why a case can be looked at and not be written.
const SHARING: &str = "elements that share bytes are lent for reading only";

/// CPython does not look at the axes behind one of length 0.
const SHAPES: &str = "lengths behind an empty axis are part of the shape";

/// A view of all bytes of `memory`, written to by `work`; and what it gives. `None` if its
/// elements share bytes.
///
/// Bytes that are no element's have to stay as they were.
fn written<T>(
    memory: &Memory,
    work: impl FnOnce(&mut ViewMut<'_>) -> T,
) -> Result<Option<(T, Vec<u8>)>, String> {
    let layout = memory.view()?.layout().clone();
    let mut bytes = memory.bytes.clone();
    let Ok(mut view) = ViewMut::from_layout(&mut bytes, memory.format.clone(), layout.clone())
    else {
        return Ok(None);
    };
    let got = work(&mut view);
    let after = view.to_bytes();
    let mut again = memory.bytes.clone();
    let mut view = ViewMut::from_layout(&mut again, memory.format.clone(), layout)
        .map_err(|error| error.to_string())?;
    view.copy_from_slice(&after).map_err(|error| error.to_string())?;
    same(bytes, again)?;
    Ok(Some((got, after)))
}

fn indices(list: &[Json]) -> Vec<Index> {
    list.iter().map(index).collect()
}

/// One value stored at integers.
pub(crate) fn store(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let at = indices(case.list("index"));
    let value = Owned::read(std::slice::from_ref(case.get("value")));
    let outcome = written(&memory, |view| {
        let item = view.item_mut(&at[..]).map_err(|error| error.to_string())?;
        let packed = memory.format.pack(&value.values()).map_err(|error| error.to_string())?;
        item.copy_from_slice(&packed);
        Ok::<(), String>(())
    })?;
    match (outcome, case.error()) {
        (None, _) => Ok(Outcome::Apart(SHARING)),
        (Some((Err(_), after)), Some(_)) => same(after, memory.view()?.to_bytes()),
        (Some((Err(_), _)), None) if becomes_infinity(case, &value) => Ok(Outcome::Apart(INFINITY)),
        (Some((Err(error), _)), None) => Err(error),
        (Some((Ok(()), after)), Some(error)) => Err(format!("{after:?}, not {error}")),
        (Some((Ok(()), after)), None) => same(after, case.bytes("after")),
    }
}

/// A part assigned to a part: of the same memory, where they may overlap, or of another.
pub(crate) fn copy(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let (to, of) = (indices(case.list("to")), indices(case.list("of")));
    let other = case.has("other").then(|| Memory::of(&case.case("other"))).transpose()?;
    let outcome = written(&memory, |view| match &other {
        None => view.copy_within(&of[..], &to[..]).map_err(|error| error.to_string()),
        Some(other) => {
            let part = other.view()?.try_slice(&of[..]).map_err(|error| error.to_string())?;
            let target = view.reborrow().try_slice(&to[..]);
            let mut target = target.map_err(|error| error.to_string())?;
            target.copy_from(&part).map_err(|error| error.to_string())
        }
    })?;
    let nothing = |part: &[Index]| memory.view().is_ok_and(|view| view.slice(part).is_empty());
    match (outcome, case.error()) {
        (None, _) => Ok(Outcome::Apart(SHARING)),
        (Some((Err(_), after)), Some(_)) => same(after, memory.view()?.to_bytes()),
        (Some((Err(_), _)), None) if nothing(&to) => Ok(Outcome::Apart(SHAPES)),
        (Some((Err(error), _)), None) => Err(error),
        (Some((Ok(()), after)), Some(error)) => Err(format!("{after:?}, not {error}")),
        (Some((Ok(()), after)), None) => same(after, case.bytes("after")),
    }
}
