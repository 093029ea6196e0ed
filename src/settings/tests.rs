//! Settings: what is read, and what is refused and in which words.

use std::path::Path;

use postrider_engine::{Address, Next, Perhaps, Recipient, Retry};

use super::*;

const RELAY: &str = include_str!("../../examples/relay.toml");

/// The name of the machine is none of the tests' business.
pub(super) const NAME: &str = "hostname = \"post.example\"\n";

pub(super) fn named(text: &str) -> Result<Settings, SettingsErrors> {
    Settings::from_toml(&format!("{NAME}{text}"))
}

fn with_environment(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsErrors> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::read(source::merge("the text", &format!("{NAME}{text}"), variables)?)
}

fn complaint(text: &str) -> String {
    named(text).unwrap_err().to_string()
}

fn hop(settings: &Settings, address: &str) -> String {
    let recipient = Recipient::from(Address::parse(address).unwrap());
    settings.routes().unwrap().route(&recipient).hop.to_string()
}

#[test]
fn a_wrong_key_names_itself_and_its_remedy() {
    let table = [
        ("[limits]\nconections = 1", "limits.conections: there is no such key; did you mean limits.connections?"),
        ("[limit]\nx = 1", "limit: there is no such key; did you mean limits?"),
        (
            "[delivery.timeouts]\nbanana = 1",
            "delivery.timeouts.banana: there is no such key; all keys are in docs/configuration.md",
        ),
        ("limits = 3", "limits: 3 is no section; write [limits] above its keys"),
        ("[route]\ndomain = \"*\"", "route: a section is no list of sections; write [[route]] above its keys"),
        (
            "[[route]]\ndomain = \"*\"\nto = \"keep\"\nretyr = \"iis\"",
            "route[1].retyr: there is no such key; did you mean route[1].retry?",
        ),
    ];
    for (text, line) in table {
        assert_eq!(complaint(text), line, "{text}");
    }
}

#[test]
fn a_wrong_value_names_its_key_and_its_remedy() {
    let table = [
        ("[limits]\nconnections = \"many\"", "limits.connections: \"many\" is no value for it; write a whole number without quotes"),
        ("[limits]\nconnections = 0", "limits.connections: 0 is out of bounds; it is from 1 to 1000000"),
        ("[limits]\nconnections = -1", "limits.connections: -1 is no value for it; write a whole number without quotes"),
        ("[limits]\nconnections = true", "limits.connections: true is no value for it; write a whole number without quotes"),
        ("[limits]\nmessage_size = \"1 KiB\"", "limits.message_size: 1 KiB is out of bounds; it is from 64 KiB to 64 GiB"),
        ("[spool]\nmin_free = \"1 GB\"", "spool.min_free: \"1 GB\" is no value for it; write a size in octets or with its unit (KiB, MiB, GiB), as in \"64 MiB\""),
        ("[drain]\ndeadline = 25", "drain.deadline: 25 is no value for it; write a time with its unit (ms, s, min, h, days), as in \"30 s\""),
        ("[drain]\ndeadline = \"0 s\"", "drain.deadline: 0 ms is out of bounds; it is from 1 s to 1 h"),
        ("[spool]\nmax_size = \"8 MiB\"", "spool.max_size: it is below four segments; make it larger, or spool.segment_size smaller"),
        ("[spool]\nattempting = \"fsync\"", "spool.attempting: \"fsync\" is no value for it; write \"off\" or \"written\" or \"synced\""),
        ("[session]\nsubmission = 1", "session.submission: 1 is no value for it; write true or false"),
        ("[listen]\nlmtp = [\"localhost:24\"]", "listen.lmtp: \"localhost:24\" is no value for it; write a whole path, as in \"/run/postrider/lmtp\", or an address with a port that is not 25, as in \"127.0.0.1:24\""),
        ("[listen]\nlmtp = [\"127.0.0.1\"]", "listen.lmtp: \"127.0.0.1\" is no value for it; write a whole path, as in \"/run/postrider/lmtp\", or an address with a port that is not 25, as in \"127.0.0.1:24\""),
        ("[[route]]\ndomain = \"*\"\nto = \"drop:here\"", "route[1].to: it names no folder; write to = \"drop:/var/spool/drop\" with the whole path"),
        ("[[route]]\ndomain = \"*\"\nto = \"keep\"\ndrop_envelope = true", "route[1].drop_envelope: the route leads into no folder; remove it, or write to = \"drop:/var/spool/drop\""),
        ("[listen]\nlmtp_mode = \"0400\"", "listen.lmtp_mode: \"0400\" is no value for it; write a mode in octal from \"0600\" to \"0777\""),
        ("[listen]\nsockets = [\"localhost:25\"]", "listen.sockets: \"localhost:25\" is no value for it; write an address and a port, as in \"192.0.2.1:25\", \"0.0.0.0:25\" or \"[::]:25\""),
        ("[listen]\nsockets = []", "listen.sockets: there is none; name at least one, as in [\"127.0.0.1:2525\"], or a listen.lmtp, send.socket or pickup.folder"),
        ("[send]\nsocket = \"send\"", "send.socket: \"send\" is no value for it; write a whole path of at most 107 octets, as in \"/run/postrider/send\""),
        ("[delivery]\njitter = 0.7", "delivery.jitter: jitter is a fraction from 0 to 0.5; write a number from 0 to 0.5"),
        ("[delivery]\nretry = [\"0 s\"]", "delivery.retry: a pause is at least one millisecond; write \"default\", \"iis\" or pauses, as in [\"1 min\", \"5 min\"]"),
        ("[report]\nfrom = \"nobody\"", "report.from: \"nobody\" is no value for it; write a mail address, as in \"postmaster@example.org\""),
    ];
    for (text, line) in table {
        assert_eq!(complaint(text), line, "{text}");
    }
}

