//! Content on its way in: in memory while it is small, in a side file when it is not.
//!
//! The header stays in memory whatever happens to the body: it is what is looked at and edited.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use postrider_engine::{header, Content, Piece, Staged, Staging, StagingError};

use crate::budget::{Budget, Share};

/// Octets that are gathered before they are written to the side file.
const CHUNK: usize = 256 << 10;

/// Where content goes.
#[derive(Clone)]
pub struct Intakes {
    /// Octets in memory.
    pub budget: Budget,
    /// Side files.
    pub staging: Arc<dyn Staging>,
    /// From how many octets on content goes there.
    pub stage_from: StageFrom,
}

/// From how many octets on content is staged in a side file.
#[derive(Clone, Copy, Debug)]
pub struct StageFrom {
    /// Whatever the budget says: a gigabyte passes in little memory. One mebibyte by default.
    pub always: usize,
    /// When the budget is tight. 64 KiB by default.
    pub when_tight: usize,
}

/// The content of one mail.
pub struct Intake {
    intakes: Intakes,
    share: Share,
    memory: BytesMut,
    side: Option<Side>,
}

struct Side {
    header: Bytes,
    staged: Box<dyn Staged>,
}

impl Intakes {
    /// Content begins.
    pub fn begin(&self) -> Intake {
        Intake { intakes: self.clone(), share: self.budget.share(), memory: BytesMut::new(), side: None }
    }
}

impl Intake {
    /// Adds octets at the end. Waits while the memory is more than full.
    ///
    /// # Errors
    /// [`StagingError`]: they could not be kept.
    pub async fn add(&mut self, octets: &[u8]) -> Result<(), StagingError> {
        self.intakes.budget.pause(&self.share).await;
        self.share.grow(octets.len());
        self.memory.extend_from_slice(octets);
        let most = match (&self.side, self.intakes.budget.is_tight()) {
            (Some(_), _) => CHUNK,
            (None, true) => self.intakes.stage_from.when_tight,
            (None, false) => self.intakes.stage_from.always,
        };
        match self.memory.len() > most {
            true => self.move_out().await,
            false => Ok(()),
        }
    }

    /// The header, if all of it has come; as much of it as stayed in memory.
    pub fn header(&self) -> Bytes {
        match &self.side {
            Some(side) => side.header.clone(),
            None => Bytes::copy_from_slice(&self.memory[..header::body_start(&self.memory)]),
        }
    }

    /// What is in memory goes to the side file, but for the header.
    async fn move_out(&mut self) -> Result<(), StagingError> {
        if self.side.is_none() {
            let staged = self.intakes.staging.begin().await?;
            let header = header::body_start(&self.memory);
            self.side = Some(Side { header: self.memory.split_to(header).freeze(), staged });
        }
        let octets = std::mem::take(&mut self.memory).freeze();
        if let (Some(side), false) = (&mut self.side, octets.is_empty()) {
            side.staged.append(octets).await?;
        }
        self.share.clear();
        Ok(())
    }

    /// The content is complete: a side file is synced. The share of the budget is to be kept until the mail is committed.
    ///
    /// # Errors
    /// [`StagingError`]: it could not be kept.
    pub async fn finish(mut self, trace: Bytes) -> Result<(Content, Share), StagingError> {
        if self.side.is_some() {
            self.move_out().await?;
        }
        let mut pieces = Vec::with_capacity(3);
        if !trace.is_empty() {
            pieces.push(Piece::Memory(trace));
        }
        match self.side {
            Some(side) => {
                pieces.push(Piece::Memory(side.header));
                pieces.push(side.staged.seal().await?);
            }
            None => pieces.push(Piece::Memory(self.memory.freeze())),
        }
        Ok((Content::from_pieces(pieces), self.share))
    }
}
