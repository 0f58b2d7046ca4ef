//! One run of one contender, in a process of its own.

use std::fs;
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use socket2::{Domain, Socket, Type};

use super::receiver::{FILL, SMALL_BUFFER};
use super::{Case, Job};
use crate::contenders::{Contender, Done, Run};
use crate::meter::{self, Figure, Reading, process, syscalls};

/// What a child process is told on its command line.
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
    pub connect: Option<SocketAddr>,
    /// Count instead of taking the time.
    #[arg(long)]
    pub count: bool,
}

/// What a child process found out about itself, told on its standard output.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sample {
    /// From the first call to the last, or until the receiver had everything.
    pub(super) wall_s: f64,
    /// User and system time of the whole process meanwhile.
    pub(super) cpu_s: f64,
    pub(super) page_faults: Figure,
    pub(super) peak_rss: Figure,
    pub(super) kernel_copied: u64,
    pub(super) answer: u64,
    /// Only of a run that counts.
    pub(super) reading: Option<Reading>,
}

/// A finished run, seen from the parent.
pub(super) struct Ran {
    pub(super) sample: Sample,
    pub(super) syscalls: Figure,
}

/// Runs a contender in a child process.
pub(super) fn spawn(
    case: &Case,
    contender: &Contender,
    connect: Option<SocketAddr>,
    count: bool,
) -> io::Result<Ran> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["run-as-child", "--job", case.job.name(), "--contender", contender.name]);
    command.args(["--size", &case.size.to_string()]);
    if let Some(file) = &case.file {
        command.arg("--file").arg(file);
    }
    if let Some(address) = connect {
        command.args(["--connect", &address.to_string()]);
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
        return Err(io::Error::other(format!("its process ended with {status}")));
    }
    let sample = serde_json::from_slice(&stdout)?;
    Ok(Ran { sample, syscalls: calls })
}

/// The child's side: does the job as it was told, and prints what it found out
/// about itself as JSON.
///
/// # Errors
///
/// What the contender or the system said.
pub fn run_as_child(orders: &Orders) -> io::Result<()> {
    let contender = orders.job.contender(&orders.contender).ok_or_else(|| {
        io::Error::other(format!("{} has no contender {}", orders.job.name(), orders.contender))
    })?;
    let socket =
        orders.connect.map(|to| connect(orders.job, to, contender.blocking)).transpose()?;
    let work = prepare(orders, contender, socket.as_ref())?;
    let sample = observe(orders.count, work, || socket.as_ref().map_or(Ok(()), await_receipt))?;
    println!("{}", serde_json::to_string(&sample)?);
    Ok(())
}

/// Does the work, and what has to be waited for, with everything around it
/// observed. The waiting is in the time but not in the counts.
fn observe(count: bool, work: Work<'_>, wait: impl Fn() -> io::Result<()>) -> io::Result<Sample> {
    let faults = process::process_faults();
    let cpu = cpu_time()?;
    let start = Instant::now();
    let (result, reading) = if count {
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
    let Done { kernel_copied, answer } = result?;
    wait()?;
    Ok(Sample {
        wall_s: start.elapsed().as_secs_f64(),
        cpu_s: cpu_time()?.saturating_sub(cpu).as_secs_f64(),
        page_faults: difference(&process::process_faults(), &faults),
        peak_rss: process::peak_rss(),
        kernel_copied,
        answer,
        reading,
    })
}

type Work<'a> = Box<dyn FnOnce() -> io::Result<Done> + 'a>;

/// The work as a closure, with everything ready that is not part of it.
fn prepare<'a>(
    orders: &'a Orders,
    contender: &Contender,
    socket: Option<&'a TcpStream>,
) -> io::Result<Work<'a>> {
    let socket = || socket.ok_or_else(|| io::Error::other("this job needs --connect"));
    let path = || orders.file.as_deref().ok_or_else(|| io::Error::other("this job needs --file"));
    let memory = |byte| vec![byte; usize::try_from(orders.size).unwrap_or(usize::MAX)];
    Ok(match contender.run {
        Run::SendMemory(run) => {
            let (payload, socket) = (memory(FILL), socket()?);
            Box::new(move || run(payload, socket))
        }
        Run::SendFile(run) => {
            let (path, socket) = (path()?, socket()?);
            Box::new(move || run(path, socket))
        }
        Run::Cut(run) => {
            let log = fs::read(path()?)?;
            Box::new(move || run(log))
        }
        Run::Read(run) => {
            let path = path()?;
            Box::new(move || run(path))
        }
        Run::ReadInto(run) => {
            // Written once, so that all its pages are there.
            let (path, warm) = (path()?, memory(1));
            Box::new(move || run(path, warm))
        }
    })
}

fn connect(job: Job, to: SocketAddr, blocking: bool) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if job == Job::Send {
        socket.set_send_buffer_size(SMALL_BUFFER)?;
    }
    socket.connect(&to.into()).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot connect to the receiver at {to}: {error}"))
    })?;
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
