//! What a `View` answers, beside `memoryview` and `ndarray`.

use std::hash::{BuildHasher, Hasher, RandomState};

use buffers::{
    Export, ExportMut, Flag, Format, Index, List, Order, Request, SharedView, Slice, View, ViewMut,
};
use oracles::vectors::{Case, Outcome, distance};
use serde_json::Value as Json;

use crate::values::{Owned, same, written};

/// The memory of a case, and how its elements lie in it.
pub(crate) struct Memory {
    pub(crate) bytes: Vec<u8>,
    pub(crate) format: Format,
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: isize,
}

impl Memory {
    pub(crate) fn of(case: &Case) -> Result<Self, String> {
        Ok(Self {
            bytes: case.bytes("bytes"),
            format: Format::parse(case.text("format")).map_err(|error| error.to_string())?,
            shape: case.lengths("shape"),
            strides: case.distances("strides"),
            offset: case.distance("offset"),
        })
    }

    pub(crate) fn view(&self) -> Result<View<'_>, String> {
        let offset = usize::try_from(self.offset).map_err(|error| error.to_string())?;
        View::strided(&self.bytes, self.format.clone(), &self.shape, &self.strides, offset)
            .map_err(|error| error.to_string())
    }
}

/// `PyBuffer_IsContiguous` says that no elements are contiguous at any strides, and so
/// does ours; a `memoryview` of one axis says otherwise.
const NOTHING: &str = "one axis of no elements is contiguous at any stride";

fn odd_and_empty(view: &View<'_>) -> bool {
    view.shape() == [0] && view.strides()[0] != view.itemsize().cast_signed()
}

/// Layouts: which are refused, bytes in each order, contiguity and size.
pub(crate) fn layout(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let view = match (memory.view(), case.error()) {
        (Err(_), Some(_)) => return Ok(Outcome::Same),
        (Ok(view), Some(_)) if view.is_empty() => {
            return Ok(Outcome::Apart("a view of nothing may begin where its memory ends"));
        }
        (Ok(_), Some(error)) => return Err(format!("took it, not {error}")),
        (view, None) => view?,
    };
    same(view.nbytes(), case.length("nbytes"))?;
    if !case.has("c") {
        return Ok(Outcome::Same);
    }
    same(nested(&view.to_list()), case.get("list").clone())?;
    let in_c = case.bytes("c");
    let in_f = if case.has("f") { case.bytes("f") } else { in_c.clone() };
    same(view.to_bytes(), in_c.clone())?;
    same(view.to_bytes_in(Order::C), in_c.clone())?;
    same(view.to_bytes_in(Order::F), in_f.clone())?;
    same(view.to_bytes_in(Order::A), if case.text("a") == "C" { in_c } else { in_f })?;
    if odd_and_empty(&view) {
        return Ok(Outcome::Apart(NOTHING));
    }
    let yes = [view.is_c_contiguous(), view.is_f_contiguous(), view.is_contiguous()];
    let letters = yes.iter().zip("CFA".chars()).filter(|(yes, _)| **yes);
    same(letters.map(|(_, letter)| letter).collect(), case.text("contiguous").to_owned())
}

pub(crate) fn index(of: &Json) -> Index {
    let Some(slice) = of.as_array() else { return Index::At(distance(of)) };
    let end = |at: usize| (!slice[at].is_null()).then(|| distance(&slice[at]));
    Index::from(Slice::new(end(0), end(1), end(2).unwrap_or(1)))
}

/// The indices of a case, one list for each step.
fn chain(case: &Case) -> Vec<Vec<Index>> {
    let step = |step: &Json| step.as_array().expect("a list").iter().map(index).collect();
    case.list("chain").iter().map(step).collect()
}

/// Slices and integers in any mixture, one after the other, of all three kinds of views.
pub(crate) fn slice(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let mut view = memory.view()?;
    let mut shared = SharedView::from_layout(
        memory.bytes.clone().into(),
        memory.format.clone(),
        view.layout().clone(),
    )
    .map_err(|error| error.to_string())?;
    let mut bytes = memory.bytes.clone();
    // None if elements share bytes.
    let mut mutable =
        ViewMut::from_layout(&mut bytes, memory.format.clone(), view.layout().clone()).ok();
    for indices in chain(case) {
        let indices = &indices[..];
        let part = view.try_slice(indices);
        let error = part.as_ref().err().copied();
        let shared_part = shared.try_slice(indices);
        same(shared_part.as_ref().err().copied(), error)?;
        shared = shared_part.unwrap_or(shared);
        if let Some(part) = mutable.take().map(|whole| whole.try_slice(indices)) {
            same(part.as_ref().err().copied(), error)?;
            mutable = part.ok();
        }
        view = match (part, case.error()) {
            (Ok(part), _) => part,
            (Err(_), Some("IndexError" | "ValueError")) => return Ok(Outcome::Same),
            (Err(error), _) => return Err(error.to_string()),
        };
    }
    if let Some(error) = case.error() {
        return Err(format!("took it, not {error}"));
    }
    same(view.shape().to_vec(), case.lengths("result"))?;
    if case.has("steps") {
        same(view.strides().to_vec(), case.distances("steps"))?;
    }
    let selected = case.bytes("c");
    same(shared.to_bytes(), selected.clone())?;
    same(mutable.map_or_else(|| selected.clone(), |view| view.to_bytes()), selected.clone())?;
    same(view.to_bytes(), selected)
}

