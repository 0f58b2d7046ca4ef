//! uncopied
fn main() {}
