//! Whatever stands on the disk, recovery ends without a panic and without memory that the disk does not pay for.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let _ = postrider_sinks::disk::recover_octets(octets);
});