#[test]
fn a_route_that_leads_nowhere_or_twice_is_refused() {
    let table = [
        ("[[route]]\nto = \"keep\"", "route[1].domain: it is missing; write for which domains the route is, as in domain = \"*\""),
        ("[[route]]\ndomain = \"*\"", "route[1].to: the route leads nowhere; write to = [\"host:port\"], to = \"mx\", to = \"maildir\", to = \"discard\", to = \"keep\" or error = \"text\""),
        ("[[route]]\ndomain = \"*\"\nto = \"keep\"\nerror = \"no\"", "route[1].error: the route has to as well; keep one of the two"),
        ("[[route]]\ndomain = \"a\"\nto = \"keep\"\n[[route]]\ndomain = \"A\"\nto = \"discard\"", "route: two routes are for a; remove one of them"),
        ("smart_host = \"a\"\n[[route]]\ndomain = \"*\"\nto = \"discard\"", "smart_host: a route for \"*\" is there as well; keep one of the two"),
        ("[[route]]\ndomain = \"a\"\nerror = \"450 later\"", "route[1].error: \"450 later\" is no value for it; write a text, or a permanent reply as in \"550 5.7.1 no mail for them\""),
    ];
    for (text, line) in table {
        assert_eq!(complaint(text), line, "{text}");
    }
    let differ = "[[route]]\ndomain = \"a\"\nto = \"h\"\n[[route]]\ndomain = \"b\"\nto = \"h\"\nconnections = 1";
    assert!(
        complaint(differ).starts_with("route: two routes lead to \"smtp h:25\" and differ"),
        "{}",
        complaint(differ)
    );
    assert!(named(&format!("{differ}\nqueue = \"slow\"")).is_ok());
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let text =
        "banana = 1\n[limits]\nconnections = 0\n[spool]\nmin_free = \"x\"\n[[route]]\ndomain = \"a b\"\nto = \"keep\"";
    let keys: Vec<String> = named(text).unwrap_err().0.into_iter().map(|error| error.key).collect();
    assert_eq!(keys, ["limits.connections", "spool.min_free", "route[1].domain", "banana"]);
}

#[test]
fn a_mistake_in_the_file_is_one_line_with_its_place() {
    let line = complaint("[limits\nx = 1");
    assert!(line.starts_with("the text: ") && line.contains("line 2") && !line.contains('\n'), "{line}");
    let line = complaint("[limits]\nconnections = 1\nconnections = 2");
    assert!(line.contains("line 4") && !line.contains('\n'), "{line}");
}

