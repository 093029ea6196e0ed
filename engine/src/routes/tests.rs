//! Which recipient takes which route.

use super::*;
use crate::{Address, Reply};

fn line(domains: &str, port: u16) -> (Domains, Route) {
    (domains.parse().unwrap(), Route::relay([format!("127.0.0.1:{port}").parse().unwrap()]))
}

fn table(lines: &[&str]) -> Routes {
    Routes::new("post.example", lines.iter().zip(1..).map(|(domains, port)| line(domains, port))).unwrap()
}

fn hop(routes: &Routes, address: &str) -> String {
    let recipient = Recipient::from(Address::parse(address).unwrap());
    routes.route(&recipient).hop.to_string()
}

#[test]
fn the_most_specific_line_wins_in_whatever_order_they_stand() {
    let lines = [
        "*",
        ".example",
        ".b.example",
        "b.example",
        "a.b.example",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        "xn--bcher-kva.example",
    ];
    let cases = [
        ("x@elsewhere.org", 1),
        ("x@example", 1),
        ("x@c.example", 2),
        ("x@b.example", 4),
        ("x@B.Example", 4),
        ("x@c.b.example", 3),
        ("x@d.c.b.example", 3),
        ("x@a.b.example", 5),
        ("x@z.a.b.example", 3),
        ("x@ab.example", 2),
        ("x@[192.0.2.1]", 6),
        ("x@[192.0.2.2]", 1),
        ("x@[ipv6:2001:DB8:0::1]", 7),
        ("x@[IPv6:2001:db8::2]", 1),
        ("x@bücher.example", 8),
        ("x@BÜCHER.example", 8),
        ("\"a@b\"@XN--BCHER-KVA.example", 8),
    ];
    let forward = table(&lines);
    for (address, port) in cases {
        assert_eq!(hop(&forward, address), format!("smtp 127.0.0.1:{port}"), "{address}");
    }
    let ports = 1..=lines.len() as u16;
    let backward = Routes::new("", lines.iter().zip(ports).rev().map(|(domains, port)| line(domains, port))).unwrap();
    for (address, port) in cases {
        assert_eq!(hop(&backward, address), format!("smtp 127.0.0.1:{port}"), "{address}");
    }
}

#[test]
fn without_a_line_for_all_the_others_are_kept() {
    let routes = table(&["b.example"]);
    assert_eq!(hop(&routes, "x@b.example"), "smtp 127.0.0.1:1");
    assert_eq!(hop(&routes, "x@c.example"), "keep");
    assert_eq!(hop(&Routes::default(), "x@c.example"), "keep");
}

#[test]
fn a_bare_postmaster_takes_the_route_of_our_own_name() {
    let own = table(&["*", "post.example"]);
    assert_eq!(hop(&own, "postmaster"), "smtp 127.0.0.1:2");
    let other = table(&["*", "other.example"]);
    assert_eq!(hop(&other, "Postmaster"), "smtp 127.0.0.1:1");
}

#[test]
fn each_hop_is_listed_once() {
    let routes = Routes::new("", [line("a.example", 1), line("b.example", 1), line("*", 2)]).unwrap();
    let mut names: Vec<&str> = routes.iter().map(|route| route.hop.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["smtp 127.0.0.1:1", "smtp 127.0.0.1:2"]);
}

#[test]
fn a_line_that_keeps_may_say_for_how_long() {
    let mut keep = Route::new(Next::Keep);
    keep.retry = crate::Retry::iis();
    let routes = Routes::new("", [("*".parse().unwrap(), keep)]).unwrap();
    assert_eq!(routes.iter().next().unwrap().retry, crate::Retry::iis());
}

#[test]
fn two_lines_to_one_queue_agree_or_are_set_apart() {
    let (domains, mut slow) = line("b.example", 1);
    slow.connections = 1;
    let both = [line("a.example", 1), (domains.clone(), slow.clone())];
    assert_eq!(Routes::new("", both).unwrap_err(), RouteError::Differ(Hop::new("smtp 127.0.0.1:1")));
    slow.queue = Some("slow".into());
    let apart = Routes::new("", [line("a.example", 1), (domains, slow)]).unwrap();
    assert_eq!(hop(&apart, "x@b.example"), "smtp 127.0.0.1:1 queue slow");
}

#[test]
fn two_lines_that_throw_away_are_one_whatever_they_say_of_connections() {
    let mut other = Route::new(Next::Discard);
    other.connections = 1;
    let lines = [("a".parse().unwrap(), Route::new(Next::Discard)), ("b".parse().unwrap(), other)];
    assert_eq!(hop(&Routes::new("", lines).unwrap(), "x@b"), "discard");
}

#[test]
fn a_table_that_cannot_be_used_is_refused_with_the_reason() {
    let twice = Routes::new("", [line("A.example", 1), line("a.example.", 2)]);
    assert_eq!(twice.unwrap_err(), RouteError::Twice(Domains::One("a.example".into())));
    let nowhere = Routes::new("", [(Domains::All, Route::relay([]))]);
    assert_eq!(nowhere.unwrap_err(), RouteError::NoHost);
    let mut none = Route::new(Next::Discard);
    none.connections = 0;
    assert_eq!(Routes::new("", [(Domains::All, none)]).unwrap_err(), RouteError::Nothing);
    for text in ["", ".", "a b", "[1.2.3]", "**", "*.example", "a@b"] {
        assert_eq!(text.parse::<Domains>(), Err(RouteError::Domains), "{text}");
    }
}

#[test]
fn a_domain_of_any_length_finds_a_route() {
    let routes = table(&["*"]);
    for domain in ["a".repeat(255), "a".repeat(256), "ü".repeat(300), "a.".repeat(127), "xn--".into()] {
        assert_eq!(routes.list[routes.lookup(&domain)].hop.as_str(), "smtp 127.0.0.1:1");
    }
    let refused = Route::new(Next::Refuse(Reply::new(550, 7, 1, "no")));
    let routes = Routes::new("", [("*".parse().unwrap(), refused)]).unwrap();
    assert_eq!(hop(&routes, "x@y"), "error 550 5.7.1 no");
}
