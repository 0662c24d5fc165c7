//! Whether a process is the one we once started: a number alone says little, since numbers are used again.

use std::process::{Command, Stdio};

/// When the process began, in a form that is equal for one process and different for every other of that number, also
/// after a restart of the machine. `None` when there is no such process, or only its remains.
pub(crate) fn started_at(pid: i32) -> Option<String> {
    if cfg!(target_os = "linux") { started_at_by_proc(pid) } else { started_at_by_ps(pid) }
}

/// Whether the process that began at `started` still runs.
pub(crate) fn is_running(pid: i32, started: &str) -> bool {
    started_at(pid).is_some_and(|now| now == started)
}

fn started_at_by_proc(pid: i32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = after_name.split(' ').collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    // Field 22 of the line counts clock ticks since the machine started.
    let ticks = fields.get(22 - 3)?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Some(format!("{}:{ticks}", boot.trim()))
}

fn started_at_by_ps(pid: i32) -> Option<String> {
    let output =
        Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_itself_and_no_other() {
        let me = i32::try_from(std::process::id()).unwrap();
        let started = started_at(me).unwrap();
        assert!(is_running(me, &started));
        assert!(!is_running(me, "another boot:1"));
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let began = started_at(pid);
        child.wait().unwrap();
        assert!(!is_running(pid, &began.unwrap_or_default()));
    }
}
