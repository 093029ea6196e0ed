//! How much memory each conversion takes beside its input: `memory usual|large|hostile`, a line each.
//!
//! Rule: what is counted is what is asked of the allocator. A block that grows counts twice until it has moved, which a kind allocator
//! spares it; so a process takes no more than this.
//!
//! A line has, between tabs: the conversion, the input, its octets, the octets that were made, the most octets at one time.

use std::process::ExitCode;

use peak_alloc::PeakAlloc;
use postrider_bench_convert::{conversions::Failed, hostile, inputs, Conversion, Input, CONVERSIONS};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    let set = std::env::args().nth(1).unwrap_or_default();
    let found = match set.as_str() {
        "usual" => inputs::all(&[64 << 10, 512 << 10], &[1 << 20]),
        "large" => inputs::all(&inputs::SIZES[1..], &inputs::FILES),
        "hostile" => Ok(hostile::all()),
        _ => {
            eprintln!("memory: say usual, large or hostile");
            return ExitCode::FAILURE;
        }
    };
    let told = found
        .map_err(Failed::from)
        .and_then(|inputs| inputs.iter().try_for_each(|input| tell(input, set == "hostile")));
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("memory: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tell(input: &Input, is_hostile: bool) -> Result<(), Failed> {
    let takes = |one: &&Conversion| one.takes == input.kind && !one.is_peer;
    // What becomes a stream is a tree, and a stream is hostile where a tree is not.
    let is_fair = |one: &&Conversion| !(is_hostile && one.name == "parts-tnef");
    CONVERSIONS.iter().filter(takes).filter(is_fair).try_for_each(|one| measure(one, input))
}

fn measure(conversion: &Conversion, input: &Input) -> Result<(), Failed> {
    let mut run = (conversion.prepare)(&input.octets)?;
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let made = run();
    let peak = HEAP.peak_usage() - before;
    // A limit that is reached is an answer, too.
    let made = made.map_or_else(|error| error.to_string(), |made| made.to_string());
    println!("{}\t{}\t{}\t{made}\t{peak}", conversion.name, input.name, input.octets.len());
    Ok(())
}
