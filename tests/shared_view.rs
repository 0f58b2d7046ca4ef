//! A shared view selects what a borrowed one selects, from the same addresses, and
//! keeps its memory by one count.

use buffers::{
    Chain, Format, Layout, Order, SharedBuf, SharedView, Slice, UniqueBuf, View, copied,
};
use bytes::Bytes;
use oracles::content::pattern;
use oracles::panic_text;

fn matrix() -> SharedView {
    SharedView::of_bytes(SharedBuf::from(pattern(24, 40))).reshape([4, 6]).unwrap()
}

/// The same elements at the same addresses.
fn same(shared: &SharedView, view: &View<'_>) {
    assert_eq!((shared.shape(), shared.strides()), (view.shape(), view.strides()));
    let places = |view: &View<'_>| view.items().map(<[u8]>::as_ptr).collect::<Vec<_>>();
    assert_eq!(places(&shared.view()), places(view));
    assert_eq!(shared.to_bytes(), view.to_bytes());
    assert_eq!(shared.to_bytes_in(Order::F), view.to_bytes_in(Order::F));
    let runs: Vec<_> = shared.runs().map(|run| (run.as_ptr(), run.len())).collect();
    assert!(view.runs().map(|run| (run.as_ptr(), run.len())).eq(runs));
}

#[test]
fn each_step_is_that_of_a_view_and_copies_nothing() {
    let shared = matrix();
    let view = shared.view();
    let (_, copies) = copied::during(|| {
        let part = (Slice::new(1, 3, 1), Slice::every(-2));
        let steps = [
            (shared.slice(part), view.slice(part)),
            (shared.slice(-1), view.slice(-1)),
            (shared.transpose(), view.transpose()),
            (shared.permute([1, 0]).unwrap(), view.permute([1, 0]).unwrap()),
            (shared.reshape([2, 12]).unwrap(), view.reshape([2, 12]).unwrap()),
            (shared.broadcast([2, 4, 6]).unwrap(), view.broadcast([2, 4, 6]).unwrap()),
            (shared.split_at(1, 2).unwrap().1, view.split_at(1, 2).unwrap().1),
            (shared.clone(), View::from(&shared)),
        ];
        assert_eq!(shared.buf().backing().unwrap().handles(), 1 + steps.len(), "one count each");
        steps
    });
    assert_eq!(copies, 0);
    let part = (Slice::new(1, 3, 1), Slice::every(-2));
    same(&shared.slice(part), &view.slice(part));
    same(&shared.transpose(), &view.transpose());
    same(&shared.reshape([2, 12]).unwrap(), &view.reshape([2, 12]).unwrap());
    same(&shared.broadcast([2, 4, 6]).unwrap(), &view.broadcast([2, 4, 6]).unwrap());
    same(&shared.split_at(1, 2).unwrap().1, &view.split_at(1, 2).unwrap().1);
    let (_, control) = copied::during(|| shared.slice(1).to_bytes());
    assert_eq!(control, 6, "the ledger sees a copy where there is one");
}

#[test]
fn it_keeps_its_memory_and_lets_go_of_it() {
    let memory = UniqueBuf::from(pattern(24, 41)).freeze();
    let window = SharedView::of_bytes(memory.clone()).reshape([4, 6]).unwrap().slice((.., 5));
    assert_eq!(memory.backing().unwrap().handles(), 2);
    let at = memory.as_ptr();
    drop(memory);
    assert_eq!(window.view().item(3).unwrap().as_ptr(), at.wrapping_add(23));
    let buf = window.into_buf();
    assert!(buf.is_unique());
    assert_eq!(buf.len(), 24, "the buffer is the whole of it");
}

#[test]
fn what_is_contiguous_is_a_handle_and_all_else_is_several() {
    let shared = matrix();
    let rows = shared.slice((1..3, ..)).as_buf().unwrap();
    assert_eq!((rows.as_ptr(), rows.len()), (shared.buf()[6..].as_ptr(), 12));
    assert!(shared.slice((.., 1..)).as_buf().is_none());
    let chain: Chain = shared.slice((.., 1..)).runs().collect();
    assert_eq!((chain.pieces(), chain.len()), (4, 20));
    assert_eq!(chain, shared.slice((.., 1..)).to_bytes());
    let bytes: Vec<Bytes> = shared.slice((1.., 2..4)).runs().map(Bytes::from).collect();
    assert_eq!(bytes.concat(), shared.slice((1.., 2..4)).to_bytes());
}

#[test]
fn a_borrowed_view_is_promoted_in_place() {
    let page = SharedBuf::from(pattern(30, 42)).slice(2..);
    let view = View::new(&page[4..], Format::parse("<H").unwrap()).unwrap();
    let part = view.reshape([3, 4]).unwrap().slice((Slice::every(-1), 1));
    let kept = page.promote_view(&part).unwrap();
    same(&kept, &part);
    assert_eq!(kept.format(), view.format());
    assert!(page.promote_view(&View::of_bytes(&[1, 2])).is_none());
    assert!(SharedBuf::from(vec![7]).promote_view(&part).is_none());
    let nothing = page.promote_view(&part.slice(0..0)).unwrap();
    assert_eq!((nothing.shape(), nothing.to_bytes().len()), (&[0][..], 0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let buf = SharedBuf::from(pattern(23, 43));
    let layout = Layout::contiguous(2, &[3, 4], Order::C).unwrap();
    let format = Format::parse("<H").unwrap();
    assert!(
        SharedView::from_layout(buf.clone(), format.clone(), layout.clone()).is_err(),
        "24 bytes"
    );
    assert!(SharedView::from_layout(buf.clone(), Format::U8, layout).is_err(), "other sizes");
    assert!(SharedView::new(buf.clone(), format).is_err(), "an odd number of bytes");
    let view = SharedView::from(buf);
    assert_eq!(
        view.try_slice(23).unwrap_err().to_string(),
        "index 23 does not fit axis 0 of size 23"
    );
    assert_eq!(panic_text(|| view.slice(..24).ndim()), "range ..24 does not fit axis 0 of size 23");
    assert_eq!(format!("{view:?}"), "SharedView(\"B\", [23])");
}

#[test]
fn it_travels() {
    fn travels<T: Send + Sync + Clone + 'static>() {}
    travels::<SharedView>();
    let window = matrix().slice((.., 1));
    let sum =
        std::thread::spawn(move || window.to_bytes().iter().map(|&b| u64::from(b)).sum::<u64>());
    let bytes = pattern(24, 40);
    let expected: u64 = [1, 7, 13, 19].map(|i| u64::from(bytes[i])).iter().sum();
    assert_eq!(sum.join().unwrap(), expected);
}
