//! A layout never reaches out of its bytes, whatever it is asked: the one place where
//! bounds are proved, held against arithmetic in 128 bits.

use buffers::{Format, Index, Layout, LayoutError, Order, Slice, View, copied};
use oracles::content::pattern;
use proptest::prelude::*;

/// Numbers that overflow when something is done with them, and small ones.
fn length() -> impl Strategy<Value = usize> {
    const HALF: usize = isize::MAX as usize;
    let odd = vec![usize::MAX, usize::MAX - 1, HALF, HALF + 1, 1 << 32, 1 << 31];
    prop_oneof![6 => 0..5_usize, 1 => prop::sample::select(odd)]
}

fn stride() -> impl Strategy<Value = isize> {
    let odd = vec![isize::MIN, isize::MIN + 1, isize::MAX, isize::MAX - 7, 1 << 62, -(1 << 32)];
    prop_oneof![6 => -20_isize..20, 1 => prop::sample::select(odd)]
}

/// Where the first byte and the end lie, or `None` if that is not within `nbytes`, or
/// if there is too much of it.
fn reach(
    size: usize,
    shape: &[usize],
    strides: &[isize],
    at: usize,
    nbytes: usize,
) -> Option<bool> {
    let mut all = size as i128;
    for len in shape {
        all = all.checked_mul((*len).max(1) as i128)?;
    }
    if size == 0 || all > isize::MAX as i128 {
        return None;
    }
    let (mut low, mut high) = (at as i128, at as i128);
    if shape.contains(&0) {
        return (at <= nbytes).then_some(true);
    }
    for (len, stride) in shape.iter().zip(strides) {
        let way = (*len as i128 - 1).checked_mul(*stride as i128)?;
        low = low.checked_add(way.min(0))?;
        high = high.checked_add(way.max(0))?;
    }
    (low >= 0 && high + size as i128 <= nbytes as i128).then_some(true)
}

/// Asks for everything that can be asked of a view of few elements.
fn ask_everything(view: &View<'_>, indices: &[Index]) {
    let bytes = view.to_bytes();
    assert_eq!(bytes.len(), view.nbytes());
    assert_eq!(view.runs().collect::<Vec<_>>().concat(), bytes);
    assert_eq!(view.items().len(), view.elements());
    assert_eq!(view.transpose().transpose().layout(), view.layout());
    assert_eq!(view.as_bytes().is_some(), view.is_c_contiguous());
    let _ = (view.reshape([bytes.len()]), view.broadcast([3, 1, 1]), view.as_row());
    if let Ok(part) = view.try_slice(indices) {
        assert_eq!(part.to_bytes().len(), part.nbytes());
    }
    for axis in 0..view.ndim() {
        for at in [0, 1, usize::MAX] {
            if let Ok((head, tail)) = view.split_at(axis, at) {
                assert_eq!(head.elements() + tail.elements(), view.elements());
                assert_eq!(head.to_bytes().len() + tail.to_bytes().len(), bytes.len());
            }
        }
    }
}

fn any_index() -> impl Strategy<Value = Index> {
    prop_oneof![
        stride().prop_map(Index::At),
        (stride(), stride()).prop_map(|(start, end)| (start..end).into()),
        (stride(), stride()).prop_map(|(start, end)| (start..=end).into()),
        (stride(), stride(), stride())
            .prop_map(|(start, stop, step)| Slice::new(start, stop, step).into()),
    ]
}

