//! Who calls: the login name and the full name of the user, as the list of users has them.
//!
//! Rule: the name only says who it claims to be, as any sender's does: whoever may send may send as anybody.

use std::fs;

/// Octets of the list of users that are read.
const LARGEST_LIST: usize = 16 << 20;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The login name.
    pub login: String,
    /// The full name, if the list has one.
    pub full_name: Option<String>,
}

impl Author {
    /// The user of this process.
    pub fn of_this_process() -> Self {
        let users = fs::read("/etc/passwd").unwrap_or_default();
        let users = String::from_utf8_lossy(&users[..users.len().min(LARGEST_LIST)]);
        let claims = ["LOGNAME", "USER"].into_iter().filter_map(|name| std::env::var(name).ok());
        Author::of(&users, rustix::process::getuid().as_raw(), claims)
    }

    /// The user of this number. Of several with one number it is the one that the environment says; one that is not listed is who
    /// the environment says, or has a name made of the number.
    fn of(users: &str, uid: u32, claims: impl IntoIterator<Item = String>) -> Self {
        let claims: Vec<String> = claims.into_iter().filter(|name| is_login(name)).collect();
        let all = || users.lines().filter_map(|line| user(line, uid));
        let claimed = claims.iter().find_map(|claim| all().find(|user| user.login == *claim));
        claimed.or_else(|| all().next()).unwrap_or_else(|| Author {
            login: claims.into_iter().next().unwrap_or_else(|| format!("uid{uid}")),
            full_name: None,
        })
    }
}

/// The user of a line `login:x:uid:gid:gecos:...`, if he has this number.
fn user(line: &str, uid: u32) -> Option<Author> {
    let mut parts = line.split(':');
    let (login, number, gecos) = (parts.next()?, parts.nth(1)?, parts.nth(1)?);
    if number.parse() != Ok(uid) || !is_login(login) {
        return None;
    }
    let full_name = gecos.split(',').next().unwrap_or("").replace('&', &capital(login));
    Some(Author { login: login.into(), full_name: Some(full_name.trim().to_owned()).filter(|name| !name.is_empty()) })
}

fn capital(login: &str) -> String {
    let mut letters = login.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// It can be the local part of an address as it is.
fn is_login(name: &str) -> bool {
    let is_good = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.+".contains(&octet);
    (1..=64).contains(&name.len())
        && name.bytes().all(is_good)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0:The other &,room 7:/root:/bin/sh\n\
                         ann:x:1000:1000:Ann Example,,,:/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nbroken:x\n";

    #[test]
    fn a_user_is_found_by_his_number_and_the_environment_chooses_among_equals() {
        let table: [(u32, &[&str], &str, Option<&str>); 7] = [
            (1000, &[], "ann", Some("Ann Example")),
            (1000, &["bob"], "ann", Some("Ann Example")),
            (1001, &[], "bob", None),
            (0, &[], "root", Some("root")),
            (0, &["toor"], "toor", Some("The other Toor")),
            (7, &["carol"], "carol", None),
            (7, &["a b", ""], "uid7", None),
        ];
        for (uid, claims, login, name) in table {
            let author = Author::of(USERS, uid, claims.iter().map(|claim| claim.to_string()));
            assert_eq!((&*author.login, author.full_name.as_deref()), (login, name), "{uid} {claims:?}");
        }
    }
}
