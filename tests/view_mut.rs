//! A view that may be written writes exactly its own elements: through chains of
//! slices, in halves that interleave, and in several threads.

use buffers::{Format, Index, Layout, Order, Slice, View, ViewMut, copied};
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

/// Where the elements of a view lie, in bytes from the start of `bytes`.
fn places(view: &View<'_>, bytes: &[u8]) -> Vec<usize> {
    view.items().map(|item| item.as_ptr().addr() - bytes.as_ptr().addr()).collect()
}

/// One step of a chain that both kinds of views know.
#[derive(Clone, Debug)]
enum Step {
    Slice(Vec<(bool, isize)>),
    Transpose,
    Rotate,
    Half(usize, usize, bool),
    Merge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec((any::<bool>(), -3..4_isize), 0..4).prop_map(Step::Slice),
        1 => Just(Step::Transpose),
        1 => Just(Step::Rotate),
        3 => (0..4_usize, 0..5_usize, any::<bool>()).prop_map(|(a, b, c)| Step::Half(a, b, c)),
        1 => Just(Step::Merge),
    ]
}

fn indices(axes: &[(bool, isize)], shape: &[usize]) -> Vec<Index> {
    let index = |(&(one, number), &len): (&(bool, isize), &usize)| {
        if one && len > 0 {
            (number.unsigned_abs() % len).into()
        } else {
            Slice::every(if number == 0 { 1 } else { number }).into()
        }
    };
    axes.iter().zip(shape).map(index).collect()
}

/// Both after one more step, the same of each.
fn go<'a, 'm>(view: View<'a>, writer: ViewMut<'m>, step: &Step) -> (View<'a>, ViewMut<'m>) {
    let shape = view.shape().to_vec();
    match step {
        Step::Slice(axes) => {
            let indices = indices(axes, &shape);
            (view.slice(&indices[..]), writer.slice(&indices[..]))
        }
        Step::Transpose => (view.transpose(), writer.transpose()),
        Step::Rotate => {
            let mut axes: Vec<usize> = (0..shape.len()).collect();
            axes.rotate_left(shape.len().min(1));
            (view.permute(&axes).unwrap(), writer.permute(&axes).unwrap())
        }
        &Step::Half(axis, at, first) if axis < shape.len() => {
            let at = at.min(shape[axis]);
            let ours = view.split_at(axis, at).unwrap();
            let theirs = writer.split_at(axis, at).unwrap();
            if first { (ours.0, theirs.0) } else { (ours.1, theirs.1) }
        }
        Step::Merge => match view.reshape([view.elements()]) {
            Ok(row) => (row, writer.reshape([view.elements()]).unwrap()),
            Err(_) => (view, writer),
        },
        Step::Half(..) => (view, writer),
    }
}

