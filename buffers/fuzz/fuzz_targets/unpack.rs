//! No bytes break a format; what was unpacked packs to what unpacks to the same.
#![no_main]

use buffers::{Format, Value};
use libfuzzer_sys::fuzz_target;

/// Equal, or both not a number.
fn same(a: &Value<'_>, b: &Value<'_>) -> bool {
    a == b || a.as_f64().is_some_and(f64::is_nan) && b.as_f64().is_some_and(f64::is_nan)
}

fuzz_target!(|input: (&str, &[u8], isize)| {
    let (text, bytes, offset) = input;
    let Ok(format) = Format::parse(text) else { return };
    // What a record takes is the format's to say; this target has little memory.
    if format.itemsize() > 1 << 16 {
        return;
    }
    if let Ok(record) = format.unpack_from(bytes, offset) {
        let values: Vec<_> = record.values().collect();
        assert_eq!(values.len(), format.values());
        let packed = format.pack(&values).expect("each value came from there");
        let again = format.unpack(&packed).expect("it is one record");
        assert!(values.iter().zip(&again).all(|(a, b)| same(a, b)));
    }
    if let Ok(records) = format.iter_unpack(bytes) {
        assert_eq!(records.len() * format.itemsize(), bytes.len());
        assert_eq!(records.map(|record| record.values().count()).sum::<usize>(),
            bytes.len() / format.itemsize() * format.values());
    }
    let _ = format.iter_unpack_as::<(u8, u16, &[u8])>(bytes).map(Iterator::count);
    let _ = format.iter_unpack_as::<([i32; 2], f64)>(bytes).map(Iterator::count);
});
