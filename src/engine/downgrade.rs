//! Mail for hosts that take less than others, by the conversions of `postrider::convert`.
//!
//! Rule: a conversion takes no thread of the cast, and only so many are under way at once; a panic costs the attempt of its mail.

use std::{fmt, io, sync::Arc};

use postrider_convert::{
    mail::{ascii, ascii_eight_bit, eight_bit, seven_bit, SignedMail},
    ConvertError, Converted, Limits,
};
use postrider_engine::{Body, BoxFuture, Content, Convertible, Downgrade, NotDowngraded, Takes};
use postrider_sinks::relay::MAX_DOWNGRADED;
use tokio::{sync::mpsc, task::spawn_blocking};

/// Conversions that are under way at once: each holds a mail and what becomes of it in memory.
const MOST_AT_ONCE: usize = 4;
/// Octets that may become of a mail: none becomes larger than three times its size.
const MAX_OUTPUT: usize = 512 * 1024 * 1024;

/// Who converts for all relays.
pub(super) fn converter() -> Option<Arc<dyn Downgrade>> {
    let (room, open) = mpsc::channel(MOST_AT_ONCE);
    Some(Arc::new(Converter { room, _open: open }))
}

struct Converter {
    /// Whoever converts owns a place in it.
    room: mpsc::Sender<()>,
    /// Nothing comes by it; while it is there, there are places.
    _open: mpsc::Receiver<()>,
}

impl fmt::Debug for Converter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Converter")
    }
}

impl Downgrade for Converter {
    fn downgrade(
        &self,
        content: Content,
        takes: Takes,
        which: Convertible,
    ) -> BoxFuture<'static, Result<Content, NotDowngraded>> {
        let room = self.room.clone();
        Box::pin(async move {
            let permit = room.reserve_owned().await.map_err(unavailable)?;
            // The permit goes along: who stops waiting does not stop the conversion.
            let converting = spawn_blocking(move || {
                let made = convert(content, takes, which);
                drop(permit);
                made
            });
            converting.await.map_err(unavailable)?
        })
    }
}

fn unavailable(error: impl fmt::Display) -> NotDowngraded {
    NotDowngraded::Unavailable(error.to_string())
}

fn convert(content: Content, takes: Takes, which: Convertible) -> Result<Content, NotDowngraded> {
    let most = usize::try_from(MAX_DOWNGRADED).unwrap_or(usize::MAX);
    let mail = content.all(most).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => NotDowngraded::Impossible(error.to_string()),
        _ => unavailable(error),
    })?;
    match converted(&mail, takes, which) {
        Ok(None) => Ok(content),
        Ok(Some(made)) => Ok(made.output.into()),
        Err(error) => Err(NotDowngraded::Impossible(error.to_string())),
    }
}

type Made = Result<Option<Converted<Vec<u8>>>, ConvertError>;

fn converted(mail: &[u8], takes: Takes, which: Convertible) -> Made {
    let signed = match which {
        Convertible::Always => SignedMail::Convert,
        Convertible::Intact => SignedMail::LeaveDkim,
        _ => SignedMail::Leave,
    };
    let limits = Limits::default().with_output(MAX_OUTPUT);
    match (takes.body, takes.utf8) {
        (Body::SevenBit, _) => seven_bit(mail, signed, limits),
        (Body::EightBitMime, true) => eight_bit(mail, signed, limits),
        (Body::EightBitMime, false) => ascii_eight_bit(mail, signed, limits),
        (Body::BinaryMime, true) => Ok(None),
        (Body::BinaryMime, false) => ascii(mail, signed, limits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOREIGN: &str = "Subject: ü\r\n\r\nü\r\n";

    #[tokio::test]
    async fn a_host_gets_what_it_takes_and_no_less() {
        let takes = |body, utf8| Takes { body, utf8 };
        let table = [
            (Body::SevenBit, true, true, true),
            (Body::EightBitMime, false, true, false),
            (Body::BinaryMime, false, true, false),
            (Body::BinaryMime, true, false, false),
            (Body::EightBitMime, true, false, false),
        ];
        for (body, utf8, header, content) in table {
            let converter = converter().unwrap();
            let made = converter.downgrade(FOREIGN.into(), takes(body, utf8), Convertible::Unsigned).await.unwrap();
            let made = String::from_utf8(made.all(usize::MAX).unwrap().to_vec()).unwrap();
            assert_eq!(made.contains("=?utf-8?Q?=C3=BC?="), header, "{body:?} {utf8}: {made}");
            assert_eq!(made.contains("\r\n\r\n=C3=BC\r\n"), content, "{body:?} {utf8}: {made}");
        }
    }

    #[tokio::test]
    async fn what_is_signed_is_converted_only_where_that_is_allowed() {
        let signed = "DKIM-Signature: x\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nü\r\n--b--\r\n";
        let by_host = "DKIM-Signature: x\r\n\r\nü\r\n";
        let table = [
            (signed, Convertible::Unsigned, false),
            (signed, Convertible::Always, true),
            (by_host, Convertible::Intact, false),
            (by_host, Convertible::Unsigned, true),
        ];
        for (mail, which, is_made) in table {
            let takes = Takes { body: Body::SevenBit, utf8: false };
            let made = converter().unwrap().downgrade(mail.into(), takes, which).await;
            assert_eq!(made.is_ok(), is_made, "{which:?}: {made:?}");
            assert!(is_made || matches!(made, Err(NotDowngraded::Impossible(_))));
        }
    }
}