#[test]
fn the_environment_stands_above_the_file() {
    let text = "[spool]\nfolder = \"a\"\n[delivery]\nretry = \"iis\"";
    let settings = with_environment(
        text,
        &[
            ("POSTRIDER_SPOOL__FOLDER", "b"),
            ("POSTRIDER_DELIVERY__TIMEOUTS__CONNECT", "5 s"),
            ("POSTRIDER_DELIVERY__RETRY", "1 s, 2 s"),
            ("POSTRIDER_LIMITS__CONNECTIONS", "7"),
            ("POSTRIDER_SESSION__SUBMISSION", "true"),
            ("POSTRIDER_SMART_HOST", "a:26,b"),
            ("POSTRIDER_HOSTNAME", "Other.Example"),
            ("PATH", "/bin"),
        ],
    );
    let settings = settings.unwrap();
    assert_eq!(settings.spool.folder, Path::new("b"));
    assert_eq!(settings.delivery_timeouts.connect.as_secs(), 5);
    assert_eq!(settings.delivery.retry.first.len(), 2);
    assert_eq!((settings.limits.connections, settings.session.submission), (7, true));
    assert_eq!(hop(&settings, "x@y"), "smtp a:26,b:25");
    assert_eq!(settings.hostname, "other.example");
}

#[test]
fn a_variable_that_is_no_key_is_refused_in_a_section_and_noted_outside() {
    let wrong = with_environment("", &[("POSTRIDER_SPOOL__FOLDR", "x")]).unwrap_err().to_string();
    assert_eq!(wrong, "spool.foldr: there is no such key; did you mean spool.folder?");
    let wrong = with_environment("", &[("POSTRIDER_RELAY__NETWORKS", "::1,x")]).unwrap_err().to_string();
    assert!(wrong.starts_with("relay.networks: \"x\" from the environment is no value for it; write"), "{wrong}");
    let odd = [
        ("POSTRIDER_PORT", "tcp://10.0.0.1:25"),
        ("POSTRIDER_A__[0]", "x"),
        ("POSTRIDER___X", "y"),
        ("POSTRIDERS", "z"),
    ];
    let settings = with_environment("smart_host = \"a\"", &odd).unwrap();
    let notes = settings.notes();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[2].starts_with("POSTRIDER___X") || notes[2].starts_with("POSTRIDER_PORT"), "{notes:?}");
}

#[test]
fn without_a_smart_host_mail_is_kept_and_said_so() {
    let settings = named("").unwrap();
    assert_eq!(hop(&settings, "x@y"), "keep");
    assert!(settings.notes()[0].starts_with("no smart host is known: mail is kept queued"), "{:?}", settings.notes());
    let given = settings.with_smart_hosts(&["127.0.0.1:2626"]).unwrap();
    assert_eq!((hop(&given, "x@y").as_str(), given.notes().len()), ("smtp 127.0.0.1:2626", 0));
    let wrong = given.with_smart_hosts(&["a b", "c:0"]).unwrap_err();
    assert_eq!(wrong.0.iter().map(|error| error.key.as_str()).collect::<Vec<_>>(), ["smart_host", "smart_host"]);
}

#[test]
fn an_open_relay_is_noted() {
    let settings = named("smart_host = \"a\"\n[relay]\nnetworks = \"0.0.0.0/0\"").unwrap();
    assert!(settings.notes()[0].contains("0.0.0.0/0"));
}

#[test]
fn a_route_has_what_delivery_says_unless_it_says_otherwise() {
    let text = "[delivery]\nconnections = 3\nperhaps = \"hold\"\nretry = \"iis\"\n\
        [[route]]\ndomain = \"a.example\"\nto = \"a\"\n\
        [[route]]\ndomain = \"b.example\"\nto = \"b\"\nconnections = 4\nretry = [\"1 s\"]\ngive_up = \"1 h\"\nhelo = \"[192.0.2.1]\"";
    let settings = named(text).unwrap();
    let routes = settings.routes().unwrap();
    let route = |address: &str| routes.route(&Recipient::from(Address::parse(address).unwrap())).clone();
    let (a, b, kept) = (route("x@a.example"), route("x@b.example"), route("x@c.example"));
    assert_eq!((a.connections, a.perhaps, a.retry.clone()), (3, Perhaps::Hold, Retry::iis()));
    assert_eq!((b.connections, b.perhaps, b.retry.first[0].as_secs()), (4, Perhaps::Hold, 1));
    assert_eq!((b.retry.then, b.retry.give_up.as_secs()), (Retry::iis().then, 3600));
    assert_eq!(b.hop.as_str(), "smtp b:25 as [192.0.2.1]");
    assert_eq!((kept.next.clone(), kept.retry.clone()), (Next::Keep, Retry::iis()));
}

