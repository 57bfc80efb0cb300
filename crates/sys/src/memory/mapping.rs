//! Memory mappings, protected as well as the kernel allows.
#![expect(unsafe_code, reason = "a mapping is created, changed and unmapped")]

use std::num::NonZeroUsize;
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::mman::{
    MRemapFlags, MapFlags, MmapAdvise, ProtFlags, madvise, mlock, mmap, mmap_anonymous, mremap,
    munmap,
};

use crate::limits::page_size;
use crate::probe::{self, ProbeOutcome};

/// The largest hidden mapping in bytes: the kernel takes 20 µs to hide a page.
const MAX_HIDDEN: usize = 128 << 10;

/// How well memory is protected, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryProtection {
    /// Only this process can read it: the kernel has unmapped it from its own page tables
    /// (`memfd_secret(2)`). It stays in RAM.
    Hidden,
    /// It stays in RAM and is excluded from core dumps; a debugger can read it.
    Locked,
    /// The same, but `RLIMIT_MEMLOCK` is too low: it may be swapped out.
    Swappable,
}

/// Whether forked children get the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForkPolicy {
    /// It is not mapped there, or empty.
    Exclude,
    /// It is there until the child's exec.
    Inherit,
}

/// The weakest protection of any mapping so far.
static WEAKEST: Mutex<MemoryProtection> = Mutex::new(MemoryProtection::Hidden);

/// The mappings that forked children inherit. There are never more than four.
static INHERITED: [(AtomicPtr<u8>, AtomicUsize); 4] =
    [const { (AtomicPtr::new(ptr::null_mut()), AtomicUsize::new(0)) }; 4];

/// A mapping of whole pages, initially zero.
#[derive(Debug)]
pub(super) struct Mapping {
    start: NonNull<u8>,
    length: NonZeroUsize,
    protection: MemoryProtection,
}

// SAFETY: a mapping owns its pages, which any thread may use.
unsafe impl Send for Mapping {}

// SAFETY: a shared reference gives only the address and the size.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps at least so many bytes, hidden if they are not too many.
    pub(super) fn new(bytes: usize, fork_policy: ForkPolicy) -> Result<Self, Errno> {
        let length = whole_pages(bytes)?;
        let hide = length.get() <= MAX_HIDDEN && may_call_memfd_secret();
        match if hide { map_hidden(length) } else { Err(Errno::EPERM) } {
            Ok(start) => {
                let protection = MemoryProtection::Hidden;
                Ok(Self { start, length, protection }.with_fork_policy(fork_policy))
            }
            Err(_) => Self::locked(bytes, fork_policy),
        }
    }

    /// Maps at least so many bytes, locked but not hidden.
    pub(super) fn locked(bytes: usize, fork_policy: ForkPolicy) -> Result<Self, Errno> {
        let length = whole_pages(bytes)?;
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: the kernel chooses an address range that is not in use.
        let start = unsafe { mmap_anonymous(None, length, access, MapFlags::MAP_PRIVATE) }?.cast();
        let protection = match lock(start, length) {
            Ok(()) => MemoryProtection::Locked,
            Err(_) => MemoryProtection::Swappable,
        };
        let mapping = Self { start, length, protection };
        mapping.range().advise(MmapAdvise::MADV_DONTDUMP);
        Ok(mapping.with_fork_policy(fork_policy))
    }

    fn with_fork_policy(self, fork_policy: ForkPolicy) -> Self {
        match fork_policy {
            ForkPolicy::Inherit => self.register_inherited(),
            ForkPolicy::Exclude => self.range().exclude_from_children(),
        }
        let mut weakest = WEAKEST.lock().unwrap_or_else(PoisonError::into_inner);
        *weakest = self.protection.max(*weakest);
        self
    }

    /// The address range, without ownership.
    pub(super) fn range(&self) -> MappingRange {
        MappingRange { start: self.start, length: self.length, protection: self.protection }
    }

    /// The address of the first byte.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// The size in bytes.
    pub(super) fn length(&self) -> usize {
        self.length.get()
    }

    /// How well it is protected.
    pub(super) fn protection(&self) -> MemoryProtection {
        self.protection
    }

    fn register_inherited(&self) {
        for (start, length) in &INHERITED {
            let (free, own) = (ptr::null_mut(), self.start.as_ptr());
            if start.compare_exchange(free, own, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                length.store(self.length.get(), Ordering::Relaxed);
                return;
            }
        }
    }

    fn deregister_inherited(&self) {
        for (start, length) in &INHERITED {
            if start.load(Ordering::Relaxed) == self.start.as_ptr() {
                length.store(0, Ordering::Relaxed);
                start.store(ptr::null_mut(), Ordering::Relaxed);
            }
        }
    }
}

impl Drop for Mapping {
    /// Unmaps the pages. Their user has wiped what it wrote; wiping here would touch pages never used.
    fn drop(&mut self) {
        self.deregister_inherited();
        // SAFETY: the range is that of `new` or `locked`, and no borrow outlives its owner.
        let _: nix::Result<()> = unsafe { munmap(self.start.cast(), self.length.get()) };
    }
}

/// The address range of a mapping, without ownership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MappingRange {
    start: NonNull<u8>,
    length: NonZeroUsize,
    protection: MemoryProtection,
}

// SAFETY: it is an address and a length; only `copy_in_child` accesses memory, in a child with one thread.
unsafe impl Send for MappingRange {}

