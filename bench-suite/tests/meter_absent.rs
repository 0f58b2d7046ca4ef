//! A binary without the meter is told so, instead of being given zeros.

use bench_suite::meter::{self, Figure};

#[test]
fn figures_are_unavailable_without_the_macro() {
    let source = vec![1_u8; 4096];
    let (_copy, reading) = meter::measure(|| source.clone());
    let missing = Figure::unavailable("install_meter!() is not in this binary's root");
    assert_eq!(reading.allocs, missing);
    assert_eq!(reading.alloc_bytes, missing);
    for figure in [&reading.copied_bytes, &reading.copy_calls] {
        assert_eq!(figure.value(), None, "{reading:?}");
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    assert_eq!(reading.copied_bytes, missing);
    assert!(meter::switch_cost().is_err());
}

#[test]
#[should_panic(expected = "the meter is blind: install_meter!() is not in this binary's root")]
fn no_proof_without_the_macro() {
    meter::assert_steady(1, 1, || ());
}