#[test]
fn a_route_refuses_with_the_reply_it_is_given() {
    let table = [
        ("they have moved", "error 550 5.7.1 they have moved"),
        ("551 moved", "error 551 5.7.1 moved"),
        ("550 5.1.6 moved away", "error 550 5.1.6 moved away"),
    ];
    for (text, name) in table {
        let settings = named(&format!("[[route]]\ndomain = \"*\"\nerror = \"{text}\"")).unwrap();
        assert_eq!(hop(&settings, "x@y"), name);
    }
}

#[test]
fn settings_become_what_a_session_and_a_report_are_told() {
    let text = "[relay]\ndomains = [\".Example.ORG\"]\n[session]\nstrict_8bit = true\n[limits]\nmessage_size = \"1 MiB\"\noverrun = 0";
    let settings = named(text).unwrap();
    let session = settings.session();
    assert_eq!((session.hostname.as_str(), session.strict_8bit), ("post.example", true));
    assert_eq!((session.limits.message_size, session.limits.drain), (1 << 20, 0));
    let stranger = postrider_engine::Peer::default();
    assert!(session.relay.allows(&stranger, &Address::parse("x@a.example.org").unwrap()));
    assert!(!session.relay.allows(&stranger, &Address::parse("x@example.com").unwrap()));
    assert_eq!(named("").unwrap().session().limits, postrider_engine::SessionSettings::default().limits);
    assert_eq!(settings.report().unwrap().from.as_str(), "postmaster@post.example");
}

#[test]
fn the_relay_of_the_examples_is_what_it_says() {
    let settings = Settings::from_toml(RELAY).unwrap();
    assert_eq!(settings.listen.sockets, ["127.0.0.1:2525".parse().unwrap()]);
    assert_eq!(settings.spool.folder, Path::new("spool"));
    assert_eq!(settings.notes(), [""; 0]);
    let routes = settings.routes().unwrap();
    let route = routes.iter().next().unwrap();
    assert_eq!((route.hop.as_str(), route.connections), ("smtp 127.0.0.1:2626", 20));
    assert_eq!(route.retry.pause(1, 0.5).as_millis(), 1000);
    assert_eq!(routes.iter().count(), 1);
    let local: std::net::IpAddr = "127.0.0.1".parse().unwrap();
    assert!(settings.relay.networks.iter().any(|network| network.contains(&local)));
}

#[test]
fn a_machine_without_a_name_must_be_given_one() {
    let nameless = Settings { hostname: String::new(), ..Settings::default() };
    assert!(nameless.check().unwrap_err().to_string().starts_with("hostname: it is missing"));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut settings = named("").unwrap();
    settings.spool.folder = file.join("spool");
    let wrong = settings.check_machine().unwrap_err().to_string();
    assert!(wrong.starts_with("spool.folder: ") && wrong.contains("no file is in the way"), "{wrong}");
    settings.spool.folder = folder.path().join("not/there/yet");
    assert_eq!(settings.check_machine(), Ok(()));
    assert!(!settings.spool.folder.exists(), "checking makes nothing");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let wrong = Settings::load(Some(Path::new("no/such.toml"))).unwrap_err().to_string();
    assert_eq!(wrong, "no/such.toml: there is no such file; check the path given with --config");
}

#[test]
fn a_socket_in_use_is_said_in_one_line() {
    let socket = "127.0.0.1:2525".parse().unwrap();
    let line = SettingsError::socket(socket, &std::io::ErrorKind::AddrInUse.into()).to_string();
    assert_eq!(
        line,
        "listen.sockets: 127.0.0.1:2525 is in use; stop the program that listens there, or choose another port"
    );
}

#[test]
fn a_socket_for_programs_alone_is_enough() {
    let settings =
        named("[listen]\nsockets = []\n[send]\nsocket = \"/run/postrider/send\"\nsocket_mode = \"0660\"").unwrap();
    assert_eq!(settings.send.socket.as_deref(), Some(std::path::Path::new("/run/postrider/send")));
    assert_eq!(settings.send.socket_mode, 0o660);
    assert!(complaint(&format!("[send]\nsocket = \"/{}\"", "x".repeat(107))).contains("at most 107 octets"));
}
