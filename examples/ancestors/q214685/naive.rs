//! The ancestor's design: one converter for the process. Whoever converts initialises it, hands it the document piece by
//! piece, has it work, asks for the result and shuts it down.
//!
//! Rule: each of these calls is whole, by a lock; what goes wrong is what stands between them. With one thread nothing
//! does, and that is how it passed its tests.

// A converter under a lock, for whoever comes, is what the ancestor had, and what this file is to show.
#![allow(clippy::disallowed_types)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::conversion::{Conversion, Functions, Outcome, Way};

/// Octets of a piece.
const PIECE: usize = 512;

/// The converter; `None`: it is shut down.
static CONVERTER: Mutex<Option<Converter>> = Mutex::new(None);

/// What it has been handed, and what it has made of it.
#[derive(Default)]
struct Converter {
    document: Vec<u8>,
    result: Option<Outcome>,
}

fn with_converter<T>(call: impl FnOnce(&mut Converter) -> T) -> Option<T> {
    slot().as_mut().map(call)
}

fn slot() -> MutexGuard<'static, Option<Converter>> {
    CONVERTER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn initialise() {
    *slot() = Some(Converter::default());
}

/// `None`: there is no converter.
fn hand_over(piece: &[u8]) -> Option<()> {
    with_converter(|converter| converter.document.extend_from_slice(piece))
}

/// The work itself, and its result for whoever asks the converter next.
fn work(conversion: &'static Conversion) -> Option<()> {
    let document = with_converter(|converter| std::mem::take(&mut converter.document))?;
    let result = Functions.convert(conversion, &document);
    with_converter(|converter| converter.result = Some(result))
}

fn collect() -> Option<Outcome> {
    with_converter(|converter| converter.result.take())?
}

fn shut_down() {
    *slot() = None;
}

/// Converts as the ancestor did.
pub struct Ancestor;

impl Way for Ancestor {
    fn convert(&self, conversion: &'static Conversion, octets: &[u8]) -> Outcome {
        initialise();
        let handed = octets.chunks(PIECE).try_for_each(hand_over);
        let outcome = handed.and_then(|()| work(conversion)).and_then(|()| collect());
        shut_down();
        outcome.unwrap_or(Outcome::Lost)
    }
}
