//! Who works at the command line: a person with an account, or the operator of the machine.

use std::io::{BufRead, IsTerminal, stdin};
use std::path::Path;

use qb_store::Store;
use qb_web::accounts::{self, Person};

use crate::args::By;
use crate::fail::Fail;

/// The account that `--by` names, once its password was given; none where it names nobody.
pub(crate) fn person(store: &Store, by: &By) -> Result<Option<Person>, Fail> {
    let Some(login) = &by.by else { return Ok(None) };
    let password = password(login, by)?;
    Ok(Some(accounts::identify(store, login, &password)?))
}

/// The account that `--by` names, for work that nobody does without a name.
pub(crate) fn required(store: &Store, by: &By) -> Result<Person, Fail> {
    person(store, by)?.ok_or_else(|| {
        Fail::new(
            "这一步要由有相应角色的人办理:请加上 --by 登录名(密码会提示输入,或用 --password-file)",
            "this step is taken by a person with the right role: add --by LOGIN (the password is \
             asked for, or read with --password-file)",
        )
    })
}

/// The password that a file holds as its first line.
pub(crate) fn password_in(path: &Path) -> Result<String, Fail> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Fail::new(
            format!("读不到密码文件“{shown}”:{error}"),
            format!("the password file {shown} cannot be read: {error}"),
        )
    })?;
    let first = text.lines().next().filter(|line| !line.is_empty());
    let none = || {
        Fail::new(
            format!("密码文件“{shown}”的第一行是空的:请把密码写在第一行"),
            format!(
                "the first line of the password file {shown} is blank: write the password there"
            ),
        )
    };
    first.map(str::to_owned).ok_or_else(none)
}

/// Reads a password from its file, or asks for it without showing it.
fn password(login: &str, by: &By) -> Result<String, Fail> {
    if let Some(path) = &by.password_file {
        return password_in(path);
    }
    if stdin().is_terminal() {
        return Ok(rpassword::prompt_password(format!("{login} 的密码 password: "))?);
    }
    // A script may hand the password over as the first line of its input.
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_file_without_a_first_line_is_told_and_not_tried_as_a_blank_password() {
        let name = format!("qibang-password-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        for (text, password) in [("", None), ("\nlater\n", None), ("word\r\nmore\n", Some("word"))]
        {
            std::fs::write(&path, text).unwrap();
            let read = password_in(&path);
            assert_eq!(read.as_deref().ok(), password, "{text:?}");
            assert!(read.err().is_none_or(|fail| fail.0.zh.contains("第一行")), "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
