//! Layouts from any numbers stay within their bytes, or are refused.
#![no_main]

use buffers::{Format, View, ViewMut};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, Vec<usize>, Vec<isize>, usize, Vec<u8>)| {
    let (code, shape, strides, offset, mut bytes) = input;
    let code = ["B", "<H", ">I", "d", "3s", "<IHbd"][usize::from(code) % 6];
    let format = Format::parse(code).expect("one of these");
    let view = View::strided(&bytes, format.clone(), &shape, &strides, offset);
    if let Ok(view) = view {
        // Strides of 0 make many elements of few bytes.
        if view.nbytes() <= 1 << 16 {
            let gathered = view.to_bytes();
            assert!(view.items().flatten().eq(&gathered));
            assert_eq!(view.runs().map(<[u8]>::len).sum::<usize>(), gathered.len());
        }
        let layout = view.layout().clone();
        if let Ok(mut writer) = ViewMut::from_layout(&mut bytes, format.clone(), layout) {
            let item = vec![7; format.itemsize()];
            let _ = writer.fill(&item);
        }
    }
});