impl MappingRange {
    /// Excludes the pages from future children, which would share hidden pages and copy others.
    pub(super) fn exclude_from_children(self) {
        self.advise(match self.protection {
            MemoryProtection::Hidden => MmapAdvise::MADV_DONTFORK,
            MemoryProtection::Locked | MemoryProtection::Swappable => MmapAdvise::MADV_WIPEONFORK,
        });
    }

    /// Lets future children inherit the pages.
    pub(super) fn include_in_children(self) {
        self.advise(match self.protection {
            MemoryProtection::Hidden => MmapAdvise::MADV_DOFORK,
            MemoryProtection::Locked | MemoryProtection::Swappable => MmapAdvise::MADV_KEEPONFORK,
        });
    }

    /// Replaces the pages, in a child that has just been forked, with a private copy at the same address, equally
    /// protected.
    pub(super) fn copy_in_child(self) -> Result<(), Errno> {
        if self.protection != MemoryProtection::Hidden {
            // Locks are not inherited. Where the limit is too low, it was in the parent, too.
            let _swappable = lock(self.start, self.length);
            return Ok(());
        }
        let (length, copy) = (self.length.get(), map_hidden(self.length)?);
        // SAFETY: both are mappings of this length, and this process has one thread.
        unsafe { ptr::copy_nonoverlapping(self.start.as_ptr(), copy.as_ptr(), length) };
        let flags = MRemapFlags::MREMAP_MAYMOVE | MRemapFlags::MREMAP_FIXED;
        let target = Some(self.start.cast());
        // SAFETY: the copy replaces shared pages with the same bytes, so existing pointers stay valid.
        unsafe { mremap(copy.cast(), length, length, flags, target) }.map(drop)
    }

    /// Gives advice that old kernels and some sandboxes reject, which is not an error.
    fn advise(self, advice: MmapAdvise) {
        // SAFETY: the range is a mapping of this process, whose contents here no such advice changes.
        let _rejected = unsafe { madvise(self.start.cast(), self.length.get(), advice) };
    }
}

fn whole_pages(bytes: usize) -> Result<NonZeroUsize, Errno> {
    let length = bytes.max(1).checked_next_multiple_of(page_size()).and_then(NonZeroUsize::new);
    length.ok_or(Errno::ENOMEM)
}

/// Unmaps in a forked child what it has inherited, without writing to it: the pages may be shared. Does not
/// allocate. Nothing may use that memory afterwards.
pub fn unmap_inherited() {
    for (start, length) in &INHERITED {
        let length = length.load(Ordering::Relaxed);
        if let Some(start) = NonNull::new(start.load(Ordering::Relaxed)).filter(|_| length > 0) {
            // SAFETY: the range is a mapping of this process that the caller does not use any more.
            let _: nix::Result<()> = unsafe { munmap(start.cast(), length) };
        }
    }
}

/// The weakest protection of any mapping so far.
pub(super) fn weakest_protection() -> MemoryProtection {
    *WEAKEST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process can use `memfd_secret(2)`.
pub fn supports_secret_memory() -> bool {
    let mapping = Mapping::new(1, ForkPolicy::Exclude);
    mapping.is_ok_and(|mapping| mapping.protection == MemoryProtection::Hidden)
}

/// Whether `memfd_secret(2)` can be called safely. A seccomp filter that does not know it may kill the caller
/// (`@system-service` of systemd 252 does), so a child tries it first.
fn may_call_memfd_secret() -> bool {
    static ALLOWED: OnceLock<bool> = OnceLock::new();
    *ALLOWED.get_or_init(|| {
        let probed = || probe::run_in_child(|| memfd_secret().map(|_fd| 0));
        !probe::is_filtered() || matches!(probed(), Ok(ProbeOutcome::Returned(_)))
    })
}

fn memfd_secret() -> nix::Result<OwnedFd> {
    // SAFETY: the call takes flags and touches no memory.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, OFlag::O_CLOEXEC.bits()) };
    let fd = RawFd::try_from(Errno::result(fd)?).map_err(|_range| Errno::EBADF)?;
    // SAFETY: the kernel has just opened it, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Maps hidden memory. `RLIMIT_MEMLOCK` limits it, and `RLIMIT_FSIZE`, too, because it is a file; SIGXFSZ is
/// ignored, see `harden`.
fn map_hidden(length: NonZeroUsize) -> Result<NonNull<u8>, Errno> {
    let fd = memfd_secret()?;
    let size = i64::try_from(length.get()).map_err(|_range| Errno::ENOMEM)?;
    nix::unistd::ftruncate(&fd, size)?;
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: the kernel chooses an address range that is not in use; nothing else has the descriptor.
    let start = unsafe { mmap(None, length, access, MapFlags::MAP_SHARED, &fd, 0) }?;
    Ok(start.cast())
}

/// Locks pages in RAM, each when it is first used.
fn lock(start: NonNull<u8>, length: NonZeroUsize) -> Result<(), Errno> {
    // SAFETY: the range is a mapping of this process, whose contents locking does not change.
    let locked = unsafe {
        libc::syscall(libc::SYS_mlock2, start.as_ptr(), length.get(), libc::MLOCK_ONFAULT)
    };
    match Errno::result(locked) {
        // Before Linux 4.4.
        // SAFETY: as above.
        Err(Errno::ENOSYS) => unsafe { mlock(start.cast(), length.get()) },
        locked => locked.map(drop),
    }
}
