//! The `uncopied` command: the comparison on a real file and a real socket.

use std::process::ExitCode;

bench_suite::install_meter!();

fn main() -> ExitCode {
    bench_suite::command::main()
}
