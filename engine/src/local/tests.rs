//! Which user an address leads to, and that none leads outside.

use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;

/// These users have folders.
struct Have(&'static [&'static str]);

impl Mailboxes for Have {
    fn has(&self, user: &UserName, _: &str) -> io::Result<bool> {
        Ok(self.0.contains(&user.as_str()))
    }
}

struct Broken;

impl Mailboxes for Broken {
    fn has(&self, _: &UserName, _: &str) -> io::Result<bool> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

fn name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

fn listed(names: &[&str]) -> Users {
    Users::Listed(names.iter().map(|text| name(text)).collect())
}

fn find(users: &LocalUsers, local: &str, have: &'static [&'static str]) -> Option<String> {
    let address = Address::parse(&format!("{local}@example.org")).unwrap();
    users.find(&address, &Have(have)).ok().map(|user| user.to_string())
}

#[test]
fn a_local_part_leads_to_its_user() {
    let any = LocalUsers::new(Users::Any);
    let exact = LocalUsers { case_sensitive: true, ..any.clone() };
    let untagged = LocalUsers { tag: None, ..any.clone() };
    let dashed = LocalUsers { tag: Some('-'), ..any.clone() };
    let table = [
        (&any, "ann", Some("ann")),
        (&any, "Ann", Some("ann")),
        (&any, "JÜRGEN", Some("jürgen")),
        (&exact, "Ann", Some("Ann")),
        (&any, "ann+shop", Some("ann")),
        (&any, "ann+a+b", Some("ann")),
        (&any, "+shop", Some("+shop")),
        (&untagged, "ann+shop", Some("ann+shop")),
        (&dashed, "ann-shop", Some("ann")),
        (&any, "\"ann\"", Some("ann")),
        (&any, "\"a b\"", Some("a b")),
        (&any, "\"a\\\"b\\\\c\"", Some("a\"b\\c")),
        (&any, "\"ann+shop\"", Some("ann")),
        (&any, "ann.b", Some("ann.b")),
        (&exact, "PostMaster", Some("postmaster")),
        (&any, "\"\"", None),
        (&any, "\".\"", None),
        (&any, "\"..\"", None),
        (&any, "\".ann\"", None),
        (&any, "\"..+tag\"", None),
        (&any, "a/b", None),
        (&any, "/etc", None),
        (&any, "/etc/passwd+x", None),
        (&any, "\"../ann\"", None),
    ];
    for (users, local, user) in table {
        assert_eq!(find(users, local, &[]).as_deref(), user, "{local}");
    }
}

#[test]
fn who_is_on_the_list_or_has_a_folder_is_a_user() {
    let list = LocalUsers::new(listed(&["ann", "bob", "bob+shop"]));
    let folder = LocalUsers::new(Users::Folder);
    let have: &[&str] = &["ann", "bob", "bob+shop"];
    for users in [&list, &folder] {
        let table = [
            ("ann", Some("ann")),
            ("ann+shop", Some("ann")),
            ("bob+shop", Some("bob+shop")),
            ("bob+other", Some("bob")),
            ("carl", None),
            ("carl+ann", None),
            ("postmaster", None),
        ];
        for (local, user) in table {
            assert_eq!(find(users, local, have).as_deref(), user, "{local} of {users:?}");
        }
    }
}

#[test]
fn a_catch_all_gets_what_is_nobodys_and_a_postmaster_gets_his() {
    let mut users = LocalUsers::new(listed(&["ann", "postmaster"]));
    users.catch_all = Some(name("all"));
    for (local, user) in [("ann", "ann"), ("carl", "all"), ("\"../x\"", "all"), ("postmaster", "postmaster")] {
        assert_eq!(find(&users, local, &[]).as_deref(), Some(user), "{local}");
    }
    users.postmaster = Some(name("ann"));
    assert_eq!(find(&users, "Postmaster", &[]).as_deref(), Some("ann"));
    let bare = Address::parse("postmaster").unwrap();
    assert_eq!(users.find(&bare, &Have(&[])).unwrap(), name("ann"));
}

#[test]
fn who_cannot_be_looked_up_is_not_unknown() {
    let users = LocalUsers { catch_all: Some(name("all")), ..LocalUsers::new(Users::Folder) };
    let ann = Address::parse("ann@example.org").unwrap();
    assert!(matches!(users.find(&ann, &Broken), Err(NoUser::Unsure(_))), "nor is it for the catch-all");
}

#[test]
fn a_list_has_a_name_on_each_line_and_says_which_is_none() {
    let text = "# who reads mail here\nAnn\n\n  bob  # the other\r\njürgen\n";
    assert_eq!(LocalUsers::read_list(text, false), Ok(listed(&["ann", "bob", "jürgen"])));
    assert_eq!(LocalUsers::read_list(text, true), Ok(listed(&["Ann", "bob", "jürgen"])));
    assert_eq!(LocalUsers::read_list("ann\n../bob\n", false), Err((2, UserNameError::Dot)));
}

#[test]
fn what_can_be_no_folder_is_no_name() {
    let long = "x".repeat(MAX_USER_NAME + 1);
    let table = [
        ("", UserNameError::Empty),
        (".", UserNameError::Dot),
        ("..", UserNameError::Dot),
        (".ann", UserNameError::Dot),
        ("a/b", UserNameError::Character),
        ("a\0b", UserNameError::Character),
        ("a\nb", UserNameError::Character),
        ("a\u{85}b", UserNameError::Character),
        (&long, UserNameError::TooLong),
    ];
    for (text, why) in table {
        assert_eq!(UserName::new(text), Err(why), "{text:?}");
    }
    assert!(UserName::new(&long[1..]).is_ok());
}

/// Whole addresses, and texts put into quotes as they are.
fn local_part() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{1,20}", "[./a+]{1,10}", "\"[./a+\\\\ ]{0,10}\"", "\"\\PC{0,20}\""]
}

proptest! {
    #[test]
    fn no_local_part_leads_out_of_the_folder(local in local_part(), sensitive: bool, tag in proptest::option::of(any::<char>())) {
        let users = LocalUsers { case_sensitive: sensitive, tag, ..LocalUsers::new(Users::Any) };
        if let Ok(address) = Address::parse(&format!("{local}@example.org")) {
            if let Ok(user) = users.find(&address, &Have(&[])) {
                let path = Path::new("mail").join(&user);
                let parts: Vec<Component<'_>> = path.components().collect();
                prop_assert_eq!(parts, [Component::Normal("mail".as_ref()), Component::Normal(user.as_str().as_ref())]);
                prop_assert!(!user.as_str().starts_with('.') && user.as_str().len() <= MAX_USER_NAME);
            }
        }
    }
}