proptest! {
    #![proptest_config(oracles::cases(3000))]

    #[test]
    fn exactly_the_elements_are_written(
        shape in prop::collection::vec(0..5_usize, 0..4),
        steps in prop::collection::vec(step(), 0..5),
        code in prop::sample::select(vec!["B", "<H", ">I", "d"]),
        way in 0..5_u8,
    ) {
        let format = Format::parse(code).unwrap();
        let size = format.itemsize();
        let before = pattern(shape.iter().product::<usize>() * size, 60);
        let mut after = before.clone();
        let mut view = View::new(&before, format.clone()).unwrap().reshape(&shape).unwrap();
        let mut writer = ViewMut::new(&mut after, format.clone()).unwrap().reshape(&shape).unwrap();
        for step in &steps {
            (view, writer) = go(view, writer, step);
            prop_assert_eq!((view.shape(), view.strides()), (writer.shape(), writer.strides()));
        }
        prop_assert_eq!(writer.to_bytes(), view.to_bytes());
        if let Some(lent) = writer.as_view() {
            prop_assert_eq!(lent.to_bytes(), view.to_bytes());
        }
        let new = pattern(view.nbytes(), 61);
        let places = places(&view, &before);
        let (result, copies) = copied::during(|| match way {
            0 => writer.copy_from_slice(&new),
            // The source is strided: it lies backwards.
            1 => {
                let backwards: Vec<u8> = new.chunks(size).rev().flatten().copied().collect();
                let row = View::new(&backwards, format.clone())?.slice(Slice::every(-1));
                let row = if view.is_empty() { row.reshape(view.shape())? } else { row };
                match row.reshape(view.shape()) {
                    Ok(source) => writer.copy_from(&source),
                    Err(error) => Err(error),
                }
            }
            2 => {
                writer.fill(&new.get(..size).map_or_else(|| vec![7; size], <[u8]>::to_vec))
            }
            3 => {
                let layout = Layout::contiguous(size, view.shape(), Order::C)?;
                writer.copy_from(&View::from_layout(&new, format.clone(), layout)?)
            }
            _ => {
                // Element by element, by sub-views, which end without axes.
                let mut items = new.chunks(size);
                write_deeply(writer.reborrow(), &mut items);
                Ok(())
            }
        });
        prop_assert_eq!(result, Ok(()));
        if way < 4 {
            prop_assert_eq!(copies, view.nbytes() as u64);
        }
        prop_assert_eq!(writer.read_only().is_ok(), writer_lends(&steps, &shape, &mut before.clone(), format));
        let mut expected = before.clone();
        for (n, place) in places.into_iter().enumerate() {
            let item = if way == 2 { &new[..size] } else { &new[n * size..][..size] };
            expected[place..place + size].copy_from_slice(item);
        }
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn both_halves_of_any_axis_are_written_independently(
        shape in prop::collection::vec(1..5_usize, 1..4),
        steps in prop::collection::vec(step(), 0..3),
        axis in 0..3_usize,
        at in 0..5_usize,
    ) {
        let before = vec![0; shape.iter().product()];
        let mut after = before.clone();
        let mut view = View::of_bytes(&before).reshape(&shape).unwrap();
        let mut writer = ViewMut::of_bytes(&mut after).reshape(&shape).unwrap();
        for step in &steps {
            (view, writer) = go(view, writer, step);
        }
        let Some(&len) = view.shape().get(axis) else { return Ok(()) };
        let at = at.min(len);
        let (head, tail) = view.split_at(axis, at).unwrap();
        let mut expected = before.clone();
        for (half, value) in [(&head, 1), (&tail, 2)] {
            for place in places(half, &before) {
                expected[place] = value;
            }
        }
        let (mut head, mut tail) = writer.split_at(axis, at).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| head.fill(&[1]).unwrap());
            tail.fill(&[2]).unwrap();
        });
        prop_assert!(head.to_bytes().iter().all(|&b| b == 1));
        prop_assert!(tail.to_bytes().iter().all(|&b| b == 2));
        prop_assert_eq!(after, expected);
    }

    #[test]
    fn copying_within_is_as_if_the_source_was_copied_first(
        len in 1..30_usize,
        (a, b, count) in (0..30_usize, 0..30_usize, 0..30_usize),
        (step, other) in (1..4_usize, 1..4_usize),
    ) {
        let (a, b) = (a % len, b % len);
        let count = count.min((len - a).div_ceil(step)).min((len - b).div_ceil(other));
        let mut bytes = pattern(len, 62);
        let mut expected = bytes.clone();
        let source: Vec<u8> = (0..count).map(|i| bytes[a + i * step]).collect();
        (0..count).for_each(|i| expected[b + i * other] = source[i]);
        let part = |start: usize, step: usize| -> Slice {
            let start = start.cast_signed();
            let step = step.cast_signed();
            Slice::new(start, start + count.cast_signed() * step, step)
        };
        let mut view = ViewMut::of_bytes(&mut bytes);
        prop_assert_eq!(view.copy_within(part(a, step), part(b, other)), Ok(()));
        prop_assert_eq!(&bytes, &expected);
    }
}

/// Writes the items in the order of C, by splitting views until no axis is left.
fn write_deeply<'i>(mut view: ViewMut<'_>, items: &mut impl Iterator<Item = &'i [u8]>) {
    if view.ndim() == 0 {
        view.item_mut(()).unwrap().copy_from_slice(items.next().unwrap());
        return;
    }
    let sub_views = view.into_iter();
    let count = sub_views.len();
    let written = sub_views.map(|sub_view| write_deeply(sub_view, items)).count();
    assert_eq!(written, count);
}

/// Whether the same chain ends in a view that lends one for reading.
fn writer_lends(steps: &[Step], shape: &[usize], bytes: &mut [u8], format: Format) -> bool {
    let copy = bytes.to_vec();
    let mut view = View::new(&copy, format.clone()).unwrap().reshape(shape).unwrap();
    let mut writer = ViewMut::new(bytes, format).unwrap().reshape(shape).unwrap();
    for step in steps {
        (view, writer) = go(view, writer, step);
    }
    // A view in Fortran's order can be given up for reading, but is not lent as one run
    // in the order of C.
    writer.as_view().is_some() || writer.is_f_contiguous()
}