proptest! {
    #![proptest_config(oracles::cases(6000))]

    #[test]
    fn a_layout_is_made_only_if_it_fits(
        size in prop_oneof![Just(1_usize), Just(2), Just(8), Just(0), Just(usize::MAX)],
        axes in prop::collection::vec((length(), stride()), 0..5),
        offset in prop_oneof![0..60_usize, Just(usize::MAX), Just(isize::MAX as usize)],
        nbytes in 0..80_usize,
        indices in prop::collection::vec(any_index(), 0..5),
    ) {
        let (shape, strides): (Vec<_>, Vec<_>) = axes.into_iter().unzip();
        let layout = Layout::strided(size, &shape, &strides, offset, nbytes);
        let fits = reach(size, &shape, &strides, offset, nbytes);
        prop_assert_eq!(layout.is_ok(), fits.is_some(), "{:?}", layout);
        let Ok(layout) = layout else { return Ok(()) };
        prop_assert_eq!((layout.shape(), layout.strides()), (&shape[..], &strides[..]));
        let few = layout.elements() < 1000;
        let format = match size { 1 => "B", 2 => "<H", _ => "d" };
        let bytes = pattern(nbytes, 33);
        let view = View::from_layout(&bytes, Format::parse(format).unwrap(), layout).unwrap();
        if few {
            ask_everything(&view, &indices);
        }
    }

    #[test]
    fn what_untrusted_numbers_ask_of_a_view_is_answered(
        shape in prop::collection::vec(length(), 0..6),
        axes in prop::collection::vec(length(), 0..6),
        indices in prop::collection::vec(any_index(), 0..4),
    ) {
        let bytes = pattern(24, 34);
        let view = View::of_bytes(&bytes).reshape([2, 3, 4]).unwrap();
        let _ = view.try_slice(&indices[..]).map(|view| ask_everything(&view, &[]));
        let _ = view.item(&indices[..]);
        let _ = view.permute(&axes).map(|view| ask_everything(&view, &[]));
        let _ = view.reshape(&shape).map(|view| ask_everything(&view, &indices));
        let _ = Layout::contiguous(3, &shape, Order::C);
        // A broadcast view may have more elements than anybody can walk through.
        if let Ok(wide) = view.broadcast(&shape) {
            prop_assert!(isize::try_from(wide.nbytes()).is_ok());
            let _ = wide.try_slice(&indices[..]);
        }
    }
}

/// How axes lie is as CPython says: strides of single elements do not count.
#[test]
fn contiguity_is_that_of_cpython() {
    let both = |shape: &[usize], strides: &[isize]| {
        let layout = Layout::strided(2, shape, strides, 8, 64).unwrap();
        assert_eq!(layout.is_contiguous(), layout.is_c_contiguous() || layout.is_f_contiguous());
        (layout.is_c_contiguous(), layout.is_f_contiguous())
    };
    assert_eq!(both(&[], &[]), (true, true));
    assert_eq!(both(&[5], &[2]), (true, true));
    assert_eq!(both(&[5], &[4]), (false, false));
    assert_eq!(both(&[5], &[-2]), (false, false));
    assert_eq!(both(&[2, 3], &[6, 2]), (true, false));
    assert_eq!(both(&[2, 3], &[2, 4]), (false, true));
    assert_eq!(both(&[1, 3], &[77, 2]), (true, true));
    assert_eq!(both(&[2, 1], &[2, isize::MIN]), (true, true));
    assert_eq!(both(&[2, 0], &[1, 1]), (true, true));
}

#[test]
fn contiguous_layouts_are_so() {
    for shape in [&[][..], &[4], &[2, 3], &[2, 0, 3], &[2, 1, 3, 2, 2]] {
        let layout = Layout::contiguous(4, shape, Order::C).unwrap();
        assert!(layout.is_c_contiguous(), "{layout:?}");
        let layout = Layout::contiguous(4, shape, Order::F).unwrap();
        assert!(layout.is_f_contiguous(), "{layout:?}");
        assert_eq!((layout.offset(), layout.itemsize()), (0, 4));
    }
    assert_eq!(Layout::contiguous(1, &[2, 3, 4], Order::F).unwrap().strides(), [1, 2, 6]);
}

