//! `conversions make FOLDER [SIZES FILES]` writes the inputs; `conversions time NAME FILE SECONDS` converts a file again and again.
//!
//! Rule: the time is that of the conversion alone, the best one and the median of as many as fit into the seconds, three at least.

use std::{error::Error, fs, hint::black_box, path::Path, process::ExitCode, time::Instant};

use postrider_bench_convert::{inputs, Conversion};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["make", folder, sizes, files] => make(folder.as_ref(), numbers(sizes), numbers(files)),
        ["time", name, file, seconds] => time(name, file, seconds),
        _ => Err("say make FOLDER SIZES FILES, or time NAME FILE SECONDS".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conversions: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Numbers with commas between them.
fn numbers(list: &str) -> Vec<usize> {
    list.split(',').filter_map(|number| number.parse().ok()).collect()
}

fn make(folder: &Path, sizes: Vec<usize>, files: Vec<usize>) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for input in inputs::all(&sizes, &files)? {
        fs::write(folder.join(format!("{}.{}", input.name, input.kind.extension())), &input.octets)?;
    }
    Ok(())
}

fn time(name: &str, file: &str, seconds: &str) -> Result<(), Box<dyn Error>> {
    let conversion = Conversion::of(name).ok_or("there is no conversion of this name")?;
    let (octets, seconds) = (fs::read(file)?, seconds.parse::<f64>()?);
    let mut run = (conversion.prepare)(&octets)?;
    let (begun, mut times, mut made) = (Instant::now(), Vec::new(), 0);
    while times.len() < 3 || begun.elapsed().as_secs_f64() < seconds {
        let begun = Instant::now();
        made = black_box(run()?);
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_unstable_by(f64::total_cmp);
    println!("{{\"best\": {:e}, \"median\": {:e}, \"made\": {made}}}", times[0], times[times.len() / 2]);
    Ok(())
}
