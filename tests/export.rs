//! Memory of any kind answers a request with a view in place or with the flag that
//! failed; and a cast follows the rules of CPython's `memoryview.cast`.

use std::sync::Arc;

use buffers::{
    CastError, Export, ExportError, ExportMut, Flag, Format, Order, Request, SharedBuf, SharedView,
    Slice, UniqueBuf, View, ViewMut, copied,
};
use bytes::{Bytes, BytesMut};
use oracles::content::pattern;

/// The view is of these bytes, where they are.
fn lends(memory: &impl Export, bytes: &[u8]) {
    let (view, copies) = copied::during(|| memory.export(Request::RECORDS_RO).unwrap());
    assert_eq!(copies, 0);
    assert_eq!((view.shape(), view.format()), (&[bytes.len()][..], &Format::U8));
    assert_eq!(view.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
    let error = memory.export(Request::STRIDED).unwrap_err();
    assert_eq!(error.flag(), Flag::Writable);
}

fn lends_for_writing(memory: &mut impl ExportMut) {
    let (mut view, copies) = copied::during(|| memory.export_mut(Request::CONTIG).unwrap());
    assert_eq!(copies, 0);
    view.item_mut(1).unwrap()[0] = 77;
    assert_eq!(memory.export(Request::SIMPLE).unwrap().item(1).unwrap(), [77]);
}

#[test]
fn memory_of_any_kind_is_lent_in_place() {
    let vec = pattern(12, 70);
    lends(&vec, &vec);
    lends(&vec.as_slice(), &vec);
    let text = "text";
    lends(&text, text.as_bytes());
    let string = String::from("text");
    lends(&string, string.as_bytes());
    let array = [1, 2, 3];
    lends(&array, &array);
    let boxed: Box<[u8]> = vec.clone().into();
    lends(&boxed, &boxed);
    let arc: Arc<[u8]> = vec.clone().into();
    lends(&arc, &arc);
    let bytes = Bytes::from(vec.clone());
    lends(&bytes, &bytes);
    let shared = SharedBuf::from(vec.clone());
    lends(&shared, &shared);
    lends(&SharedView::of_bytes(shared.clone()), &shared);
    lends(&buffers::Row::of_bytes(&vec), &vec);
    lends(&View::of_bytes(&vec), &vec);
    let map = memmap2::MmapMut::map_anon(4096).unwrap().make_read_only().unwrap();
    lends(&map, &map);
}

#[test]
fn memory_that_may_be_written_is_lent_for_it() {
    lends_for_writing(&mut pattern(12, 71));
    lends_for_writing(&mut pattern(12, 71).as_mut_slice());
    lends_for_writing(&mut [1, 2, 3]);
    lends_for_writing(&mut Box::<[u8]>::from([1, 2, 3]));
    lends_for_writing(&mut BytesMut::from(&[1, 2, 3][..]));
    lends_for_writing(&mut UniqueBuf::from(vec![1, 2, 3]));
    lends_for_writing(&mut memmap2::MmapMut::map_anon(4096).unwrap());
    lends_for_writing(&mut ViewMut::of_bytes(&mut [1, 2, 3]));
}

/// What each request gets from each view: the answers of CPython's `memoryview`, whose
/// `memory_getbuf` asks in the same order.
#[test]
fn a_request_is_answered_or_its_flag_is_named() {
    let bytes = pattern(24, 72);
    let words = View::new(&bytes, Format::parse("<H").unwrap()).unwrap();
    let c = words.reshape([3, 4]).unwrap();
    let f = c.transpose();
    let gaps = c.slice((.., Slice::every(2)));
    let flag = |view: &View<'_>, request: Request| -> Option<Flag> {
        view.export(request).err().map(|error| error.flag())
    };
    let ro = Request::STRIDED_RO;
    for (request, [of_c, of_f, of_gaps]) in [
        (Request::SIMPLE, [None, Some(Flag::Strides), Some(Flag::Strides)]),
        (Request::CONTIG_RO, [None, Some(Flag::Strides), Some(Flag::Strides)]),
        (ro, [None; 3]),
        (Request::RECORDS_RO, [None; 3]),
        (ro.contiguous(Order::C), [None, Some(Flag::CContiguous), Some(Flag::CContiguous)]),
        (ro.contiguous(Order::F), [Some(Flag::FContiguous), None, Some(Flag::FContiguous)]),
        (ro.contiguous(Order::A), [None, None, Some(Flag::AnyContiguous)]),
        (Request::SIMPLE.format(), [Some(Flag::Format), Some(Flag::Strides), Some(Flag::Strides)]),
        (Request::CONTIG, [Some(Flag::Writable); 3]),
        (Request::RECORDS.contiguous(Order::F), [Some(Flag::Writable); 3]),
    ] {
        assert_eq!(
            [flag(&c, request), flag(&f, request), flag(&gaps, request)],
            [of_c, of_f, of_gaps],
            "{request:?}"
        );
    }
    let plain = c.export(Request::SIMPLE).unwrap();
    assert_eq!((plain.shape(), plain.itemsize(), plain.nbytes()), (&[24][..], 1, 24));
    assert_eq!(c.export(Request::CONTIG_RO).unwrap().shape(), [3, 4]);
    assert_eq!(f.export(Request::RECORDS_RO).unwrap().strides(), f.strides());
}