#[test]
fn halves_that_interleave_lend_no_view_and_others_do() {
    let mut bytes = pattern(24, 63);
    let at = bytes.as_ptr();
    let matrix = ViewMut::of_bytes(&mut bytes).reshape([4, 6]).unwrap();
    let (top, bottom) = matrix.split_at(0, 1).unwrap();
    assert_eq!(top.as_view().unwrap().as_bytes().unwrap().as_ptr(), at);
    let (left, mut right) = bottom.split_at(1, 2).unwrap();
    assert!(left.as_view().is_none() && right.as_view().is_none());
    assert_eq!(left.item((0, 0)).unwrap().as_ptr(), at.wrapping_add(6));
    assert!(right.as_bytes_mut().is_none());
    let mut row = right.slice(1);
    assert_eq!(row.as_view().unwrap().as_bytes().unwrap().as_ptr(), at.wrapping_add(14));
    assert_eq!(row.as_bytes_mut().unwrap().len(), 4);
    assert_eq!(row.read_only().unwrap().to_bytes(), pattern(24, 63)[14..18]);
    let left = left.read_only().unwrap_err();
    assert_eq!(left.shape(), [3, 2], "the view is handed back");
}

#[test]
fn what_may_overlap_is_read_only() {
    let mut bytes = [0; 24];
    for (shape, strides, axis) in [
        (&[3][..], &[0_isize][..], 0),
        (&[3], &[1], 0),
        (&[2, 3], &[4, 2], 0),
        (&[3, 2], &[2, -4], 1),
    ] {
        let layout = Layout::strided(2, shape, strides, 4, 24).unwrap();
        let format = Format::parse("<H").unwrap();
        let error = ViewMut::from_layout(&mut bytes, format, layout).unwrap_err();
        let says = format!(
            "elements along axis {axis} share bytes, or may do so: such a view is read-only"
        );
        assert_eq!((error.axis(), error.to_string()), (Some(axis), says));
    }
    // Strides of single elements, and of none, do not count.
    for (shape, strides) in
        [(&[1, 2][..], &[0_isize, 1][..]), (&[0, 2], &[0, 0]), (&[2, 3], &[-3, 1])]
    {
        let layout = Layout::strided(1, shape, strides, 4, 24).unwrap();
        assert!(ViewMut::from_layout(&mut bytes, Format::U8, layout).is_ok());
    }
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let mut bytes = pattern(24, 64);
    let before = bytes.clone();
    let mut view = ViewMut::of_bytes(&mut bytes).reshape([4, 6]).unwrap();
    let other = [9; 24];
    let says = |error: buffers::LayoutError| error.to_string();
    let wrong = View::of_bytes(&other).reshape([4, 3, 2]).unwrap();
    let text = "the numbers of axes, or the sizes of the elements, differ";
    assert_eq!(says(view.copy_from(&wrong).unwrap_err()), text);
    let wrong = View::of_bytes(&other).reshape([6, 4]).unwrap();
    assert_eq!(says(view.copy_from(&wrong).unwrap_err()), "the shapes differ at axis 0");
    assert!(view.copy_from_slice(&other[1..]).is_err());
    assert!(view.fill(&[1, 2]).is_err());
    assert_eq!(
        view.copy_within(0, (.., 0)).unwrap_err().to_string(),
        "cannot copy between these parts: the shapes differ at axis 0"
    );
    assert_eq!(
        view.copy_within(4, 0).unwrap_err().to_string(),
        "cannot copy from there: index 4 does not fit axis 0 of size 4"
    );
    assert_eq!(
        view.copy_within(0, 7..9).unwrap_err().to_string(),
        "cannot copy to there: range 7..9 does not fit axis 0 of size 4"
    );
    assert!(view.item_mut((0, 6)).is_err());
    let text = panic_text(|| view.slice_mut((0, 6)).ndim());
    assert_eq!(text, "index 6 does not fit axis 1 of size 6");
    assert!(view.reborrow().split_at(2, 0).is_err());
    assert!(view.reborrow().split_at(1, 7).is_err());
    assert_eq!(format!("{view:?}"), "ViewMut(\"B\", [4, 6])");
    assert_eq!(bytes, before);
}

#[test]
fn copies_are_counted_also_those_on_the_way() {
    let mut bytes = pattern(24, 65);
    let mut view = ViewMut::of_bytes(&mut bytes).reshape([4, 6]).unwrap();
    let ((), copies) = copied::during(|| view.copy_within(0..2, 1..3).unwrap());
    assert_eq!(copies, 12, "moved in place");
    let ((), copies) = copied::during(|| view.copy_within((.., 0), (.., 1)).unwrap());
    assert_eq!(copies, 8, "gathered and written");
    let (_, copies) = copied::during(|| view.reborrow().transpose().split_at(0, 3).is_ok());
    assert_eq!(copies, 0);
}

#[test]
fn it_travels() {
    fn travels<T: Send + Sync>() {}
    travels::<ViewMut<'_>>();
}
