//! Strategies for the answers of a scripted transport.

use std::io;

use netsend::testing::Answer;
use proptest::prelude::*;

/// Any answer that does not end a send, taking up to `most` bytes.
pub fn healthy(most: usize) -> impl Strategy<Value = Answer> {
    prop_oneof![
        6 => (1..=most).prop_map(Answer::Take),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Interrupted),
    ]
}

/// Any answer, taking up to `most` bytes.
pub fn answer(most: usize) -> impl Strategy<Value = Answer> {
    prop_oneof![
        8 => healthy(most),
        1 => Just(Answer::Fail(io::ErrorKind::ConnectionReset)),
        1 => Just(Answer::Overclaim),
    ]
}