#[test]
fn writing_is_answered_alike() {
    let mut bytes = pattern(24, 73);
    let mut view = ViewMut::of_bytes(&mut bytes).reshape([4, 6]).unwrap();
    assert_eq!(view.export_mut(Request::SIMPLE.writable()).unwrap().shape(), [24]);
    let (mut left, _right) = view.reborrow().split_at(1, 2).unwrap();
    let flag = |error: ExportError| error.flag();
    assert_eq!(left.export_mut(Request::CONTIG).map(|_| ()).map_err(flag), Err(Flag::Strides));
    assert_eq!(
        left.export(Request::STRIDED_RO).map(|_| ()).map_err(flag),
        Err(Flag::AnyContiguous)
    );
    left.export_mut(Request::STRIDED).unwrap().fill(&[0]).unwrap();
    let expected: Vec<u8> = pattern(24, 73)
        .into_iter()
        .enumerate()
        .map(|(i, byte)| if i % 6 < 2 { 0 } else { byte })
        .collect();
    assert_eq!(bytes, expected);
}

fn cast(from: &View<'_>, format: &str, shape: Option<&[usize]>) -> Result<Vec<usize>, CastError> {
    let format = Format::parse(format).unwrap();
    let cast = match shape {
        None => from.cast(format.clone())?,
        Some(shape) => from.cast_to(format.clone(), shape)?,
    };
    assert_eq!(cast.format(), &format);
    assert_eq!(cast.as_bytes().unwrap().as_ptr(), from.as_bytes().unwrap().as_ptr());
    assert_eq!(cast.to_bytes(), from.to_bytes());
    Ok(cast.shape().to_vec())
}

