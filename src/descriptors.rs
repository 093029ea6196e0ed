//! The limit of open files: each connection needs one.

use rustix::process::{getrlimit, setrlimit, Resource};
use tracing::{info, warn};

/// Raises the process's soft limit of open files to its hard one. For programs: the engine does not do it by itself,
/// because the limit is the whole process's.
pub fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => info!(limit = ?limit.maximum, "limit of open files raised"),
        Err(error) => warn!(%error, "the limit of open files could not be raised"),
    }
}
