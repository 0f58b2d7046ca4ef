//! Elements are a slice of a type, or an array view of `ndarray`, where they lie; and
//! arrays of `ndarray` are views.

use buffers::{Export, ExportMut, Flag, Format, Request, Slice, View, ViewMut, copied};
use ndarray::{Array, Array2, ArrayD, Axis, IxDyn, s};
use oracles::content::pattern;
use proptest::prelude::*;
use zerocopy::IntoBytes;

fn format(code: &str) -> Format {
    Format::parse(code).unwrap()
}

#[test]
fn a_slice_of_a_type_is_lent_in_place() {
    let numbers: Vec<u32> = (0..12).collect();
    let view = View::new(numbers.as_bytes(), format("I")).unwrap().reshape([3, 4]).unwrap();
    let (typed, copies) = copied::during(|| view.slice(1..).typed::<u32>().unwrap());
    assert_eq!((typed, copies), (&numbers[4..], copied::Tally::Counted(0)));
    assert_eq!(typed.as_ptr(), numbers[4..].as_ptr());
    // The size counts, not what the format says.
    assert_eq!(view.slice((0, 1)).typed::<f32>().unwrap(), [f32::from_bits(1)]);
    assert!(view.slice((.., 2..2)).typed::<u32>().unwrap().is_empty());

    let mut numbers = numbers;
    let writer = ViewMut::new(numbers.as_mut_bytes(), format("I")).unwrap();
    let (_, tail) = writer.split_at(0, 10).unwrap();
    tail.typed::<u32>().unwrap().fill(7);
    assert_eq!(numbers[9..], [9, 7, 7]);
}

#[test]
fn what_is_no_slice_is_handed_back() {
    let numbers: Vec<u32> = (0..12).collect();
    let bytes = numbers.as_bytes();
    let view = View::new(bytes, format("I")).unwrap();
    let error = view.slice(Slice::every(2)).typed::<u32>().unwrap_err();
    assert_eq!(error.to_string(), "there are gaps between the elements");
    assert_eq!((error.needed_align(), error.into_view().shape().to_vec()), (None, vec![6]));
    let error = view.clone().typed::<u16>().unwrap_err();
    assert_eq!(error.to_string(), "the elements have 4 bytes, and the type has 2");

    let odd = View::new(&bytes[2..10], format("I")).unwrap();
    let error = odd.typed::<u32>().unwrap_err();
    let at = bytes[2..].as_ptr().addr();
    assert_eq!((error.address(), error.needed_align()), (at, Some(4)));
    assert_eq!(error.to_string(), format!("the address {at:#x} is no multiple of 4"));
    assert_eq!(error.into_view().as_bytes().unwrap(), &bytes[2..10]);

    let mut copy = numbers.clone();
    let odd = ViewMut::new(&mut copy.as_mut_bytes()[1..9], format("I")).unwrap();
    let error = odd.typed::<u32>().unwrap_err();
    assert_eq!(error.needed_align(), Some(4));
    let error = error.into_view().typed::<u8>().unwrap_err();
    assert_eq!(error.to_string(), "the elements have 4 bytes, and the type has 1");
    let gaps = error.into_view().slice(Slice::every(-1)).typed::<u32>().unwrap_err();
    assert_eq!(gaps.into_view().shape(), [2]);
}

proptest! {
    #![proptest_config(oracles::cases(1000))]

    #[test]
    fn a_view_is_an_array_and_an_array_a_view(
        shape in prop::collection::vec(0..4_usize, 0..4),
        steps in prop::collection::vec(prop::sample::select(vec![-3_isize, -2, -1, 1, 2]), 4),
        turn in 0..4_usize,
    ) {
        let numbers: Vec<u16> = (0..).take(shape.iter().product()).collect();
        let view = View::new(numbers.as_bytes(), format("H")).unwrap().reshape(&shape).unwrap();
        let slices: Vec<_> = steps[..shape.len()].iter().map(|&step| Slice::every(step).into()).collect();
        let mut axes: Vec<usize> = (0..shape.len()).collect();
        axes.rotate_left(turn.min(shape.len()));
        let view = view.slice(&slices[..]).permute(&axes).unwrap();
        let array = view.as_array::<u16>().unwrap();
        prop_assert_eq!(array.shape(), view.shape());
        prop_assert!(array.iter().map(|n| std::ptr::from_ref(n).addr()).eq(view.items().map(|i| i.as_ptr().addr())));

        // And back, where the memory has no gaps.
        let owned: ArrayD<u16> = Array::from_shape_vec(IxDyn(&shape), numbers.clone()).unwrap();
        let mut owned = owned.permuted_axes(IxDyn(&axes));
        for (axis, &step) in steps.iter().enumerate().take(shape.len()) {
            if step < 0 {
                owned.invert_axis(Axis(axis));
            }
        }
        let (view, copies) = copied::during(|| owned.export(Request::RECORDS_RO).unwrap());
        prop_assert_eq!(copies, 0);
        prop_assert_eq!((view.shape(), view.format()), (owned.shape(), &format("H")));
        prop_assert!(owned.iter().map(|n| std::ptr::from_ref(n).addr()).eq(view.items().map(|i| i.as_ptr().addr())));
        prop_assert_eq!(view.as_array::<u16>().unwrap(), owned.view());
    }
}

#[test]
fn arrays_are_written_and_those_with_gaps_are_refused() {
    let mut array = Array2::<f64>::zeros((2, 3)).reversed_axes();
    array.export_mut(Request::RECORDS).unwrap().slice((2, 1)).fill(&1.5_f64.to_ne_bytes()).unwrap();
    assert_eq!(array[[2, 1]].to_bits(), 1.5_f64.to_bits());
    let error = array.export_mut(Request::CONTIG).unwrap_err();
    assert_eq!(error.flag(), Flag::Strides, "it is in Fortran's order");
    let window = array.slice(s![1.., ..]);
    let error = window.export(Request::RECORDS_RO).unwrap_err();
    assert_eq!(error.flag(), Flag::AnyContiguous);
    let columns = array.t();
    assert_eq!(columns.export(Request::SIMPLE).unwrap().nbytes(), 48);
}

#[test]
fn what_is_no_array_is_handed_back() {
    let bytes = pattern(16, 80);
    let format = format("B");
    let overlapping = View::strided(&bytes, format, &[3, 4], &[1, 2], 0).unwrap();
    let array = overlapping.as_array::<u8>().unwrap();
    assert_eq!(array[[2, 3]], bytes[8], "elements may share bytes");
    let error = overlapping.as_array::<u16>().unwrap_err();
    assert_eq!(error.to_string(), "the elements have 1 bytes, and the type has 2");
    let words = Format::parse("H").unwrap();
    let uneven = View::strided(&bytes, words, &[2, 3], &[2, 3], 0).unwrap();
    let error = uneven.as_array::<u16>().unwrap_err();
    assert_eq!(error.to_string(), "the stride of axis 1 is no whole number of elements");
    assert_eq!(error.into_view().shape(), [2, 3]);
}
