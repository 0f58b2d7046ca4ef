//! No text breaks the parser of formats; what parses is shown as what parses to the same.
#![no_main]

use buffers::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Format::parse(text) {
        Ok(format) => {
            let values: usize = format.fields().map(|field| field.values()).sum();
            assert_eq!(values, format.values());
            assert!(format.fields().all(|field| field.offset() <= format.itemsize()));
            let again = Format::parse(&format.to_string()).expect("what is shown parses");
            assert_eq!(again.itemsize(), format.itemsize());
            // What a count of 0 aligned is shown as padding.
            let fields = |format: &Format| {
                let fields: Vec<_> = format.fields().filter(|field| field.values() > 0).collect();
                fields
            };
            assert_eq!(fields(&again), fields(&format));
        }
        Err(error) => assert!(text.is_char_boundary(error.position()), "{error}"),
    }
});
