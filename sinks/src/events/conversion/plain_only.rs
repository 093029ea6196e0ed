//! `plain_only`: a mail as a text, for those who take nothing else.
//!
//! Rule: see [`postrider_convert::mail::plain_only`] for what becomes of it. Recipients in domains that take text get a mail of their
//! own; the others get the mail as it came.

use std::{fmt, sync::Arc};

use postrider_convert::{
    mail::{plain_only, PlainOptions},
    Limits,
};
use postrider_engine::{
    events::{Categorize, EndOfData, MayChangeRecipients, Message, PostCategorize, Sink, Submission, Verdict},
    Content, Conversion, Convert, DomainSet, RcptNo,
};

use super::{PlainOnlySettings, Shell, Unconvertible, FAILED};

/// Makes a text of each mail for those who take text only, where recipients may be changed.
///
/// Any number of guests; the work is done by the engine's converters.
#[derive(Clone)]
pub struct PlainOnly {
    shell: Shell,
    /// `None`: all.
    domains: Option<Arc<DomainSet>>,
}

impl PlainOnly {
    /// A sink with these settings, whose work these do.
    pub fn new(settings: PlainOnlySettings, converters: Arc<dyn Convert>) -> Self {
        let PlainOnlySettings { attachments, signed, unconvertible, octets, domains } = settings;
        let options = PlainOptions::default().with_attachments(attachments).with_signed(signed);
        let convert = move |mail: &[u8]| plain_only(mail, options, Limits::default());
        let shell = Shell::new("plain_only", convert, converters, (octets, unconvertible));
        let domains = (!domains.is_empty()).then(|| Arc::new(domains.into_iter().collect()));
        PlainOnly { shell, domains }
    }

    /// `refuse`: as the event has it for one recipient.
    async fn serve<E: MayChangeRecipients>(
        &self,
        mut mail: Message<E>,
        refuse: fn(&mut Message<E>, RcptNo, postrider_engine::Reply),
    ) -> Verdict<E> {
        let recipients = &mail.envelope().recipients;
        let takes_text = |no: &RcptNo| {
            let recipient = recipients.get(*no);
            self.domains.as_ref().is_none_or(|set| recipient.is_some_and(|to| set.has_domain_of(&to.address)))
        };
        let who: Vec<RcptNo> = recipients.numbers().filter(takes_text).collect();
        if who.is_empty() {
            return mail.next();
        }
        if who.len() == recipients.len() {
            return self.shell.on(mail).await;
        }
        match self.shell.convert(&mail).await {
            Ok(Conversion { mail: None, .. }) => mail.next(),
            Ok(Conversion { mail: Some(converted), .. }) => match mail.fork(&who) {
                None => mail.next(),
                Some(mut text) => {
                    text.content = Content::new(converted);
                    mail.next().with(text)
                }
            },
            Err(why) if self.shell.unconvertible == Unconvertible::Reject && super::fault(&why).is_none() => {
                let reply = FAILED.with_text(format!("The mail cannot be converted: {why}"));
                who.iter().for_each(|no| refuse(&mut mail, *no, reply.clone()));
                mail.next()
            }
            Err(why) => self.shell.not_converted(mail, &why),
        }
    }
}

impl fmt::Debug for PlainOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainOnly").field("octets", &self.shell.octets).finish_non_exhaustive()
    }
}

macro_rules! serves {
    ($($event:ident by $refuse:ident),*) => { $(
        impl Sink<$event> for PlainOnly {
            async fn on(&mut self, mail: Message<$event>) -> Verdict<$event> {
                self.serve(mail, Message::$refuse).await
            }
        }
    )* };
}

serves!(EndOfData by refuse, Submission by refuse, Categorize by fail, PostCategorize by fail);
