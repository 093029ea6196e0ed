//! A mail and who answers for it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    entry::Ended, Diagnosis, Draft, End, Fact, HeldWhy, History, Hold, Hop, How, Memo, News, QueueId, RcptNo, Receipt,
    Recipient, Remember, Slip, Stage, Standing,
};

/// A draft together with the duty to answer for it. There is one owner at a time: it cannot be cloned, and every change
/// of state consumes it.
pub struct Mail<State> {
    draft: Draft,
    state: State,
}

/// The client still answers for the mail: losing it now loses nothing. What is to be true of it from its first moment with
/// us is written in its own record.
#[derive(Default)]
pub struct Received {
    held: Option<HeldWhy>,
    refused: Vec<(RcptNo, Arc<Diagnosis>)>,
    remember: Option<Remember>,
}

/// The spool has the mail on disk as it came in, and answers for it.
pub struct Committed {
    hold: Hold,
    /// They have come to their end, and their sender is still to be told: the mail is not for them, and has to name them.
    owed: Vec<RcptNo>,
}

/// The spool has what the stage made of the mail; the stage never runs again.
pub struct Advanced {
    hold: Hold,
    history: BTreeMap<RcptNo, History>,
}

/// A mail that the spool passes on: as it came in, or past its stage.
pub enum Offered {
    /// As it came in.
    Committed(Mail<Committed>),
    /// Past its stage.
    Advanced(Mail<Advanced>),
}

impl Offered {
    /// Its number.
    pub fn id(&self) -> QueueId {
        self.hold().id()
    }

    /// The hold that keeps it from being forgotten.
    pub fn hold(&self) -> &Hold {
        match self {
            Offered::Committed(mail) => &mail.state.hold,
            Offered::Advanced(mail) => &mail.state.hold,
        }
    }

    /// What it says.
    pub fn draft(&self) -> &Draft {
        match self {
            Offered::Committed(mail) => &mail.draft,
            Offered::Advanced(mail) => &mail.draft,
        }
    }
}

impl<State> Mail<State> {
    /// What it says.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }
}

impl Mail<Received> {
    /// A mail for which its sender still answers.
    pub fn received(draft: Draft) -> Self {
        Mail { draft, state: Received::default() }
    }

    /// It is ours and held from the first moment on.
    pub fn held(mut self, why: HeldWhy) -> Self {
        self.state.held.get_or_insert(why);
        self
    }

    /// This recipient has failed from the first moment on: its sender is told when the mail is ours.
    pub fn refused(mut self, no: RcptNo, why: Arc<Diagnosis>) -> Self {
        self.state.refused.push((no, why));
        self
    }

    /// This is remembered of it, also when it is done; or it waits for its ticket.
    pub fn remembered(mut self, remember: Remember) -> Self {
        self.state.remember = Some(remember);
        self
    }

    /// What is to be remembered of it.
    pub fn remember(&self) -> Option<&Remember> {
        self.state.remember.as_ref()
    }

    /// What is remembered of it from its first moment on.
    pub fn memo(&self) -> Option<Memo> {
        let mut memo = Memo::new(self.remember()?);
        for (no, why) in &self.state.refused {
            memo.end(*no, End::Failed { why: Arc::clone(why), perhaps: false });
        }
        Some(memo)
    }

    /// It is not offered before its ticket is redeemed.
    fn is_prepared(&self) -> bool {
        self.remember().is_some_and(|remember| remember.prepared)
    }

    /// The same with other octets in the place of its own: for spools.
    pub fn with_draft(self, draft: Draft) -> Self {
        Mail { draft, ..self }
    }

    /// Nothing is to be done before it is led on.
    pub fn is_plain(&self) -> bool {
        self.state.held.is_none() && self.state.refused.is_empty() && !self.is_prepared()
    }

    /// Why it is held from its first moment on.
    pub fn held_for(&self) -> Option<&str> {
        self.state.held.as_ref().map(|why| why.reason.as_str())
    }

