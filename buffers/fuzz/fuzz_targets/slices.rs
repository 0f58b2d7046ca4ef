//! Chains of slices, transposes and splits give the elements that positions give.
#![no_main]

use buffers::{Index, Slice, View};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Cut {
    At(i8),
    Range(u8, u8),
    Step(Option<i8>, Option<i8>, i8),
    Whole,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Slice(Vec<Cut>),
    Transpose,
    SubView(i8),
}

fn index(cut: &Cut) -> Index {
    match *cut {
        Cut::At(at) => Index::from(isize::from(at)),
        Cut::Range(start, end) => Index::from(usize::from(start)..usize::from(end)),
        Cut::Step(start, end, step) => {
            Index::from(Slice::new(start.map(isize::from), end.map(isize::from), step.into()))
        }
        Cut::Whole => Index::from(..),
    }
}

fuzz_target!(|input: ([u8; 4], Vec<Step>)| {
    let (shape, steps) = input;
    let shape = shape.map(|len| usize::from(len % 6));
    let bytes: Vec<u8> = (0..shape.iter().product()).map(|i: usize| i.to_le_bytes()[0]).collect();
    let Ok(mut view) = View::of_bytes(&bytes).reshape(shape) else { return };
    for step in &steps {
        let next = match step {
            Step::Slice(cuts) => {
                let cuts: Vec<Index> = cuts.iter().map(index).collect();
                view.try_slice(&cuts[..]).ok()
            }
            Step::Transpose => Some(view.transpose()),
            Step::SubView(at) => view.try_slice(isize::from(*at)).ok(),
        };
        let Some(next) = next else { continue };
        view = next;
        let gathered = view.to_bytes();
        assert_eq!(gathered.len(), view.nbytes());
        assert!(view.items().flatten().eq(&gathered));
        assert!(view.runs().flatten().eq(&gathered));
    }
});
