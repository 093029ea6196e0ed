//! The disk spool keeps what it promised, whatever happens to the disk, and gives space back.

mod basics;
mod crashes;
mod damage;
mod expiring;
mod freeing;
mod harness;
mod model;
mod model_memos;
mod opening;
mod records;
mod remembering;
mod shortage;
mod space;
