//! The test kit, used as a program's tests would use it: each script of a peer, and time that passes only when told.

mod retries;
