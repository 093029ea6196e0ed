//! Mail for hosts that take less than others, by the conversions of `postrider::convert`.
//!
//! Rule: the work is done by the engine's converters, so it takes no thread of the cast; a panic or an overrun costs the attempt of its
//! mail.

use std::{fmt, sync::Arc};

use postrider_convert::{
    mail::{ascii, ascii_eight_bit, eight_bit, seven_bit, SignedMail},
    ConvertError, Converted, Limits,
};
use postrider_engine::{
    Body, BoxFuture, Content, Conversion, ConversionFault, Convert, Converter, ConverterKind, Convertible, Downgrade,
    NotConverted, NotDowngraded, Takes,
};
use postrider_sinks::relay::MAX_DOWNGRADED;
use tracing::info;

/// Octets that may become of a mail. Texts become three times as long at most, fields of a header nearly seven times.
const MAX_OUTPUT: usize = 512 * 1024 * 1024;

const BODIES: [Body; 3] = [Body::SevenBit, Body::EightBitMime, Body::BinaryMime];
const WHICH: [Convertible; 3] = [Convertible::Intact, Convertible::Unsigned, Convertible::Always];

/// Who converts for all relays: these do the work.
pub(super) fn converter(converters: Arc<dyn Convert>) -> Option<Arc<dyn Downgrade>> {
    let takes = BODIES.into_iter().flat_map(|body| [false, true].map(|utf8| Takes { body, utf8 }));
    let kind = |(takes, which)| (takes, which, ConverterKind::new("downgrade", move || Downgrades { takes, which }));
    let kinds = takes.flat_map(|takes| WHICH.map(|which| (takes, which))).map(kind).collect();
    Some(Arc::new(ByConverters { converters, kinds }))
}

struct ByConverters {
    converters: Arc<dyn Convert>,
    /// One for each that hosts may take, and for each choice of what may be converted.
    kinds: Vec<(Takes, Convertible, ConverterKind)>,
}

impl fmt::Debug for ByConverters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByConverters")
    }
}

impl Downgrade for ByConverters {
    fn downgrade(
        &self,
        content: Content,
        takes: Takes,
        which: Convertible,
    ) -> BoxFuture<'static, Result<Content, NotDowngraded>> {
        let kind = self.kinds.iter().find(|(of, for_which, _)| (*of, *for_which) == (takes, which));
        let Some((_, _, kind)) = kind else {
            let never = NotDowngraded::Impossible("no mail is converted".into());
            return Box::pin(std::future::ready(Err(never)));
        };
        let most = usize::try_from(MAX_DOWNGRADED).unwrap_or(usize::MAX);
        let converting = self.converters.convert(kind, &content, most);
        Box::pin(async move {
            match converting.await {
                Ok(Conversion { mail: None, .. }) => Ok(content),
                Ok(Conversion { mail: Some(made), flaws }) => {
                    info!(octets = content.len(), now = made.len(), flaws, "converted for a host that takes less");
                    Ok(made.into())
                }
                Err(why) => Err(not_downgraded(&why)),
            }
        })
    }
}

fn not_downgraded(why: &ConversionFault) -> NotDowngraded {
    match why {
        ConversionFault::NotConverted(NotConverted::Impossible(why) | NotConverted::TooMuch(why)) => {
            NotDowngraded::Impossible(why.to_string())
        }
        ConversionFault::TooLarge { .. } => NotDowngraded::Impossible(why.to_string()),
        why => NotDowngraded::Unavailable(why.to_string()),
    }
}

/// Makes of each mail what such a host takes.
struct Downgrades {
    takes: Takes,
    which: Convertible,
}

impl Converter for Downgrades {
    fn convert(&mut self, mail: &[u8]) -> Result<Conversion, NotConverted> {
        match converted(mail, self.takes, self.which) {
            Ok(None) => Ok(Conversion::default()),
            Ok(Some(Converted { output, flaws })) => {
                Ok(Conversion { mail: Some(output.into()), flaws: flaws.to_string() })
            }
            Err(error) => Err(NotConverted::Impossible(error.to_string().into())),
        }
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

    /// Converts on the spot.
    struct Here;

    impl Convert for Here {
        fn convert(
            &self,
            kind: &ConverterKind,
            content: &Content,
            most: usize,
        ) -> BoxFuture<'static, Result<Conversion, ConversionFault>> {
            let converted = kind.start().convert(&content.all(most).unwrap()).map_err(ConversionFault::from);
            Box::pin(std::future::ready(converted))
        }
    }

    fn here() -> Arc<dyn Downgrade> {
        converter(Arc::new(Here)).unwrap()
    }

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
            let converter = here();
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
            let made = here().downgrade(mail.into(), takes, which).await;
            assert_eq!(made.is_ok(), is_made, "{which:?}: {made:?}");
            assert!(is_made || matches!(made, Err(NotDowngraded::Impossible(_))));
        }
    }
}
