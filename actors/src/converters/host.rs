//! The thread of one host: its converters are made here, used here, and end here.
//!
//! Rule: a converter that panicked is let go, and the next mail finds a new one. Nothing that it does, in being started and in
//! being let go as well, ends the thread.

use std::{
    io,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::mpsc,
    thread,
};

use actix::Addr;
use postrider_engine::{Content, Conversion, ConversionFault, Converter, ConverterKind};
use tracing::Span;

use super::{Converted, ConverterPool, HostEnded};

/// Kinds of which a host has a converter at the same time; the one that was used least recently makes room.
const MOST_KINDS: usize = 32;

/// A mail for a host.
pub(super) struct Work {
    pub kind: ConverterKind,
    pub content: Content,
    /// Octets that it may have.
    pub most: usize,
    /// What whoever asked is about: a converter that writes into the log says of which mail it is.
    pub span: Span,
}

/// A mail that a host has. As long as it is there it counts as a task that blocks: where time stands still for tests, it does
/// so until the host has answered, though its thread is none of the runtime's.
pub(super) struct Given {
    pub work: Work,
    _until: mpsc::Sender<()>,
}

impl Given {
    pub fn new(work: Work) -> Self {
        let (until, gone) = mpsc::channel();
        // It panics where the machine has no thread left. Only tests whose time stands still need it, and no pool ends for it.
        let blocks = move || drop(tokio::task::spawn_blocking(move || gone.recv().is_err()));
        let _ = catch_unwind(AssertUnwindSafe(blocks));
        Given { work, _until: until }
    }
}

/// What a host owns.
pub(super) struct Host {
    /// The one that was used last is last.
    converters: Vec<(ConverterKind, Box<dyn Converter>)>,
}

impl Host {
    /// Starts its thread, which ends when nobody can give it work any more.
    ///
    /// # Errors
    /// There are no more threads.
    pub fn start(number: u64, pool: Addr<ConverterPool>) -> io::Result<mpsc::Sender<Given>> {
        let (give, inbox) = mpsc::channel::<Given>();
        let body = move || {
            let mut host = Host { converters: Vec::new() };
            while let Ok(Given { work, _until }) = inbox.recv() {
                pool.do_send(Converted(number, host.convert(work)));
            }
            host.let_all_go();
            pool.do_send(HostEnded(number));
        };
        thread::Builder::new().name(format!("converter-{number}")).spawn(body)?;
        Ok(give)
    }

    fn convert(&mut self, work: Work) -> Result<Conversion, ConversionFault> {
        let Work { kind, content, most, span } = work;
        let _within = span.entered();
        let octets = content.all(most).map_err(|error| ConversionFault::Unreadable(error.to_string().into()))?;
        let mut converter = self.take(&kind)?;
        match catch_unwind(AssertUnwindSafe(|| converter.convert(&octets))) {
            Ok(converted) => {
                self.converters.push((kind, converter));
                converted.map_err(ConversionFault::from)
            }
            Err(_) => {
                let_go(converter);
                Err(ConversionFault::Panicked)
            }
        }
    }

    /// The converter of this kind, or a new one.
    fn take(&mut self, kind: &ConverterKind) -> Result<Box<dyn Converter>, ConversionFault> {
        if let Some(at) = self.converters.iter().position(|(of, _)| of.is(kind)) {
            return Ok(self.converters.remove(at).1);
        }
        if self.converters.len() >= MOST_KINDS {
            let_go(self.converters.remove(0).1);
        }
        catch_unwind(AssertUnwindSafe(|| kind.start())).map_err(|_| ConversionFault::Panicked)
    }

    fn let_all_go(&mut self) {
        self.converters.drain(..).for_each(|(_, converter)| let_go(converter));
    }
}

fn let_go(converter: Box<dyn Converter>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(converter)));
}
