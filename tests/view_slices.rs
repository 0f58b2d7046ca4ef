//! A view selects what `ndarray` selects, from the same addresses, through any chain of
//! slices, transposes, splits and reshapes; and slices of one axis are Python's.

use std::ops::Bound;

use buffers::{Format, Index, Slice, View, copied};
use ndarray::{ArrayViewD, Axis, IxDyn, SliceInfoElem};
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

/// The positions that Python's `start:end:step` selects of `len` elements, by trying
/// all of them.
fn python(start: Option<isize>, end: Option<isize>, step: isize, len: usize) -> Vec<usize> {
    let len = len as i128;
    let from_front = |at: isize| if at < 0 { at as i128 + len } else { at as i128 };
    let (start, end, step) = (start.map(from_front), end.map(from_front), step as i128);
    let selected: Vec<i128> = if step > 0 {
        let first = start.unwrap_or(0).max(0);
        let inside = |i: &i128| *i >= first && end.is_none_or(|end| *i < end);
        (0..len).filter(inside).filter(|i| (i - first) % step == 0).collect()
    } else {
        let first = start.unwrap_or(len).min(len - 1);
        let inside = |i: &i128| *i <= first && end.is_none_or(|end| *i > end);
        (0..len).rev().filter(inside).filter(|i| (first - i) % step == 0).collect()
    };
    selected.into_iter().map(|i| usize::try_from(i).unwrap()).collect()
}

/// Numbers around the lengths that occur, and the ends of what there is.
fn position() -> impl Strategy<Value = isize> {
    prop_oneof![8 => -8_isize..9, 1 => prop::sample::select(vec![isize::MIN, isize::MAX, 1 << 40])]
}

fn slice() -> impl Strategy<Value = (Option<isize>, Option<isize>, isize)> {
    let step = position().prop_filter("no such step", |step| *step != 0);
    (prop::option::of(position()), prop::option::of(position()), step)
}

proptest! {
    #![proptest_config(oracles::cases(2000))]

    #[test]
    fn a_slice_of_one_axis_is_that_of_python(
        (start, end, step) in slice(),
        len in 0..9_usize,
        code in prop::sample::select(vec!["B", "<H", ">I", "d"]),
    ) {
        let format = Format::parse(code).unwrap();
        let size = format.itemsize();
        let flat = pattern(len * size, 31);
        let view = View::new(&flat, format).unwrap().slice(Slice::new(start, end, step));
        let selected = python(start, end, step, len);
        let expected: Vec<&[u8]> = selected.iter().map(|&i| &flat[i * size..][..size]).collect();
        prop_assert_eq!(view.shape(), [selected.len()]);
        prop_assert!(view.items().eq(expected.iter().copied()));
        let places = |items: Vec<&[u8]>| items.iter().map(|i| i.as_ptr()).collect::<Vec<_>>();
        prop_assert_eq!(places(view.items().collect()), places(expected.clone()));
        prop_assert_eq!(view.to_bytes(), expected.concat());
        for (i, item) in expected.iter().enumerate() {
            prop_assert_eq!(view.item(i).unwrap(), *item);
            prop_assert_eq!(view.item(i.cast_signed() - expected.len().cast_signed()).unwrap(), *item);
        }
        prop_assert!(view.item(expected.len()).is_err());
        prop_assert!(view.item(-1 - expected.len().cast_signed()).is_err());
    }
}