    /// How it stands as it is written.
    pub fn standing(&self) -> Standing {
        let envelope = &self.draft.envelope;
        let mut standing = Standing::new(envelope.recipients.numbers()).timed(envelope);
        if !self.is_plain() {
            let mail = QueueId(0); // a standing is of one mail and does not ask
            for (no, why) in &self.state.refused {
                let how = How::Failed(Arc::clone(why));
                standing.note(&Fact::Finished { mail, recipients: vec![*no], how });
            }
            standing = standing.marked(false).prepared(self.is_prepared());
        }
        if let Some(why) = self.state.held.clone() {
            standing.note(&Fact::Held { mail: QueueId(0), why });
        }
        standing
    }

    /// The one door from promise-free to promised; only a [`Receipt`] opens it.
    pub(crate) fn committed(self, hold: Hold) -> Mail<Committed> {
        Mail { draft: self.draft, state: Committed { hold, owed: Vec::new() } }
    }
}

impl Mail<Committed> {
    pub(crate) fn on_disk(draft: Draft, hold: Hold, owed: Vec<RcptNo>) -> Self {
        Mail { draft, state: Committed { hold, owed } }
    }

    /// Its number.
    pub fn id(&self) -> QueueId {
        self.state.hold.id()
    }

    /// The hold that keeps it from being forgotten.
    pub fn hold(&self) -> &Hold {
        &self.state.hold
    }

    /// The mail as it comes to its stage.
    pub fn stage(&self) -> Stage {
        Stage::new(self.id(), self.draft.clone(), self.state.owed.clone())
    }

    /// Ends a stage that changed the mail: what goes on is the draft that the receipt proves to be on disk, without those
    /// who came to their end by it, and news of these. A receipt about another mail advances nothing.
    pub fn advanced(self, receipt: Receipt) -> Option<(Mail<Advanced>, Option<News>)> {
        let Ended { draft, going_on, stories } = receipt.advanced(self.id())?;
        let Committed { hold, owed } = self.state;
        let going_on = going_on.only(|no| !owed.contains(&no));
        let news = News::new(hold.clone(), Arc::new(draft), stories);
        Some((Mail { draft: going_on, state: Advanced { hold, history: BTreeMap::new() } }, news))
    }

    /// Ends a stage that changed nothing: what is on disk already is what goes on, and needs no entry.
    pub fn unchanged(self) -> Mail<Advanced> {
        let Committed { hold, owed } = self.state;
        let draft = match owed.is_empty() {
            true => self.draft,
            false => self.draft.only(|no| !owed.contains(&no)),
        };
        Mail { draft, state: Advanced { hold, history: BTreeMap::new() } }
    }
}

impl Mail<Advanced> {
    pub(crate) fn offered(draft: Draft, hold: Hold, history: BTreeMap<RcptNo, History>) -> Self {
        Mail { draft, state: Advanced { hold, history } }
    }

    /// Its number.
    pub fn id(&self) -> QueueId {
        self.state.hold.id()
    }

    /// The hold that keeps it from being forgotten.
    pub fn hold(&self) -> &Hold {
        &self.state.hold
    }

    /// Ends the mail as a whole: from here on each slip answers for its recipients. Recipients of one hop that were
    /// tried equally often travel together.
    pub fn split(self, mut route: impl FnMut(&Recipient) -> Hop) -> Vec<Slip> {
        let Advanced { hold, mut history } = self.state;
        let draft = Arc::new(self.draft);
        let mut slips: Vec<Slip> = Vec::new();
        let mut places = HashMap::<(Hop, u32), usize>::new(); // a mail may have a recipient at each of thousands of hops
        for (no, recipient) in draft.envelope.recipients.iter() {
            let (hop, past) = (route(recipient), history.remove(&no).unwrap_or_default());
            let at = *places.entry((hop, past.attempts)).or_insert_with_key(|(hop, attempts)| {
                slips.push(Slip::new(hold.clone(), Arc::clone(&draft), hop.clone(), *attempts));
                slips.len() - 1
            });
            slips[at].add(no, past);
        }
        slips
    }
}