/// Requests: what is lent, and which flag cannot be kept.
pub(crate) fn request(case: &Case) -> Result<Outcome, String> {
    let mut memory = Memory::of(case)?;
    let mut request = Request::SIMPLE;
    for flag in case.text("flags").chars() {
        request = match flag {
            'w' => request.writable(),
            'f' => request.format(),
            'n' => request.nd(),
            's' => request.strides(),
            'C' => request.contiguous(Order::C),
            'F' => request.contiguous(Order::F),
            _ => request.contiguous(Order::A),
        };
    }
    let (format, itemsize) = (memory.format.clone(), memory.format.itemsize());
    let offset = memory.offset.unsigned_abs();
    let layout = buffers::Layout::strided(
        itemsize,
        &memory.shape,
        &memory.strides,
        offset,
        memory.bytes.len(),
    );
    let layout = layout.map_err(|error| error.to_string())?;
    if odd_and_empty(&memory.view()?) {
        return Ok(Outcome::Apart(NOTHING));
    }
    let answer = if case.is("writable") {
        let Ok(mut view) = ViewMut::from_layout(&mut memory.bytes, format, layout) else {
            return Ok(Outcome::Apart("elements that share bytes are lent for reading only"));
        };
        view.export_mut(request).map(|got| got.shape().to_vec())
    } else {
        memory.view()?.export(request).map(|got| got.shape().to_vec())
    };
    match (answer, case.get("refused").as_str()) {
        (Err(error), Some(flag)) => {
            let ours = match error.flag() {
                Flag::Writable => "w",
                Flag::Format => "f",
                Flag::Strides => "s",
                Flag::CContiguous => "C",
                Flag::FContiguous => "F",
                _ => "A",
            };
            same(ours, flag)
        }
        (Err(error), None) => Err(error.to_string()),
        (Ok(_), Some(flag)) => Err(format!("took it, and `{flag}` was to be refused")),
        (Ok(shape), None) if case.get("axes").is_null() => {
            let nbytes = memory.shape.iter().product::<usize>() * itemsize;
            same(shape, vec![nbytes])
        }
        (Ok(shape), None) => same(shape, case.lengths("axes")),
    }
}

const ORDERS: [char; 5] = ['@', '=', '<', '>', '!'];

/// Casts: which are refused, and the shape of the others.
pub(crate) fn cast(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let view = memory.view()?;
    if odd_and_empty(&view) {
        return Ok(Outcome::Apart(NOTHING));
    }
    if memory.format.code().is_some() && case.text("format").trim_start_matches(ORDERS).len() > 1 {
        return Ok(Outcome::Apart("`1h` and `h0b` are the format `h` in other words"));
    }
    let to = Format::parse(case.text("to")).map_err(|error| error.to_string())?;
    let ours =
        if case.has("axes") { view.cast_to(to, case.lengths("axes")) } else { view.cast(to) };
    match (ours, case.error()) {
        (Err(error), Some(_)) => same(error.is_about_format(), case.is("formats")),
        (Ok(_), Some(error)) => Err(format!("took it, not {error}")),
        (Err(error), None) => Err(error.to_string()),
        (Ok(ours), None) => {
            same(ours.shape().to_vec(), case.lengths("result"))?;
            same(nested(&ours.to_list()), case.get("list").clone())
        }
    }
}

/// Lists of lists, as the vectors write them.
fn nested(list: &List<'_>) -> Json {
    match list {
        List::Value(value) => written(*value),
        List::List(parts) => parts.iter().map(nested).collect(),
    }
}

/// The element at integers, as a value.
pub(crate) fn item(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let indices: Vec<Index> = case.distances("index").into_iter().map(Index::At).collect();
    match (memory.view()?.value(&indices[..]), case.error()) {
        (Err(_), Some(_)) => Ok(Outcome::Same),
        (Ok(item), Some(error)) => Err(format!("{item:?}, not {error}")),
        (Err(error), None) => Err(error.to_string()),
        (Ok(item), None) => same(written(item), case.get("value").clone()),
    }
}

/// The digits, with separators between groups.
pub(crate) fn hex(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    if case.error().is_some() {
        return Ok(Outcome::Apart("a separator is one `char` by its type"));
    }
    let separator = case.get("separator").as_str().and_then(|text| text.chars().next());
    same(memory.view()?.hex(separator, case.distance("group")).as_str(), case.text("hex"))
}

/// Which views have a hash. It has to be that of their bytes in the order of C.
pub(crate) fn hash(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let view = memory.view()?;
    let state = RandomState::new();
    let mut hasher = state.build_hasher();
    let hashable = view.hash_bytes(&mut hasher).is_ok();
    if hashable {
        same(hasher.finish(), state.hash_one(&view.to_bytes()[..]))?;
    }
    same(hashable, case.is("hashable"))
}

/// Equality of two views, whatever their formats, orders and layouts are.
pub(crate) fn equal(case: &Case) -> Result<Outcome, String> {
    let (left, right) = (Memory::of(&case.case("left"))?, Memory::of(&case.case("right"))?);
    let (left, right) = (left.view()?, right.view()?);
    same([left == right, right == left], [case.is("equal"); 2])
}

/// Where a value is first, and how often it is there.
pub(crate) fn search(case: &Case) -> Result<Outcome, String> {
    let memory = Memory::of(case)?;
    let view = memory.view()?;
    let value = Owned::read(std::slice::from_ref(case.get("value")));
    let value = value.values()[0];
    same(view.count(value), case.length("count"))?;
    same(view.contains(value), case.length("count") > 0)?;
    let (start, stop) = (case.distance("start"), case.distance("stop"));
    let front =
        if start < 0 { view.elements().saturating_add_signed(start) } else { start.unsigned_abs() };
    let found = view.slice(Slice::new(start, stop, 1)).index(value).map(|at| front + at);
    same(found, case.get("index").as_u64().map(|at| usize::try_from(at).expect("of 64 bits")))
}
