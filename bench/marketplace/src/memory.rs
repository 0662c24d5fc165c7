//! Memory of processes, as the kernel counts it.

use serde_json::Value;
use test_kit::Stack;

/// Resident memory in MiB of each process of the marketplace that is not an engine, by its name.
pub(crate) fn of(stack: &Stack) -> Vec<(String, f64)> {
    let status = stack.status();
    let pids = status["pids"].as_object().into_iter().flatten();
    pids.filter(|(name, _)| !["postgres", "redis", "restate", "sandbox"].contains(&name.as_str()))
        .filter_map(|(name, pid)| Some((name.clone(), resident(pid)?)))
        .collect()
}

/// The processes with their memory, as text.
pub(crate) fn told(stack: &Stack) -> String {
    of(stack).iter().map(|(name, mib)| format!("{name} {mib:.0} MiB")).collect::<Vec<_>>().join(", ")
}

fn resident(pid: &Value) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_u64()?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u32 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(f64::from(kib) / 1024.0)
}
