//! Which texts are addresses.

use proptest::prelude::*;

use super::*;

#[test]
fn addresses_of_every_form_are_read_and_kept_as_they_are() {
    let table = [
        ("a@b", "a", "b"),
        ("first.last+tag@mail.example.org", "first.last+tag", "mail.example.org"),
        ("o'neil!#$%&*/=?^_`{|}~@x.y", "o'neil!#$%&*/=?^_`{|}~", "x.y"),
        ("\"a b\"@x", "\"a b\"", "x"),
        ("\"a@b\"@x", "\"a@b\"", "x"),
        (r#""a\"b\\"@x"#, r#""a\"b\\""#, "x"),
        ("u@[192.0.2.1]", "u", "[192.0.2.1]"),
        ("u@[IPv6:2001:db8::1]", "u", "[IPv6:2001:db8::1]"),
        ("u@[ipv6:::1]", "u", "[ipv6:::1]"),
        ("用户@例え.jp", "用户", "例え.jp"),
        ("u@some_host.local", "u", "some_host.local"),
        ("PostMaster", "PostMaster", ""),
    ];
    for (text, local, domain) in table {
        let address = Address::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((address.as_str(), address.local_part(), address.domain()), (text, local, domain));
    }
}

#[test]
fn what_is_no_address_is_refused_with_its_reason() {
    use AddressError::*;
    let table = [
        ("", Syntax),
        ("a", Syntax),
        ("webmaster", Syntax),
        ("@b", LocalPart),
        ("a@", Domain),
        ("a b@x", LocalPart),
        ("a@b@c", Domain),
        (".a@x", LocalPart),
        ("a.@x", LocalPart),
        ("a..b@x", LocalPart),
        ("a<b@x", LocalPart),
        ("\"a@x", LocalPart),
        ("\"a\"b@x", LocalPart),
        ("\"a\"", LocalPart),
        ("a@-x", Domain),
        ("a@x-", Domain),
        ("a@x..y", Domain),
        ("a@x.", Domain),
        ("a@x y", Domain),
        ("a@[192.0.2]", Domain),
        ("a@[192.0.2.1", Domain),
        ("a@[IPv6:zz]", Domain),
        ("a@[tag:content]", Domain),
        ("a\r\n@x", LocalPart),
        ("a@x\r\nRCPT", Domain),
        ("\"a\r\n\"@x", LocalPart),
        ("\"a\\\n\"@x", LocalPart),
        ("a\u{85}@x", LocalPart),
    ];
    for (text, reason) in table {
        assert_eq!(Address::parse(text), Err(reason), "{text:?}");
    }
}

#[test]
fn lengths_are_limited_and_a_domain_is_measured_in_a_labels() {
    let local = "l".repeat(64);
    assert!(Address::parse(&format!("{local}@x")).is_ok());
    assert_eq!(Address::parse(&format!("{local}l@x")), Err(AddressError::TooLong));
    let label = "d".repeat(63);
    let domain = format!("{label}.{label}.{label}.{label}");
    assert_eq!(domain.len(), 255);
    assert!(Address::parse(&format!("a@{domain}")).is_ok());
    assert_eq!(Address::parse(&format!("a@{domain}.e")), Err(AddressError::TooLong));
    assert_eq!(Address::parse(&format!("a@{label}d")), Err(AddressError::Domain));
    // Sixty characters of three octets each are a label of less than 63 octets or none at all, by their A-label.
    assert_eq!(Address::parse(&format!("a@{}", "例".repeat(60))), Err(AddressError::Domain));
}

#[test]
fn a_domain_key_is_the_same_for_every_spelling() {
    let key = |text: &str| Address::parse(text).unwrap().domain_key();
    assert_eq!(key("a@EXAMPLE.org"), "example.org");
    assert_eq!(key("a@Bücher.example"), "xn--bcher-kva.example");
    assert_eq!(key("a@XN--BCHER-KVA.example"), "xn--bcher-kva.example");
    assert_eq!(key("a@[IPv6:2001:DB8::1]"), "[ipv6:2001:db8::1]");
    assert_eq!(key("postmaster"), "");
    assert_eq!(domain_key("example.org."), "example.org");
}

proptest! {
    #[test]
    fn no_address_holds_a_control_and_each_is_its_two_parts(text in "\\PC{0,20}|[a-z.\"\\\\@\\[\\]\r\n\t\0:]{0,20}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert!(!address.as_str().chars().any(char::is_control));
            prop_assert_eq!(address.as_str(), text.as_str());
            if !address.domain().is_empty() {
                prop_assert_eq!(format!("{}@{}", address.local_part(), address.domain()), text);
            }
        }
    }
}
