//! Who holds a port, as far as the system tells.

use std::{fs, net::SocketAddr, path::Path};

/// The program that listens on the address, such as `alyx-cli (process 4711)`; Linux only.
pub(crate) fn holder(address: SocketAddr) -> Option<String> {
    let sockets = ["/proc/net/tcp", "/proc/net/tcp6"].iter().filter_map(|table| fs::read_to_string(table).ok());
    let inode = sockets.flat_map(|table| listening(&table, address.port())).next()?;
    let wanted = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .map(|entry| entry.path())
        .find(|process| has_open(process, &wanted))
        .and_then(|process| describe(&process))
}

/// The inodes of the sockets that listen on this port.
fn listening(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let ending = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let matching = rows.filter(|row| {
        row.get(1).is_some_and(|local| local.ends_with(&ending)) && row.get(3).is_some_and(|state| *state == LISTEN)
    });
    matching.filter_map(|row| row.get(9).map(|inode| (*inode).to_owned())).collect()
}

fn has_open(process: &Path, wanted: &str) -> bool {
    let Ok(files) = fs::read_dir(process.join("fd")) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == wanted))
}

fn describe(process: &Path) -> Option<String> {
    let id = process.file_name()?.to_str()?;
    let name = fs::read_to_string(process.join("comm")).ok()?;
    Some(format!("{} (process {id})", name.trim()))
}

#[cfg(test)]
mod tests {
    use super::listening;

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F9A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
   1: 0100007F:1F9A 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0
   2: 0100007F:1F9B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0
";
        assert_eq!(listening(table, 8090), ["4711"]);
    }
}
