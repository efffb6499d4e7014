//! Rows to the bytes of a report, in AWS's own form.

use super::account::Account;
use super::calendar::write_time;
use super::keys::KeyCells;
use super::people::{self, CertificateCells, Password, Row};
use super::root::{self, NEW_WORDS};
use super::roster;
use crate::schema::{ADDITIONAL_CREDENTIALS_INFO, REPORT, REPORT_WIDTH};

/// Bytes of a row, about: to make room once.
const ROW_SIZE: u64 = 260;

/// Appends the report of an account at `now`.
pub(super) fn write_report(out: &mut Vec<u8>, account: &Account, now: i64) {
    let size = account.places.saturating_add(3).saturating_mul(ROW_SIZE);
    // More than this is left to the vector's own growth.
    out.reserve(usize::try_from(size.min(1 << 28)).unwrap_or(0));
    let mut writer = Writer { out, account, zulu: now >= NEW_WORDS };
    let width = if account.extended { REPORT_WIDTH } else { ADDITIONAL_CREDENTIALS_INFO };
    for (position, column) in REPORT[..width].iter().enumerate() {
        if position > 0 {
            writer.out.push(b',');
        }
        writer.out.extend_from_slice(column.name.as_bytes());
    }
    writer.root(&root::row_at(account, now));
    roster::visit(account, now, |name, member| {
        let row = people::row_at(account, member.role, member.dice, member.created, now);
        writer.user(name, member.path, &row, member.more_keys);
    });
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    account: &'a Account,
    /// Times end in `Z`.
    zulu: bool,
}

impl Writer<'_> {
    fn root(&mut self, row: &Row) {
        self.text(b"\n<root_account>,");
        self.arn_start();
        self.text(b"root");
        self.cells(row, 0);
    }

    fn user(&mut self, name: &[u8], path: &str, row: &Row, more_keys: u64) {
        // The only character of user names that asks for quotes.
        let quote: &[u8] = if name.contains(&b',') { b"\"" } else { b"" };
        self.text(b"\n");
        self.text(quote);
        self.text(name);
        self.text(quote);
        self.text(b",");
        self.text(quote);
        self.arn_start();
        self.text(b"user/");
        self.text(path.as_bytes());
        self.text(name);
        self.text(quote);
        self.cells(row, more_keys);
    }

    fn arn_start(&mut self) {
        self.text(b"arn:");
        self.text(self.account.partition.as_bytes());
        self.text(b":iam::");
        self.text(&self.account.id);
        self.text(b":");
    }

    /// Everything right of the ARN.
    fn cells(&mut self, row: &Row, more_keys: u64) {
        self.time(row.created);
        self.password(&row.password);
        self.flag(row.mfa);
        for key in &row.keys {
            self.key(key);
        }
        for certificate in &row.certificates {
            self.certificate(certificate);
        }
        if self.account.extended && more_keys > 0 {
            let info = format!(",{more_keys} more access keys; list them with ListAccessKeys");
            self.text(info.as_bytes());
        } else if self.account.extended {
            self.text(b",N/A");
        }
    }

    fn password(&mut self, password: &Password) {
        match password {
            Password::None => self.text(b",false,N/A,N/A,N/A"),
            Password::RootNone => self.text(b",false,N/A,N/A,not_supported"),
            Password::RootSealed => self.text(b",not_supported,N/A,not_supported,not_supported"),
            Password::RootOldWords(used) => {
                self.text(b",not_supported");
                self.time_or(*used, b",no_information");
                self.text(b",not_supported,not_supported");
            }
            Password::Root(cells) => {
                self.text(b",true");
                self.time_or(cells.used, b",no_information");
                self.time(cells.changed);
                self.text(b",not_supported");
            }
            Password::User(cells) => {
                self.text(b",true");
                self.time_or(cells.used, b",no_information");
                self.time(cells.changed);
                self.time_or(cells.next, b",N/A");
            }
        }
    }

    fn key(&mut self, key: &KeyCells) {
        let Some(rotated) = key.rotated else {
            return self.text(b",false,N/A,N/A,N/A,N/A");
        };
        self.flag(key.active);
        self.time(rotated);
        let Some(used) = key.used else {
            return self.text(b",N/A,N/A,N/A");
        };
        self.time(used);
        self.text(b",");
        self.text(key.region.unwrap_or("N/A").as_bytes());
        self.text(b",");
        self.text(key.service.as_bytes());
    }

    fn certificate(&mut self, certificate: &CertificateCells) {
        self.flag(certificate.active);
        self.time_or(certificate.rotated, b",N/A");
    }

    fn flag(&mut self, flag: bool) {
        self.text(if flag { b",true" } else { b",false" });
    }

    fn time_or(&mut self, time: Option<i64>, otherwise: &[u8]) {
        match time {
            Some(time) => self.time(time),
            None => self.text(otherwise),
        }
    }

    fn time(&mut self, time: i64) {
        self.out.push(b',');
        write_time(self.out, time, self.zulu);
    }

    fn text(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }
}
