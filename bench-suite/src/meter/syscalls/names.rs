//! Names of the system calls that moving bytes is likely to make.

use libc::c_long;

/// The name of system call `number`, or the number in words if it is none of
/// the common ones.
pub(super) fn name(number: c_long) -> String {
    COMMON
        .iter()
        .chain(OLD)
        .find(|(known, _)| *known == number)
        .map_or_else(|| format!("syscall_{number}"), |(_, name)| name.replacen("SYS_", "", 1))
}

macro_rules! table {
    ($($name:ident)*) => { &[$((libc::$name, stringify!($name))),*] };
}

/// Those which each 64-bit architecture has. Elsewhere the calls go without names.
#[cfg(target_pointer_width = "64")]
const COMMON: &[(c_long, &str)] = table! {
    SYS_read SYS_write SYS_pread64 SYS_pwrite64 SYS_readv SYS_writev SYS_preadv SYS_pwritev
    SYS_preadv2 SYS_pwritev2 SYS_sendfile SYS_splice SYS_tee SYS_vmsplice SYS_copy_file_range
    SYS_sendto SYS_sendmsg SYS_sendmmsg SYS_recvfrom SYS_recvmsg SYS_recvmmsg
    SYS_socket SYS_socketpair SYS_bind SYS_listen SYS_accept SYS_accept4 SYS_connect SYS_shutdown
    SYS_setsockopt SYS_getsockopt SYS_getsockname SYS_getpeername
    SYS_ppoll SYS_pselect6 SYS_epoll_create1 SYS_epoll_ctl SYS_epoll_pwait
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register
    SYS_mmap SYS_munmap SYS_mremap SYS_mprotect SYS_madvise SYS_msync SYS_mincore SYS_brk
    SYS_memfd_create SYS_mlock SYS_munlock
    SYS_openat SYS_close SYS_lseek SYS_fstat SYS_newfstatat SYS_statx SYS_ftruncate SYS_fallocate
    SYS_fadvise64 SYS_readahead SYS_fsync SYS_fdatasync SYS_unlinkat SYS_renameat2
    SYS_dup SYS_dup3 SYS_pipe2 SYS_fcntl SYS_ioctl SYS_eventfd2
    SYS_futex SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigreturn SYS_sigaltstack
    SYS_clone SYS_clone3 SYS_execve SYS_wait4 SYS_exit SYS_exit_group SYS_set_robust_list SYS_rseq
    SYS_getpid SYS_getppid SYS_gettid SYS_sched_yield SYS_sched_getaffinity SYS_prctl SYS_prlimit64
    SYS_nanosleep SYS_clock_nanosleep SYS_clock_gettime SYS_getrandom SYS_getrusage
    SYS_restart_syscall
};

#[cfg(not(target_pointer_width = "64"))]
const COMMON: &[(c_long, &str)] = &[];

/// Those which later architectures have left out.
#[cfg(target_arch = "x86_64")]
const OLD: &[(c_long, &str)] = table! {
    SYS_open SYS_stat SYS_lstat SYS_poll SYS_select SYS_epoll_wait SYS_dup2 SYS_pipe SYS_fork
    SYS_vfork SYS_unlink SYS_rename SYS_arch_prctl
};
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[(c_long, &str)] = &[];

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::name;

    #[test]
    fn common_calls_have_names() {
        assert_eq!(name(libc::SYS_sendfile), "sendfile");
        assert_eq!(name(libc::SYS_rt_sigprocmask), "rt_sigprocmask");
        assert_eq!(name(98_765), "syscall_98765");
    }
}
