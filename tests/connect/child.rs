//! From another process: this test's own program, started once more.

use std::{
    os::unix::process::CommandExt,
    process::{Command, Output},
};

use postrider::{ConnectError, DeliveryStatus};

use super::*;

const SOCKET: &str = "TEST_OF_A_CHILD_SOCKET";

/// Runs a part of this program as a process of its own.
fn child(part: &str, home: &Home, user: Option<u32>) -> std::io::Result<Output> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", part, "--ignored", "--nocapture"]).env(SOCKET, home.socket());
    if let Some(user) = user {
        command.uid(user);
    }
    command.output()
}

fn has_passed(output: &Output) -> bool {
    output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed")
}

#[test]
#[ignore = "runs as a child of another test"]
fn sends() {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let client = Engine::connect(socket).unwrap();
    let receipt = client.send_with_key("k", mail("bob@gone.example")).blocking().unwrap();
    assert_eq!(receipt.outcome_blocking().unwrap()[0].status, DeliveryStatus::Delivered);
}

#[test]
#[ignore = "runs as a child of another test"]
fn is_not_permitted() {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let error = Engine::connect(socket).unwrap_err();
    assert!(matches!(error, ConnectError::NotPermitted { .. }) && !error.is_temporary(), "{error}");
}

#[test]
#[ignore = "runs as a child of another test"]
fn ends_its_threads() {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("postrider")).count()
    };
    let client = Engine::connect(socket).unwrap();
    let receipt = client.clone().send_blocking(mail("bob@kept.example")).unwrap();
    let outcomes = block_on(receipt.outcomes()).unwrap();
    drop((client, receipt));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(threads(), 2, "what watches is a handle, too");
    drop(outcomes);
    let have_ended = || {
        std::thread::sleep(Duration::from_millis(10));
        threads() == 0
    };
    assert!(std::iter::repeat_with(have_ended).take(500).any(|ended| ended));
}

#[test]
fn the_threads_of_a_client_end_with_its_last_handle() {
    let home = Home::new();
    let _engine = home.start();
    let output = child("child::ends_its_threads", &home, None).unwrap();
    assert!(has_passed(&output), "{output:?}");
}

#[test]
fn a_child_process_sends_and_hears_the_outcome_and_its_key_is_known_here() {
    let home = Home::new();
    let engine = home.start();
    let output = child("child::sends", &home, None).unwrap();
    assert!(has_passed(&output), "{output:?}");
    assert!(engine.send_with_key("k", mail("bob@gone.example")).blocking().unwrap().is_repetition());
}

#[test]
fn another_user_may_not_open_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    if !rustix::process::geteuid().is_root() {
        return; // only root can be another user
    }
    let home = Home::new();
    std::fs::set_permissions(home.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let _engine = home.start();
    let output = match child("child::is_not_permitted", &home, Some(65_534)) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return, // nor this program
        output => output.unwrap(),
    };
    assert!(has_passed(&output), "{output:?}");
}
