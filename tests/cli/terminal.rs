//! A terminal of a test's own: the program sees one, and the test reads and types.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// One of its two ends; the other is the program's.
pub(crate) struct Terminal {
    ours: File,
    theirs: File,
}

impl Terminal {
    /// A new one.
    pub(crate) fn open() -> Self {
        let ours: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let theirs = OpenOptions::new().read(true).write(true).open(name).unwrap();
        Self { ours: File::from(ours), theirs }
    }

    fn stdio(&self) -> Stdio {
        Stdio::from(self.theirs.try_clone().unwrap())
    }

    /// Starts a program all of whose streams are on the terminal. The command is taken: it has the other end open too.
    pub(crate) fn start(&self, mut command: Command) -> Child {
        command.stdin(self.stdio()).stdout(self.stdio()).stderr(self.stdio()).spawn().unwrap()
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.ours, "{line}").unwrap();
    }

    /// Everything that is shown until the program has ended.
    pub(crate) fn shown(self) -> String {
        let Self { mut ours, theirs } = self;
        drop(theirs);
        let mut shown = Vec::new();
        let mut part = [0; 4096];
        // The end of a terminal is an error on Linux.
        while let Ok(count @ 1..) = ours.read(&mut part) {
            shown.extend_from_slice(&part[..count]);
        }
        String::from_utf8(shown).unwrap()
    }
}
