//! Q214685: the ancestor had one converter for the whole process, initialised it at each use and shut it down while another
//! thread was inside.
//!
//! Rule: what each conversion comes to is found out by one thread alone, before any other is there. Whatever is found
//! otherwise later, by whomever, is the failure; the harness is one for the functions and for the ancestor's design.

mod conversion;
mod corpus;
mod damage;
mod made;
mod mails;
mod naive;
mod neighbours;
mod threads;
mod verdict;
mod work;

use std::{thread, time::Duration, time::Instant};

use conversion::Functions;
use neighbours::Counted;
use threads::Going;
use verdict::Differences;
use work::Work;

use crate::{arguments::Arguments, Shown};

/// Threads, where the command line says nothing.
const THREADS: usize = 64;

/// How the harness itself fails.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Runs the stress program.
///
/// # Errors
/// The harness could not work.
pub fn run(arguments: &Arguments) -> Result<Shown, String> {
    let begin = Instant::now();
    // As long as the program: also hosts of pools, which are threads of their own, have it.
    let work: &'static Work = Box::leak(Box::new(Work::new(arguments).map_err(|problem| problem.to_string())?));
    println!(
        "{} inputs with {} damaged copies: {} conversions, each done by one thread in {:.1} s; {} come to an error",
        work.inputs.len(),
        work.damaged(),
        work.items.len(),
        begin.elapsed().as_secs_f64(),
        work.errors(),
    );
    let shown = match arguments.naive {
        true => Ok(naive(arguments, work)),
        false => functions(arguments, work),
    };
    shown.map_err(|problem| problem.to_string())
}

fn naive(arguments: &Arguments, work: &'static Work) -> Shown {
    let going = Going::new(work, Duration::ZERO);
    let found = threads::convert(&going, &naive::Ancestor, arguments.threads.unwrap_or(THREADS));
    Shown { line: format!("naive: {}", found.told(work)), passed: found.sum() == 0 }
}

fn functions(arguments: &Arguments, work: &'static Work) -> Result<Shown, Problem> {
    let folder = tempfile::tempdir()?;
    let (begin, count) = (Instant::now(), arguments.threads.unwrap_or(THREADS));
    let going = Going::new(work, arguments.time);
    let (found, beside) = thread::scope(|scope| {
        let neighbours = neighbours::start(scope, &going, folder.path());
        let found = threads::convert(&going, &Functions, count);
        going.end();
        (found, neighbours.end())
    });
    let Counted { pools, engines, found: beside } = beside?;
    let all = Differences::sum_of([found, beside]);
    let line = match all.sum() {
        0 => format!(
            "q214685: {} conversions of {} inputs on {count} threads, while {pools} pools and {engines} engines were started and \
             stopped, in {:.1} s: each came to what it comes to alone",
            all.conversions,
            work.inputs.len() + work.damaged(),
            begin.elapsed().as_secs_f64()
        ),
        _ => format!("q214685: {}", all.told(work)),
    };
    Ok(Shown { passed: all.sum() == 0, line })
}
