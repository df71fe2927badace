//! The records of tokens, `oauth_credential`: written when a token is issued, renewed or ended, read
//! when somebody else changed one, and taken over from a file that was kept.
//!
//! The column `token` holds the token's number and a digest; no answer shows it. An access token's
//! record is one of its application (`peer`) and its user (Manage tokens); the columns' names are
//! *assumed* where no published client uses them, and so is that `name` is the application's.

use rusqlite::OptionalExtension;

use crate::clock::Now;
use crate::journal::Change;
use crate::pipeline::admission::{Ended, Grantee, Recorded, Token, TokenKind, Tokens};
use crate::store::records::{row, values};
use crate::store::{Author, Committed, Records, Store, StoreError};

/// The table of tokens.
pub(super) const TABLE: &str = "oauth_credential";

/// A token whose end was moved by its record.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) token: Token,
    /// How it ended just now, if it did.
    pub(super) ended: Option<Ended>,
}

/// Writes down what the records do not say yet. Blocks.
pub(super) fn write(store: &Store, tokens: &Tokens, now: Now) -> Result<(), StoreError> {
    store.write(&Author::system(now.unix), |records| {
        // Taken and read while nobody else writes: what is said is the latest.
        let unwritten = tokens.take_unwritten();
        for sys_id in &unwritten.forgotten {
            records.delete(TABLE, sys_id)?;
        }
        for number in &unwritten.numbers {
            if let Some(recorded) = tokens.record(*number, now) {
                keep(records, &recorded)?;
                tokens.written(&recorded);
            }
        }
        match unwritten.numbers.last() {
            Some(last) => remember(records, *last),
            None => Ok(()),
        }
    })
}

fn keep(records: &mut Records<'_>, recorded: &Recorded) -> Result<(), StoreError> {
    let expires = written(recorded.expires);
    let sys_id = recorded.sys_id.as_str();
    if records.class_of(TABLE, sys_id)?.is_some() {
        let moved = row([("expires", expires.as_str())]);
        return records.update(TABLE, sys_id, &moved).map(drop);
    }
    let Grantee {
        client,
        user,
        scope,
    } = &recorded.token.grantee;
    let name: Option<String> = records
        .connection
        .prepare_cached("SELECT name FROM oauth_entity WHERE sys_id = ?")?
        .query_row([client], |row| row.get(0))
        .optional()?;
    let user = records.find("sys_user", "user_name", user)?;
    records.insert(
        TABLE,
        &row([
            ("sys_id", sys_id),
            ("name", name.as_deref().unwrap_or_default()),
            ("type", kind_name(recorded.token.kind)),
            ("peer", client.as_str()),
            ("user", user.as_deref().unwrap_or_default()),
            ("expires", expires.as_str()),
            ("scopes", scope.as_str()),
        ]),
    )?;
    // It is a digest already, and must be found again: what a password gets on its way in is none.
    let token = format!("{}:{}", recorded.token.number, recorded.digest);
    records
        .connection
        .prepare_cached("UPDATE oauth_credential SET token = ? WHERE sys_id = ?")?
        .execute([token.as_str(), sys_id])?;
    Ok(())
}

/// Remembers the last number, so that no value is made twice though its record is gone.
fn remember(records: &Records<'_>, last: u64) -> Result<(), StoreError> {
    let last = i64::try_from(last).unwrap_or(i64::MAX);
    records
        .connection
        .prepare_cached(
            "INSERT INTO sys_number (prefix, last) VALUES (?, ?) \
             ON CONFLICT (prefix) DO UPDATE SET last = max(last, excluded.last)",
        )?
        .execute((TABLE, last))?;
    Ok(())
}

/// Makes the token what its record, which was changed, says of it. Blocks.
pub(super) fn heed(
    store: &Store,
    tokens: &Tokens,
    change: &Committed,
    now: Now,
) -> Result<Option<Moved>, StoreError> {
    let sys_id = change.sys_id.as_str();
    match change.change {
        Change::Inserted => Ok(None),
        Change::Deleted => Ok(tokens.record_is_gone(sys_id, now).map(|token| Moved {
            token,
            ended: Some(Ended::Revoked),
        })),
        Change::Updated => {
            let says = store.read_one(|records| -> Result<Option<String>, StoreError> {
                let says = records
                    .prepare_cached("SELECT expires FROM oauth_credential WHERE sys_id = ?")?
                    .query_row([sys_id], |row| row.get(0))
                    .optional()?;
                Ok(says)
            })?;
            let expires = says.as_deref().and_then(values::unix);
            let Some(before) = tokens.record_says(sys_id, expires, now) else {
                return Ok(None);
            };
            let is_over = tokens.ended(before.number, now).is_some();
            let ended = is_over.then_some(Ended::Expired);
            Ok(match before.ended_by(now).is_some() && is_over {
                true => None,
                false => Some(Moved {
                    token: before,
                    ended,
                }),
            })
        }
    }
}

/// Takes over the tokens of an earlier life of the instance. Blocks.
pub(super) fn restore(store: &Store, tokens: &Tokens, now: Now) -> Result<(), StoreError> {
    let (recorded, last) = store.read(|records| -> Result<_, StoreError> {
        let mut statement = records.prepare(
            "SELECT c.sys_id, c.type, c.peer, coalesce(u.user_name, ''), c.expires, c.scopes, c.token \
             FROM oauth_credential c LEFT JOIN sys_user u ON u.sys_id = c.user",
        )?;
        let mut rows = statement.query([])?;
        let mut recorded = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |at: usize| row.get::<_, String>(at);
            let token = text(6)?;
            let Some((number, digest)) = token.split_once(':') else {
                continue;
            };
            let (Ok(number), Some(kind)) = (number.parse(), kind_named(&text(1)?)) else {
                continue;
            };
            recorded.push(Recorded {
                sys_id: text(0)?,
                token: Token {
                    number,
                    kind,
                    grantee: Grantee {
                        client: text(2)?,
                        user: text(3)?,
                        scope: text(5)?,
                    },
                    expires: now.elapsed,
                    ended: None,
                },
                expires: values::unix(&text(4)?),
                digest: digest.to_owned(),
            });
        }
        recorded.sort_by_key(|recorded| recorded.token.number);
        let last: Option<i64> = records
            .query_row(
                "SELECT last FROM sys_number WHERE prefix = ?",
                [TABLE],
                |row| row.get(0),
            )
            .optional()?;
        Ok((recorded, last))
    })?;
    let last = last.unwrap_or_default().unsigned_abs();
    tokens.restore(recorded, last, now);
    Ok(())
}

fn written(expires: Option<u64>) -> String {
    expires.map_or_else(String::new, |secs| {
        values::written(std::time::Duration::from_secs(secs))
    })
}

const fn kind_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access_token",
        TokenKind::Refresh => "refresh_token",
    }
}

fn kind_named(name: &str) -> Option<TokenKind> {
    match name {
        "access_token" => Some(TokenKind::Access),
        "refresh_token" => Some(TokenKind::Refresh),
        _ => None,
    }
}