#[test]
fn casts_follow_the_rules_of_cpython() {
    let bytes = pattern(24, 74);
    let row = View::of_bytes(&bytes);
    assert_eq!(cast(&row, "I", None), Ok(vec![6]));
    assert_eq!(cast(&row, "@d", None), Ok(vec![3]));
    assert_eq!(cast(&row, "H", Some(&[3, 4])), Ok(vec![3, 4]));
    assert_eq!(cast(&row, "b", Some(&[24])), Ok(vec![24]));
    assert_eq!(cast(&row.slice(4..5), "c", Some(&[])), Ok(vec![]));
    let words = row.cast(Format::parse("H").unwrap()).unwrap();
    assert_eq!(cast(&words, "B", None), Ok(vec![24]));
    let matrix = row.reshape([4, 6]).unwrap();
    assert_eq!(cast(&matrix, "q", None), Ok(vec![3]));
    assert_eq!(cast(&matrix.slice(1..3), "H", Some(&[6])), Ok(vec![6]));
    assert_eq!(cast(&matrix.slice((0, 0)), "B", Some(&[1])), Ok(vec![1]));
    assert_eq!(cast(&row.slice(..0), "I", None), Ok(vec![0]));

    let says = |result: Result<Vec<usize>, CastError>| {
        let error = result.unwrap_err();
        (error.is_about_format(), error.to_string())
    };
    let layout = |text: &str| (false, text.to_string());
    let format = |text: &str| (true, text.to_string());
    let every_second = row.slice(Slice::every(2));
    assert_eq!(
        every_second.cast(Format::U8).unwrap_err().to_string(),
        "only what is contiguous in the order of C can be cast"
    );
    assert!(matrix.transpose().cast(Format::U8).is_err());
    assert_eq!(
        says(cast(&row.slice(..0), "I", Some(&[1]))),
        layout("an axis of length 0 can be cast to one axis only")
    );
    assert!(cast(&matrix.slice(..0), "B", None).is_err());
    assert_eq!(
        says(cast(&matrix, "B", Some(&[2, 12]))),
        layout("a cast goes from one axis to several, or the other way")
    );
    assert_eq!(
        says(cast(&words, "I", None)),
        format("cannot cast \"H\" to \"I\": one of them has to be of bytes")
    );
    assert_eq!(
        says(cast(&row, "<H", None)),
        format("cannot cast to \"<H\", which is no single native code")
    );
    // To bytes, from whatever format; from such a format, to bytes only.
    let swapped = View::new(&bytes, Format::parse(">H").unwrap()).unwrap();
    assert_eq!(cast(&swapped, "B", None), Ok(vec![24]));
    let records = View::new(&bytes, Format::parse("<HI").unwrap()).unwrap();
    assert_eq!(cast(&records, "c", Some(&[3, 8])), Ok(vec![3, 8]));
    assert_eq!(
        says(cast(&swapped, "H", None)),
        format("cannot cast \">H\" to \"H\": one of them has to be of bytes")
    );
    assert_eq!(
        says(cast(&row.slice(..23), "H", None)),
        layout("23 bytes are no whole number of elements of 2 bytes")
    );
    assert_eq!(
        says(cast(&row, "H", Some(&[2, 5]))),
        layout("a shape of 20 bytes is asked of 24 bytes")
    );
    assert_eq!(
        says(cast(&row, "H", Some(&[0, 5]))),
        layout("no length of a shape to cast to may be 0")
    );
    for shape in [&[usize::MAX, 2][..], &[1 << 62, 8], &[1; 65]] {
        assert_eq!(
            says(cast(&row, "H", Some(shape))),
            layout("a shape is asked that no memory has")
        );
    }
}

#[test]
fn what_is_written_is_cast_alike() {
    let mut bytes = pattern(24, 75);
    let at = bytes.as_ptr();
    let matrix = ViewMut::of_bytes(&mut bytes).reshape([4, 6]).unwrap();
    let (left, right) = matrix.split_at(1, 2).unwrap();
    assert!(left.cast(Format::parse("H").unwrap()).is_err(), "with gaps");
    let mut word = right.slice(1).cast(Format::parse("I").unwrap()).unwrap();
    assert_eq!((word.shape(), word.itemsize()), (&[1][..], 4));
    word.fill(&7_u32.to_ne_bytes()).unwrap();
    assert_eq!(word.item(0).unwrap().as_ptr(), at.wrapping_add(8));
    assert_eq!(bytes[8..12], 7_u32.to_ne_bytes());
    let words = ViewMut::of_bytes(&mut bytes).cast_to(Format::parse("H").unwrap(), [3, 4]).unwrap();
    assert_eq!(words.strides(), [8, 2]);
}

#[test]
fn arrays_answer_requests_too() {
    let bytes = buffers::ByteArray::from(b"abc".to_vec());
    let view = Export::export(&bytes, Request::SIMPLE).unwrap();
    assert_eq!(view.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
    let numbers: buffers::Array<u16> = [1, 2].into_iter().collect();
    let view = Export::export(&numbers, Request::RECORDS_RO).unwrap();
    assert_eq!((view.format().to_string(), view.shape()), ("H".into(), &[2][..]));
}
