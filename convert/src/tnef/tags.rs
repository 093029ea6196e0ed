//! The numbers of attributes, properties and sets (\[MS-OXTNEF\] 2.1.3.2, \[MS-OXPROPS\]).
//!
//! Rule: each has the name of its specification, so that it can be found there.

use super::model::Guid;

pub(crate) const SIGNATURE: u32 = 0x223E_9F78;
pub(super) const VERSION: u32 = 0x0001_0000;
pub(super) const LEVEL_MESSAGE: u8 = 1;
pub(super) const LEVEL_ATTACHMENT: u8 = 2;

/// The type of values of which there are many.
pub(super) const MANY: u16 = 0x1000;
/// Numbers from here on have names.
pub(super) const FIRST_NAMED: u16 = 0x8000;

/// Numbers of attributes.
pub mod att {
    #![allow(missing_docs)] // Each is the attribute of its name.
    pub const OWNER: u32 = 0x0006_0000;
    pub const SENT_FOR: u32 = 0x0006_0001;
    pub const DELEGATE: u32 = 0x0006_0002;
    pub const DATE_START: u32 = 0x0003_0006;
    pub const DATE_END: u32 = 0x0003_0007;
    pub const AID_OWNER: u32 = 0x0004_0008;
    pub const REQUEST_RES: u32 = 0x0004_0009;
    pub const FROM: u32 = 0x0000_8000;
    pub const SUBJECT: u32 = 0x0001_8004;
    pub const DATE_SENT: u32 = 0x0003_8005;
    pub const DATE_RECEIVED: u32 = 0x0003_8006;
    pub const MESSAGE_CLASS: u32 = 0x0007_8008;
    pub const BODY: u32 = 0x0002_800C;
    pub const PRIORITY: u32 = 0x0004_800D;
    pub const ATTACH_DATA: u32 = 0x0006_800F;
    pub const ATTACH_TITLE: u32 = 0x0001_8010;
    pub const ATTACH_CREATE_DATE: u32 = 0x0003_8012;
    pub const ATTACH_MODIFY_DATE: u32 = 0x0003_8013;
    pub const DATE_MODIFIED: u32 = 0x0003_8020;
    pub const ATTACH_TRANSPORT_FILENAME: u32 = 0x0006_9001;
    pub const ATTACH_REND_DATA: u32 = 0x0006_9002;
    pub const MSG_PROPS: u32 = 0x0006_9003;
    pub const RECIP_TABLE: u32 = 0x0006_9004;
    pub const ATTACHMENT: u32 = 0x0006_9005;
    pub const TNEF_VERSION: u32 = 0x0008_9006;
    pub const OEM_CODEPAGE: u32 = 0x0006_9007;
    pub const ORIGINAL_MESSAGE_CLASS: u32 = 0x0007_0006;
}

/// Numbers of properties (`PidTag...`).
pub mod tag {
    #![allow(missing_docs)] // Each is the property of its name.
    pub const IMPORTANCE: u16 = 0x0017;
    pub const MESSAGE_CLASS: u16 = 0x001A;
    pub const PRIORITY: u16 = 0x0026;
    pub const SENSITIVITY: u16 = 0x0036;
    pub const SUBJECT: u16 = 0x0037;
    pub const CLIENT_SUBMIT_TIME: u16 = 0x0039;
    pub const SENT_REPRESENTING_NAME: u16 = 0x0042;
    pub const REPLY_RECIPIENT_NAMES: u16 = 0x0050;
    pub const START_DATE: u16 = 0x0060;
    pub const END_DATE: u16 = 0x0061;
    pub const OWNER_APPOINTMENT_ID: u16 = 0x0062;
    pub const SENT_REPRESENTING_ADDRESS_TYPE: u16 = 0x0064;
    pub const SENT_REPRESENTING_EMAIL_ADDRESS: u16 = 0x0065;
    pub const CONVERSATION_TOPIC: u16 = 0x0070;
    pub const RECIPIENT_TYPE: u16 = 0x0C15;
    pub const SENDER_NAME: u16 = 0x0C1A;
    pub const SENDER_ADDRESS_TYPE: u16 = 0x0C1E;
    pub const SENDER_EMAIL_ADDRESS: u16 = 0x0C1F;
    pub const NORMALIZED_SUBJECT: u16 = 0x0E1D;
    pub const SUBJECT_PREFIX: u16 = 0x003D;
    pub const MESSAGE_DELIVERY_TIME: u16 = 0x0E06;
    pub const RTF_IN_SYNC: u16 = 0x0E1F;
    pub const ATTACH_SIZE: u16 = 0x0E20;
    pub const ATTACH_NUMBER: u16 = 0x0E21;
    pub const BODY: u16 = 0x1000;
    pub const RTF_COMPRESSED: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const NATIVE_BODY: u16 = 0x1016;
    pub const INTERNET_MESSAGE_ID: u16 = 0x1035;
    pub const INTERNET_REFERENCES: u16 = 0x1039;
    pub const IN_REPLY_TO_ID: u16 = 0x1042;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const ADDRESS_TYPE: u16 = 0x3002;
    pub const EMAIL_ADDRESS: u16 = 0x3003;
    pub const CREATION_TIME: u16 = 0x3007;
    pub const LAST_MODIFICATION_TIME: u16 = 0x3008;
    pub const ATTACH_DATA: u16 = 0x3701;
    pub const ATTACH_EXTENSION: u16 = 0x3703;
    pub const ATTACH_FILENAME: u16 = 0x3704;
    pub const ATTACH_METHOD: u16 = 0x3705;
    pub const ATTACH_LONG_FILENAME: u16 = 0x3707;
    pub const RENDERING_POSITION: u16 = 0x370B;
    pub const ATTACH_TRANSPORT_NAME: u16 = 0x370C;
    pub const ATTACH_MIME_TAG: u16 = 0x370E;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const ATTACH_CONTENT_LOCATION: u16 = 0x3713;
    pub const ATTACH_FLAGS: u16 = 0x3714;
    pub const SMTP_ADDRESS: u16 = 0x39FE;
    pub const INTERNET_CODEPAGE: u16 = 0x3FDE;
    pub const SENDER_SMTP_ADDRESS: u16 = 0x5D01;
    pub const SENT_REPRESENTING_SMTP_ADDRESS: u16 = 0x5D02;
    pub const RECIPIENT_FLAGS: u16 = 0x5FFD;
    pub const RECIPIENT_TRACK_STATUS: u16 = 0x5FFF;
    pub const ATTACHMENT_HIDDEN: u16 = 0x7FFE;
    pub const ATTACHMENT_FLAGS: u16 = 0x7FFD;
}

const fn outlook(first: u32) -> Guid {
    Guid::new(first, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46])
}

/// The set of appointments (PSETID_Appointment).
pub const APPOINTMENT: Guid = outlook(0x0006_2002);
/// The set of contacts (PSETID_Address).
pub const ADDRESS: Guid = outlook(0x0006_2004);
/// The set of all (PSETID_Common).
pub const COMMON: Guid = outlook(0x0006_2008);
/// The set of meetings (PSETID_Meeting).
pub const MEETING: Guid = Guid::new(0x6ED8_DA90, 0x450B, 0x101B, [0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05]);
/// The interface of an object that is a message (IID_IMessage).
pub const IID_MESSAGE: Guid = outlook(0x0002_0307);
/// The interface of an object that is a file of files (IID_IStorage).
pub const IID_STORAGE: Guid = outlook(0x0000_000B);
/// The interface of an object that is octets (IID_IStream).
pub const IID_STREAM: Guid = outlook(0x0000_000C);
