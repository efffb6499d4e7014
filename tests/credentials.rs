//! One row per credential: existence, age, idleness, and what a report cannot tell.

use crate::support::{Folder, Ran, Row, answer, report};

const ACCOUNT: &str = "111122223333";
const NOW: &str = "2026-10-01T12:00:00Z";

fn rows(rows: &[Row], sql: &str) -> Ran {
    Folder::new(&[("r.json", &answer(&report(rows), NOW))]).query(sql)
}

fn key(name: &str, rotated: &str, used: &str) -> Row {
    Row::user(ACCOUNT, name)
        .set("access_key_1_active", "true")
        .set("access_key_1_last_rotated", rotated)
        .set("access_key_1_last_used_date", used)
}

#[test]
fn days_are_whole_elapsed_days() {
    let users = [
        key("a-90-days-and-a-second", "2026-07-03T11:59:59Z", "2026-08-17T11:59:59Z"),
        key("b-90-days", "2026-07-03T12:00:00Z", "2026-08-17T12:00:00Z"),
        key("c-90-days-less-a-second", "2026-07-03T12:00:01Z", "2026-08-17T12:00:01Z"),
        key("d-never-used", "2026-07-03T12:00:00Z", "N/A"),
        key("e-just-made", NOW, NOW),
        key("f-within-tolerance", "2026-10-01T12:15:00Z", "2026-10-01T12:15:00Z"),
    ];
    let sql = "SELECT \"user\", age_days, idle_days, idle_basis, last_used_status FROM credentials ORDER BY 1";
    insta::assert_snapshot!(rows(&users, sql).clean(), @r"
    user,age_days,idle_days,idle_basis,last_used_status
    a-90-days-and-a-second,90,45,last_used,used
    b-90-days,90,45,last_used,used
    c-90-days-less-a-second,89,44,last_used,used
    d-never-used,90,90,created,never
    e-just-made,0,0,last_used,used
    f-within-tolerance,0,0,last_used,used
    ");
}

#[test]
fn the_future_has_no_age() {
    let users = [key("future", "2026-10-01T12:15:01Z", "2099-01-01T00:00:00Z")];
    let sql = "SELECT created_time, age_days, idle_days, last_used_status FROM credentials";
    let shown = rows(&users, sql).said(
        0,
        &["access_key_1_last_used_date `2099-01-01T00:00:00Z` lies in the future of the report"],
    );
    assert_eq!(
        shown,
        "created_time,age_days,idle_days,last_used_status\n2026-10-01T12:15:01Z,,,used\n"
    );
}

#[test]
fn on_a_bare_date_the_whole_day_is_the_present() {
    let users = report(&[
        key("same-day", "2026-10-01T23:59:59Z", "N/A"),
        key("next-day", "2026-10-02T00:00:00Z", "N/A"),
    ]);
    let folder = Folder::new(&[("2026-10-01/credentialReport_111122223333.csv", &users)]);
    let shown = folder
        .query("SELECT \"user\", age_days FROM credentials ORDER BY 1")
        .said(0, &["user next-day"]);
    assert_eq!(shown, "user,age_days\nnext-day,\nsame-day,0\n");
}

#[test]
fn what_exists_has_a_row() {
    let users = [
        Row::user(ACCOUNT, "a-nothing"),
        Row::user(ACCOUNT, "b-inactive-key-keeps-its-date")
            .set("access_key_2_last_rotated", "2026-01-01T00:00:00Z"),
        Row::user(ACCOUNT, "c-active-key-without-dates").set("access_key_1_active", "true"),
        Row::user(ACCOUNT, "d-password")
            .set("password_enabled", "true")
            .set("password_last_used", "no_information"),
        Row::user(ACCOUNT, "e-old-password-date-remains")
            .set("password_last_used", "2026-01-01T00:00:00Z"),
        Row::user(ACCOUNT, "f-certificate")
            .set("cert_2_active", "true")
            .set("cert_2_last_rotated", "2026-01-01T00:00:00Z"),
        Row::user(ACCOUNT, "g-flag-not-told").set("access_key_1_active", "not_supported"),
        Row::user(ACCOUNT, "h-date-not-readable")
            .set("access_key_1_last_rotated", "2026-02-30T00:00:00Z"),
    ];
    let sql = "SELECT \"user\", kind, slot, active, last_used_status, idle_basis FROM credentials ORDER BY 1, 2, 3";
    insta::assert_snapshot!(rows(&users, sql).stdout, @r"
    user,kind,slot,active,last_used_status,idle_basis
    b-inactive-key-keeps-its-date,access_key,2,false,never,created
    c-active-key-without-dates,access_key,1,true,never,user_created
    d-password,password,,true,never,user_created
    f-certificate,signing_certificate,2,true,unknown,
    g-flag-not-told,access_key,1,,never,user_created
    h-date-not-readable,access_key,1,,never,
    ");
}

#[test]
fn root_of_every_era() {
    let root = Row::root(ACCOUNT);
    let users = [
        (
            "old",
            root.clone()
                .set("password_enabled", "not_supported")
                .set("password_last_changed", "not_supported")
                .set("password_last_used", "2026-09-01T12:00:00Z"),
        ),
        (
            "new",
            root.clone()
                .set("password_enabled", "true")
                .set("password_last_changed", "2026-09-01T12:00:00Z")
                .set("password_last_used", "no_information"),
        ),
        ("managed", root.set("password_enabled", "false")),
    ];
    let shown: Vec<String> = users
        .into_iter()
        .map(|(era, row)| format!("{era}: {}", rows(&[row], "SELECT is_root, kind, active, last_used_status, age_days, idle_days FROM credentials").stdout))
        .collect();
    insta::assert_snapshot!(shown.concat(), @r"
    old: is_root,kind,active,last_used_status,age_days,idle_days
    true,password,,used,,30
    new: is_root,kind,active,last_used_status,age_days,idle_days
    true,password,true,never,30,30
    managed: is_root,kind,active,last_used_status,age_days,idle_days
    ");
}

#[test]
fn a_missing_column_is_unknown_and_never_unused() {
    let cut = "user,arn,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_2_active\n\
               ann,arn:aws:iam::111122223333:user/ann,true,true,2026-09-01T12:00:00Z,false\n";
    let folder = Folder::new(&[("cut.json", &answer(cut, NOW))]);
    let sql = "SELECT kind, slot, active, last_used_status, age_days, idle_days FROM credentials ORDER BY 1, 2";
    insta::assert_snapshot!(folder.query(sql).said(0, &["columns missing"]), @r"
    kind,slot,active,last_used_status,age_days,idle_days
    access_key,1,true,unknown,30,
    access_key,2,,unknown,,
    password,,true,unknown,,
    signing_certificate,1,,unknown,,
    signing_certificate,2,,unknown,,
    ");
}

#[test]
fn an_unreadable_date_is_unknown_and_never_never() {
    let users = [key("x", "2026-09-01T12:00:00Z", "last Tuesday")];
    let shown = rows(&users, "SELECT last_used_status, idle_days FROM credentials")
        .said(0, &["user x: access_key_1_last_used_date `last Tuesday` cannot be read"]);
    assert_eq!(shown, "last_used_status,idle_days\nunknown,\n");
}

#[test]
fn an_unreadable_flag_is_unknown_and_never_false() {
    let users = [Row::user(ACCOUNT, "x").set("password_enabled", "maybe")];
    let shown = rows(&users, "SELECT kind, active FROM credentials")
        .said(0, &["user x: password_enabled `maybe` cannot be read", "expected true or false"]);
    assert_eq!(shown, "kind,active\npassword,\n");
}

#[test]
fn columns_are_those_of_the_list() {
    for table in credsql::schema::TABLES {
        let sql = format!("SELECT * FROM {}", table.name);
        let header =
            rows(&[Row::user(ACCOUNT, "x")], &sql).stdout.lines().next().map(str::to_owned);
        let names: Vec<&str> = table.columns().map(|column| column.name).collect();
        assert_eq!(header, Some(names.join(",")), "{}", table.name);
        let kinds = format!(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{}' ORDER BY ordinal_position",
            table.name
        );
        // Constants of a view are plain text, cells are views of it: the same kind.
        let plain = |text: &str| text.replace('"', "").replace("Utf8View", "Utf8");
        let listed: Vec<String> = table
            .columns()
            .map(|column| plain(&format!("{},{}", column.name, column.kind.data_type())))
            .collect();
        let got: Vec<String> =
            rows(&[Row::user(ACCOUNT, "x")], &kinds).clean().lines().skip(1).map(plain).collect();
        assert_eq!(got, listed, "{}", table.name);
    }
}
