//! Hashing a file where its lines are read, or on a thread of its own.

use std::{
    mem,
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
};

use crate::root::{GroupStart, Hashing};

/// How many batches may wait for the other thread: what bounds the memory.
const WAITING: usize = 3;

/// Bytes on their way to the other thread.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    starts: Vec<GroupStart>,
}

/// Where bytes are hashed.
pub(crate) enum Hasher {
    Here(Box<Hashing>),
    Apart(Apart),
}

/// A thread that hashes what it is sent, and gives the emptied batches back.
pub(crate) struct Apart {
    batches: SyncSender<Batch>,
    emptied: Receiver<Batch>,
    thread: JoinHandle<Hashing>,
}

impl Hasher {
    pub(crate) fn new(apart: bool) -> Self {
        if !apart {
            return Self::Here(Box::default());
        }
        let (batches, received) = sync_channel::<Batch>(WAITING);
        let (empty, emptied) = channel();
        let thread = thread::spawn(move || hash(&received, &empty));
        Self::Apart(Apart {
            batches,
            emptied,
            thread,
        })
    }

    /// Takes the next bytes and the groups that begin in them, which it clears.
    pub(crate) fn update(&mut self, bytes: &[u8], starts: &mut Vec<GroupStart>) {
        match self {
            Self::Here(hashing) => {
                hashing.update(bytes, starts);
                starts.clear();
            }
            Self::Apart(apart) => {
                let mut batch = apart.emptied.try_recv().unwrap_or_default();
                batch.bytes.clear();
                batch.bytes.extend_from_slice(bytes);
                batch.starts.clear();
                mem::swap(&mut batch.starts, starts);
                // The thread ends early only by a panic, which `finish` passes on.
                drop(apart.batches.send(batch));
            }
        }
    }

    pub(crate) fn finish(self) -> Hashing {
        match self {
            Self::Here(hashing) => *hashing,
            Self::Apart(apart) => {
                drop(apart.batches);
                match apart.thread.join() {
                    Ok(hashing) => hashing,
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }
    }
}

fn hash(batches: &Receiver<Batch>, emptied: &Sender<Batch>) -> Hashing {
    let mut hashing = Hashing::default();
    while let Ok(batch) = batches.recv() {
        hashing.update(&batch.bytes, &batch.starts);
        // Nobody waits for the last ones.
        drop(emptied.send(batch));
    }
    hashing
}
