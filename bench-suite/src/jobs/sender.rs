//! One run of one contender, in a process of its own.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use socket2::{Domain, Socket, Type};

use super::receiver::{FILL, SMALL_BUFFER};
use super::{Case, Job};
use crate::contenders::{Contender, Run};
use crate::meter::{self, Figure, Reading, process, syscalls};

/// What a sender is told by its parent on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Orders {
    /// The job.
    #[arg(long)]
    pub job: Job,
    /// The contender's name.
    #[arg(long)]
    pub contender: String,
    /// The input's size in bytes.
    #[arg(long)]
    pub size: u64,
    /// The input file.
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Where the receiver listens.
    #[arg(long)]
    pub connect: SocketAddr,
    /// Count instead of taking the time.
    #[arg(long)]
    pub count: bool,
}

/// What a sender found out about itself, told on its standard output.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sample {
    /// From the first call until the receiver had everything.
    pub(super) wall_s: f64,
    /// User and system time of the whole process meanwhile.
    pub(super) cpu_s: f64,
    pub(super) page_faults: Figure,
    pub(super) peak_rss: Figure,
    pub(super) kernel_copied: u64,
    /// Only of a run that counts.
    pub(super) reading: Option<Reading>,
}

/// A finished run, seen from the parent.
pub(super) struct Run1 {
    pub(super) sample: Sample,
    pub(super) syscalls: Figure,
}

/// Runs a contender in a child process.
pub(super) fn spawn(
    case: &Case,
    contender: &Contender,
    connect: SocketAddr,
    count: bool,
) -> io::Result<Run1> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["send-as-child", "--job", case.job.name(), "--contender", contender.name]);
    command.args(["--size", &case.size.to_string(), "--connect", &connect.to_string()]);
    if let Some(file) = &case.file {
        command.arg("--file").arg(file);
    }
    let (status, stdout, calls) = if count {
        command.arg("--count");
        let traced = syscalls::run_traced(command)?;
        (traced.status, traced.stdout, traced.calls)
    } else {
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        (output.status, output.stdout, Figure::unavailable("a timed run is not traced"))
    };
    if !status.success() {
        return Err(io::Error::other(format!("the sender ended with {status}")));
    }
    let sample = serde_json::from_slice(&stdout)?;
    Ok(Run1 { sample, syscalls: calls })
}

/// The child's side: connects, sends as it was told, and prints what it found
/// out about itself as JSON.
///
/// # Errors
///
/// What the contender or the system said.
pub fn send_as_child(orders: &Orders) -> io::Result<()> {
    let contender = orders.job.contender(&orders.contender).ok_or_else(|| {
        io::Error::other(format!("{} has no contender {}", orders.job.name(), orders.contender))
    })?;
    let socket = connect(orders, contender.blocking)?;
    let work = prepare(orders, contender, &socket);
    let faults = process::process_faults();
    let cpu = cpu_time()?;
    let start = Instant::now();
    let (result, reading) = if orders.count {
        let (result, reading) = meter::measure(|| {
            syscalls::mark_begin();
            let result = work();
            syscalls::mark_end();
            result
        });
        (result, Some(reading))
    } else {
        (work(), None)
    };
    let kernel_copied = result?;
    await_receipt(&socket)?;
    let wall_s = start.elapsed().as_secs_f64();
    let cpu_s = cpu_time()?.saturating_sub(cpu).as_secs_f64();
    let page_faults = difference(&process::process_faults(), &faults);
    let peak_rss = process::peak_rss();
    let sample = Sample { wall_s, cpu_s, page_faults, peak_rss, kernel_copied, reading };
    println!("{}", serde_json::to_string(&sample)?);
    Ok(())
}

/// The work as a closure, with everything ready that is not part of it.
fn prepare<'a>(
    orders: &'a Orders,
    contender: &Contender,
    socket: &'a TcpStream,
) -> Box<dyn FnOnce() -> io::Result<u64> + 'a> {
    match contender.run {
        Run::Memory(run) => {
            let payload = vec![FILL; usize::try_from(orders.size).unwrap_or(usize::MAX)];
            Box::new(move || run(payload, socket))
        }
        Run::File(run) => {
            let path = orders.file.clone().unwrap_or_default();
            Box::new(move || run(&path, socket))
        }
    }
}

fn connect(orders: &Orders, blocking: bool) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if orders.job == Job::Send {
        socket.set_send_buffer_size(SMALL_BUFFER)?;
    }
    socket.connect(&orders.connect.into())?;
    socket.set_nonblocking(!blocking)?;
    Ok(socket.into())
}

/// Says that nothing follows, and waits until the receiver has checked it all.
fn await_receipt(mut socket: &TcpStream) -> io::Result<()> {
    socket.shutdown(Shutdown::Write)?;
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    socket.read_exact(&mut [0])
}

fn cpu_time() -> io::Result<Duration> {
    process::process_cpu().ok_or_else(|| io::Error::other("the system does not tell CPU time"))
}

fn difference(after: &Figure, before: &Figure) -> Figure {
    match (after, before) {
        (Figure::Counted(after), Figure::Counted(before)) => Figure::Counted(after - before),
        (other, _) => other.clone(),
    }
}