/// Axes past the fourth lie elsewhere, and are treated alike.
#[test]
fn there_may_be_64_axes_and_no_more() {
    let shape = [1; 65];
    let view = View::of_bytes(b"x");
    let most = view.reshape(&shape[..64]).unwrap();
    assert_eq!((most.ndim(), most.to_bytes()), (64, b"x".to_vec()));
    assert_eq!(most.slice([Index::At(0); 64].as_slice()).ndim(), 0);
    let says = |error: LayoutError| error.to_string();
    let text = "65 axes are too many: a view has at most 64";
    assert_eq!(says(view.reshape(shape).unwrap_err()), text);
    assert_eq!(says(most.broadcast(shape).unwrap_err()), text);

    let bytes: Vec<u8> = (0..64).collect();
    let view = View::of_bytes(&bytes).reshape([2; 6]).unwrap();
    let part = view.slice((1, Slice::every(-1), .., 0)).permute([3, 1, 2, 0]).unwrap();
    assert_eq!(part.shape(), [2; 4]);
    let expected: Vec<u8> = (0..16)
        .map(|i| 32 + (i >> 3 & 1) + (i >> 2 & 1) * 8 + (i >> 1 & 1) * 2 + (1 - (i & 1)) * 16)
        .collect();
    assert_eq!(part.to_bytes(), expected);
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let view = View::of_bytes(&[0; 24]).reshape([2, 3, 4]).unwrap();
    let cases: [(Result<View<'_>, LayoutError>, Option<usize>, &str); 11] = [
        (
            View::strided(&[0; 24], Format::U8, &[2, 3], &[12, -1], 0),
            Some(1),
            "axis 1 reaches out of the 24 bytes that there are",
        ),
        (
            View::strided(&[0; 24], Format::U8, &[], &[], 24),
            None,
            "the first element lies outside of the 24 bytes that there are",
        ),
        (
            View::strided(&[0; 24], Format::U8, &[1, 1], &[1], 0),
            None,
            "1 strides were given for 2 axes",
        ),
        (
            View::new(&[0; 7], Format::parse("<H").unwrap()),
            None,
            "7 bytes are no whole number of elements of 2 bytes",
        ),
        (view.reshape([5, 5]), None, "a shape of 25 elements is asked of a view of 24"),
        (
            view.transpose().reshape([24]),
            None,
            "no strides give this shape without moving elements: reshape a copy by `to_bytes`",
        ),
        (
            view.permute([0, 1, 1]),
            Some(1),
            "axis 1 is named twice, or is no axis: each has to be named once",
        ),
        (view.permute([0]), None, "each of the 3 axes has to be named once"),
        (
            view.broadcast([2, 2, 6, 4]),
            Some(1),
            "axis 1 has the size 3 and cannot be repeated to 6: only size 1 can",
        ),
        (view.broadcast([4]), None, "a view of 3 axes cannot be broadcast to 1 axes"),
        (
            view.split_at(2, 5).map(|halves| halves.0),
            Some(2),
            "cannot split axis 2 at 5: its size is 4",
        ),
    ];
    for (result, axis, text) in cases {
        let error = result.unwrap_err();
        assert_eq!((error.axis(), error.to_string()), (axis, text.to_string()));
    }
    let error = Layout::contiguous(4, &[1, usize::MAX], Order::C).unwrap_err();
    assert_eq!(error.axis(), Some(1));
    assert!(error.to_string().starts_with("up to axis 1 the elements take more than 92"));
}

#[test]
fn copies_are_counted_and_looking_copies_nothing() {
    let bytes = pattern(24, 35);
    let view = View::of_bytes(&bytes).reshape([4, 6]).unwrap();
    let ((), looked) = copied::during(|| ask_addresses(&view));
    assert_eq!(looked, 0);
    let (_, copies) = copied::during(|| view.slice((.., ..2)).to_bytes());
    assert_eq!(copies, 8);
    let mut to = [0; 8];
    let (_, copies) = copied::during(|| view.slice((.., ..2)).copy_to_slice(&mut to));
    assert_eq!(
        (copies, to.to_vec()),
        (copied::Tally::Counted(8), view.slice((.., ..2)).to_bytes())
    );
    let (result, copies) = copied::during(|| view.copy_to_slice(&mut to));
    assert_eq!((result.is_err(), copies.value()), (true, Some(0)));
}

fn ask_addresses(view: &View<'_>) {
    let window = view.slice((1.., ..3)).transpose();
    let places: Vec<_> = window.runs().map(<[u8]>::as_ptr).collect();
    assert_eq!(places[0], view.item((1, 0)).unwrap().as_ptr());
    assert_eq!(places.len(), 9);
}
