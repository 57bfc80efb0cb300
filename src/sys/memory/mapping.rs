//! Pages of their own, made as private as the kernel lets us. It divides none.
#![expect(unsafe_code, reason = "a mapping is made, changed and given back")]

use std::num::NonZeroUsize;
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::mman::{
    MRemapFlags, MapFlags, MmapAdvise, ProtFlags, madvise, mlock, mmap, mmap_anonymous, mremap,
    munmap,
};

use crate::sys::limit::page_size;
use crate::sys::trial::{self, Outcome};

/// The largest mapping that is hidden: each page that the kernel takes out of its map takes 20 us.
const HIDDEN_MOST: usize = 128 << 10;

/// Who else may come to see memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residence {
    /// Nobody: the kernel itself has taken it out of its own map (`memfd_secret(2)`). It stays in RAM.
    Hidden,
    /// It stays in RAM and out of core dumps; a debugger sees it.
    Locked,
    /// The same, but `RLIMIT_MEMLOCK` did not reach: it may be swapped out.
    Swappable,
}

/// What becomes of memory in a forked child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtFork {
    /// It is not there, or empty.
    Gone,
    /// It is there until the child's exec.
    Kept,
}

/// The worst residence that there was, as a number.
static WEAKEST: AtomicU8 = AtomicU8::new(0);

/// The mappings that a forked child keeps: more places than are ever used.
static KEPT: [(AtomicPtr<u8>, AtomicUsize); 4] =
    [const { (AtomicPtr::new(ptr::null_mut()), AtomicUsize::new(0)) }; 4];

/// A mapping: whole pages, zeroed at first.
#[derive(Debug)]
pub(super) struct Mapping {
    start: NonNull<u8>,
    length: NonZeroUsize,
    residence: Residence,
}

// SAFETY: a mapping is memory that belongs to nobody else; it is the process's, not a thread's.
unsafe impl Send for Mapping {}

// SAFETY: a shared mapping tells its place and size only.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps so many bytes at least, hidden if they are not too many.
    pub(super) fn new(bytes: usize, at_fork: AtFork) -> Result<Self, Errno> {
        let length = whole_pages(bytes)?;
        let wanted = length.get() <= HIDDEN_MOST && may_hide();
        match if wanted { hidden(length) } else { Err(Errno::EPERM) } {
            Ok(start) => Ok(Self { start, length, residence: Residence::Hidden }.prepared(at_fork)),
            Err(_) => Self::locked(bytes, at_fork),
        }
    }

    /// Maps so many bytes at least, locked and not hidden.
    pub(super) fn locked(bytes: usize, at_fork: AtFork) -> Result<Self, Errno> {
        Ok(Self::anonymous(whole_pages(bytes)?)?.prepared(at_fork))
    }

    fn prepared(self, at_fork: AtFork) -> Self {
        match at_fork {
            AtFork::Kept => self.register(),
            AtFork::Gone => self.view().keep_from_children(),
        }
        WEAKEST.fetch_max(number(self.residence), Ordering::Relaxed);
        self
    }

    fn anonymous(length: NonZeroUsize) -> Result<Self, Errno> {
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: the kernel chooses a place where nothing of ours is.
        let start =
            unsafe { mmap_anonymous(None, length, protection, MapFlags::MAP_PRIVATE) }?.cast();
        let residence =
            if lock(start, length).is_ok() { Residence::Locked } else { Residence::Swappable };
        let mapping = Self { start, length, residence };
        mapping.view().advise(MmapAdvise::MADV_DONTDUMP);
        Ok(mapping)
    }

    /// The same pages, to be changed as a whole.
    pub(super) fn view(&self) -> View {
        View { start: self.start, length: self.length, residence: self.residence }
    }

    /// Where it begins.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Its size in bytes.
    pub(super) fn length(&self) -> usize {
        self.length.get()
    }

    /// Who else may come to see it.
    pub(super) fn residence(&self) -> Residence {
        self.residence
    }

    fn register(&self) {
        for (start, length) in &KEPT {
            let free = ptr::null_mut();
            let place = self.start.as_ptr();
            let order = (Ordering::Relaxed, Ordering::Relaxed);
            if start.compare_exchange(free, place, order.0, order.1).is_ok() {
                length.store(self.length.get(), Ordering::Relaxed);
                return;
            }
        }
    }

    fn deregister(&self) {
        for (start, length) in &KEPT {
            if start.load(Ordering::Relaxed) == self.start.as_ptr() {
                length.store(0, Ordering::Relaxed);
                start.store(ptr::null_mut(), Ordering::Relaxed);
            }
        }
    }
}

/// Pages, without being their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    start: NonNull<u8>,
    length: NonZeroUsize,
    residence: Residence,
}

// SAFETY: it is a place and a length; nothing is read through it but in a child of one thread.
unsafe impl Send for View {}

impl View {
    /// Has the children to come find nothing here: hidden pages would be shared with them, others
    /// copied.
    pub(super) fn keep_from_children(self) {
        self.advise(match self.residence {
            Residence::Hidden => MmapAdvise::MADV_DONTFORK,
            Residence::Locked | Residence::Swappable => MmapAdvise::MADV_WIPEONFORK,
        });
    }