/// A step of a chain, with numbers that mean something once the shape is known.
#[derive(Clone, Debug)]
enum Step {
    Slice(Vec<(u8, Option<isize>, Option<isize>, isize)>),
    Transpose,
    Permute(Vec<u16>),
    SplitAt(usize, usize, bool),
    Broadcast(Vec<usize>),
    SubView(usize),
    Reshape(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let kind_and_slice = (0..4_u8, slice()).prop_map(|(kind, (a, b, c))| (kind, a, b, c));
    prop_oneof![
        4 => prop::collection::vec(kind_and_slice, 0..5).prop_map(Step::Slice),
        1 => Just(Step::Transpose),
        1 => prop::collection::vec(any::<u16>(), 8).prop_map(Step::Permute),
        1 => (0..5_usize, 0..7_usize, any::<bool>()).prop_map(|(a, b, c)| Step::SplitAt(a, b, c)),
        1 => prop::collection::vec(0..3_usize, 0..2).prop_map(Step::Broadcast),
        1 => (0..9_usize).prop_map(Step::SubView),
        1 => (0..6_usize).prop_map(Step::Reshape),
    ]
}

/// What `ndarray` calls the same slice: it counts a negative step from the end of a
/// range that is given forwards.
fn in_words_of_ndarray(selected: &[usize], step: isize) -> SliceInfoElem {
    let ends = (selected.iter().min(), selected.iter().max());
    let (start, end) = match ends {
        (Some(&low), Some(&high)) => (low.cast_signed(), high.cast_signed() + 1),
        _ => (0, 0),
    };
    // Steps past the one element of a range may be of any length; `ndarray` multiplies.
    let way = if selected.len() > 1 { step } else { step.signum() };
    SliceInfoElem::Slice { start, end: Some(end), step: way }
}

/// One axis of a slice, as an index of ours and as one of `ndarray`'s.
fn index(axis: &(u8, Option<isize>, Option<isize>, isize), len: usize) -> (Index, SliceInfoElem) {
    let &(kind, start, end, step) = axis;
    let inside = |at: isize| at.unsigned_abs() % len.max(1);
    match kind {
        0 if len > 0 => {
            let at = inside(start.unwrap_or(3)).cast_signed();
            let from_end = if end.is_some() { at - len.cast_signed() } else { at };
            (from_end.into(), SliceInfoElem::Index(at))
        }
        1 => {
            let (a, b) = (inside(start.unwrap_or(0)), inside(end.unwrap_or(5)));
            let (low, high) = (a.min(b), a.max(b));
            let range = SliceInfoElem::Slice {
                start: low.cast_signed(),
                end: Some(high.cast_signed()),
                step: 1,
            };
            ((low..high).into(), range)
        }
        2 => ((..).into(), SliceInfoElem::Slice { start: 0, end: None, step: 1 }),
        _ => {
            let selected = python(start, end, step, len);
            let slice = Slice::new(start, end, step);
            (slice.into(), in_words_of_ndarray(&selected, step))
        }
    }
}

/// Both after one more step; or as before, if the step has no meaning for this shape.
fn go<'a>(
    view: View<'a>,
    array: ArrayViewD<'a, usize>,
    step: &Step,
) -> (View<'a>, ArrayViewD<'a, usize>) {
    let (shape, ndim) = (array.shape().to_vec(), array.ndim());
    match step {
        Step::Slice(axes) => {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for (axis, &len) in axes.iter().zip(&shape) {
                let (index, elem) = index(axis, len);
                ours.push(index);
                theirs.push(elem);
            }
            let whole = SliceInfoElem::Slice { start: 0, end: None, step: 1 };
            theirs.resize(ndim, whole);
            (view.slice(&ours[..]), array.slice_move(&theirs[..]))
        }
        Step::Transpose => (view.transpose(), array.reversed_axes()),
        Step::Permute(keys) => {
            let mut axes: Vec<usize> = (0..ndim).collect();
            axes.sort_by_key(|&axis| keys[axis % 8]);
            (view.permute(&axes).unwrap(), array.permuted_axes(IxDyn(&axes)))
        }
        &Step::SplitAt(axis, at, first) if axis < ndim => {
            let at = at.min(shape[axis]);
            let (ours, theirs) = (view.split_at(axis, at).unwrap(), array.split_at(Axis(axis), at));
            if first { (ours.0, theirs.0) } else { (ours.1, theirs.1) }
        }
        Step::Broadcast(new) => {
            let asked: Vec<usize> = new
                .iter()
                .copied()
                .chain(shape.iter().map(|&n| if n == 1 { 3 } else { n }))
                .collect();
            if asked.len() > 6 || asked.iter().product::<usize>() > 5000 {
                return (view, array);
            }
            // `ndarray` ties a broadcast view to a borrow of the array, so it is asked
            // for a copy, whose elements are still the numbers of the first one's.
            let theirs = array.broadcast(IxDyn(&asked)).unwrap();
            let ours = view.broadcast(&asked).unwrap();
            (ours, ArrayViewD::from_shape(IxDyn(&asked), leak(&theirs)).unwrap())
        }
        &Step::SubView(at) if ndim > 0 && shape[0] > 0 => {
            let at = at % shape[0];
            let ours = view.iter().nth(at).unwrap();
            (ours, array.index_axis_move(Axis(0), at))
        }
        &Step::Reshape(turn) => {
            let Some(asked) = other_shape(&shape, turn) else { return (view, array) };
            let copy = leak(&array);
            match view.reshape(&asked) {
                Ok(ours) => (ours, ArrayViewD::from_shape(IxDyn(&asked), copy).unwrap()),
                Err(error) => {
                    assert!(error.needs_copy(), "{error}");
                    assert!(!view.is_c_contiguous(), "these are in order, and need no copy");
                    (view, array)
                }
            }
        }
        _ => (view, array),
    }
}