    /// Has the children to come find everything here.
    pub(super) fn show_to_children(self) {
        self.advise(match self.residence {
            Residence::Hidden => MmapAdvise::MADV_DOFORK,
            Residence::Locked | Residence::Swappable => MmapAdvise::MADV_KEEPONFORK,
        });
    }

    /// Makes these pages, in a child that has just been forked, its own: a copy in the same place, as
    /// protected as they were.
    pub(super) fn make_own(self) -> Result<(), Errno> {
        if self.residence != Residence::Hidden {
            // Locks are not inherited. Where the limit does not reach, it did not before.
            let _swappable = lock(self.start, self.length);
            return Ok(());
        }
        let (length, copy) = (self.length.get(), hidden(self.length)?);
        // SAFETY: both are mappings of this length, and nobody writes to either meanwhile.
        unsafe { ptr::copy_nonoverlapping(self.start.as_ptr(), copy.as_ptr(), length) };
        let flags = MRemapFlags::MREMAP_MAYMOVE | MRemapFlags::MREMAP_FIXED;
        let place = Some(self.start.cast());
        // SAFETY: the copy takes the place of the shared pages, with the same bytes in it, so whoever
        // points there sees no difference.
        unsafe { mremap(copy.cast(), length, length, flags, place) }.map(drop)
    }

    /// Gives an advice that only newer kernels and not all sandboxes take; it is no reason to stop.
    fn advise(self, advice: MmapAdvise) {
        // SAFETY: the range is a mapping that is ours alone; no such advice changes its contents in
        // this process.
        let _unheeded = unsafe { madvise(self.start.cast(), self.length.get(), advice) };
    }
}

impl Drop for Mapping {
    /// Gives the pages back. Whoever wrote to them has wiped them: to do it here would use pages that
    /// were never used.
    fn drop(&mut self) {
        self.deregister();
        // SAFETY: the mapping is that of `new`; unmapping unlocks too.
        let _nothing_to_be_done = unsafe { munmap(self.start.cast(), self.length.get()) };
    }
}

fn whole_pages(bytes: usize) -> Result<NonZeroUsize, Errno> {
    let length = bytes.max(1).checked_next_multiple_of(page_size()).and_then(NonZeroUsize::new);
    length.ok_or(Errno::ENOMEM)
}

/// Takes out of a forked child what it kept, without touching it: it may be shared. Does not
/// allocate; nothing may use that memory any more.
pub(crate) fn unmap_kept() {
    for (start, length) in &KEPT {
        let length = length.load(Ordering::Relaxed);
        if let Some(start) = NonNull::new(start.load(Ordering::Relaxed)).filter(|_| length > 0) {
            // SAFETY: the range is a mapping of ours, which the caller does not use any more.
            let _nothing_to_be_done = unsafe { munmap(start.cast(), length) };
        }
    }
}

/// The worst residence that any mapping has had.
pub(super) fn weakest() -> Residence {
    let reached = WEAKEST.load(Ordering::Relaxed);
    let all = [Residence::Swappable, Residence::Locked];
    all.into_iter().find(|residence| number(*residence) == reached).unwrap_or(Residence::Hidden)
}

fn number(residence: Residence) -> u8 {
    match residence {
        Residence::Hidden => 0,
        Residence::Locked => 1,
        Residence::Swappable => 2,
    }
}

/// Whether this process gets memory that even the kernel does not look into.
pub(crate) fn can_hide() -> bool {
    let mapping = Mapping::new(1, AtFork::Gone);
    mapping.is_ok_and(|mapping| mapping.residence == Residence::Hidden)
}

/// Whether the kernel may be asked for hidden memory at all. A system-call filter that does not know the
/// call may kill the process for it (`@system-service` of systemd 252 is such a filter); so a child
/// makes it first.
fn may_hide() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        !trial::is_filtered() || matches!(trial::in_child(open_secret), Ok(Outcome::Returned(_)))
    })
}

fn open_secret() -> nix::Result<u32> {
    // SAFETY: the call takes flags and touches no memory.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    Errno::result(fd).map(|fd| u32::try_from(fd).unwrap_or(0))
}

/// Maps memory that the kernel takes out of its own map. It counts as locked, so that
/// `RLIMIT_MEMLOCK` must reach, and its size as that of a file (`RLIMIT_FSIZE`; SIGXFSZ is ignored, see
/// `inherited`). No descriptor stays open.
fn hidden(length: NonZeroUsize) -> Result<NonNull<u8>, Errno> {
    let flags = OFlag::O_CLOEXEC.bits();
    // SAFETY: the call takes flags and touches no memory.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_memfd_secret, flags) })?;
    let fd = RawFd::try_from(fd).map_err(|_range| Errno::EBADF)?;
    // SAFETY: the kernel has just opened it for us.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    let size = i64::try_from(length.get()).map_err(|_range| Errno::ENOMEM)?;
    nix::unistd::ftruncate(&fd, size)?;
    let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: the kernel chooses a place where nothing of ours is; nobody else has the descriptor.
    let start = unsafe { mmap(None, length, protection, MapFlags::MAP_SHARED, &fd, 0) }?;
    Ok(start.cast())
}

/// Keeps pages in RAM, each from the moment it is first used.
fn lock(start: NonNull<u8>, length: NonZeroUsize) -> Result<(), Errno> {
    // SAFETY: the range is a mapping of ours; locking does not change what is in it.
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