/// The elements in order. (`to_owned` of some empty arrays panics in `ndarray` 0.17.)
fn leak(array: &ArrayViewD<'_, usize>) -> &'static [usize] {
    array.iter().copied().collect::<Vec<_>>().leak()
}

/// Another shape of as many elements: two axes joined, or one split.
fn other_shape(shape: &[usize], turn: usize) -> Option<Vec<usize>> {
    let axis = turn % shape.len().max(1);
    let mut asked = shape.to_vec();
    if turn.is_multiple_of(2) && shape.len() > axis + 1 {
        let len = asked.remove(axis);
        asked[axis] *= len;
    } else {
        let len = *shape.get(axis)?;
        let divisor = (2..=len).find(|divisor| len.is_multiple_of(*divisor))?;
        asked[axis] = len / divisor;
        asked.insert(axis, divisor);
    }
    Some(asked)
}

proptest! {
    #![proptest_config(oracles::cases(3000))]

    #[test]
    fn a_chain_of_steps_selects_what_ndarray_selects(
        shape in prop::collection::vec(0..6_usize, 0..5),
        steps in prop::collection::vec(step(), 0..5),
        code in prop::sample::select(vec!["B", "<H", ">I", "d"]),
    ) {
        let format = Format::parse(code).unwrap();
        let size = format.itemsize();
        let numbers: Vec<usize> = (0..shape.iter().product()).collect();
        let bytes = pattern(numbers.len() * size, 32);
        let mut view = View::new(&bytes, format).unwrap().reshape(&shape).unwrap();
        let mut array = ArrayViewD::from_shape(IxDyn(&shape), &numbers).unwrap();
        for step in &steps {
            let before = copied::bytes();
            (view, array) = go(view, array, step);
            prop_assert_eq!(copied::bytes().since(before), 0);
            prop_assert_eq!(view.shape(), array.shape());
            let place = |item: &[u8]| (item.as_ptr().addr() - bytes.as_ptr().addr()) / size;
            let places: Vec<usize> = view.items().map(place).collect();
            prop_assert_eq!(&places, &array.iter().copied().collect::<Vec<_>>());
            let flat = |places: &[usize]| -> Vec<u8> {
                places.iter().flat_map(|&i| bytes[i * size..][..size].to_vec()).collect()
            };
            prop_assert_eq!(view.to_bytes(), flat(&places));
            prop_assert_eq!(view.runs().collect::<Vec<_>>().concat(), flat(&places));
            let columns: Vec<usize> = array.t().iter().copied().collect();
            prop_assert_eq!(view.to_bytes_in(buffers::Order::F), flat(&columns));
            prop_assert_eq!(view.iter().map(|v| v.to_bytes()).collect::<Vec<_>>().concat(),
                if view.ndim() == 0 { Vec::new() } else { flat(&places) });
        }
    }
}

#[test]
fn one_reads_well() {
    let bytes: Vec<u8> = (0..24).collect();
    let matrix = View::of_bytes(&bytes).reshape([4, 6]).unwrap();
    assert_eq!(matrix.slice(1).to_bytes(), [6, 7, 8, 9, 10, 11]);
    assert_eq!(matrix.slice((.., 0)).to_bytes(), [0, 6, 12, 18]);
    assert_eq!(matrix.slice((-2.., ..2)).to_bytes(), [12, 13, 18, 19]);
    assert_eq!(matrix.slice((1..=2, -1)).to_bytes(), [11, 17]);
    assert_eq!(matrix.slice((0, Slice::every(-2))).to_bytes(), [5, 3, 1]);
    assert_eq!(matrix.slice([1, 2]).to_bytes(), [8], "a view without axes");
    assert!(matrix.slice([1, 2]).shape().is_empty());
    assert_eq!(matrix.slice(()).shape(), [4, 6]);
    let last: usize = 3;
    assert_eq!(matrix.slice((last, ..last)).to_bytes(), [18, 19, 20]);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let bytes = [0; 24];
    let view = View::of_bytes(&bytes).reshape([4, 6]).unwrap();
    let says = |error: buffers::IndexError| (error.axis(), error.size(), error.to_string());
    let refused = |text: &str, axis, size| (axis, size, text.to_string());
    assert_eq!(
        says(view.try_slice((1, 3..7)).unwrap_err()),
        refused("range 3..7 does not fit axis 1 of size 6", 1, 6)
    );
    assert_eq!(
        says(view.try_slice(-5).unwrap_err()),
        refused("index -5 does not fit axis 0 of size 4", 0, 4)
    );
    assert_eq!(
        says(view.try_slice((0, Slice::every(0))).unwrap_err()),
        refused("slice ::0 of axis 1 (size 6) has a step of 0", 1, 6)
    );
    assert_eq!(
        says(view.try_slice((0, 0, 0)).unwrap_err()),
        refused("3 indices for a view of 2 axes", 2, 2)
    );
    assert_eq!(
        says(view.item(0).unwrap_err()),
        refused("an element of 2 axes needs as many indices, not 1", 1, 2)
    );
    assert_eq!(
        says(view.item([Index::from(0), Index::from(1..2)]).unwrap_err()),
        refused("range 1..2 of axis 1 (size 6) is not one element", 1, 6)
    );
    assert_eq!(
        panic_text(|| view.slice(usize::MAX).ndim()),
        format!("index {} does not fit axis 0 of size 4", isize::MAX)
    );
    for range in [
        Index::Range(Bound::Included(3), Bound::Excluded(2)),
        Index::from(0..=4),
        Index::from(5..),
        Index::from(..=isize::MAX),
    ] {
        assert!(view.try_slice(range).is_err(), "{range}");
    }
}

#[test]
fn a_view_travels() {
    fn travels<T: Send + Sync + Clone>() {}
    travels::<View<'_>>();
    assert!(size_of::<View<'_>>() <= 128, "{}", size_of::<View<'_>>());
}
