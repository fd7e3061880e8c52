//! Intake from the outside: files go in, the store and the report are looked at.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

mod again;
mod areas;
mod authority;
mod corrections;
mod deliveries;
mod event_sequences;
mod events;
mod faults;
mod files;
mod formats;
mod interrupted;
mod keys;
mod names;
mod readers;
mod records;
mod round_trip;
mod seals;
mod senders;
mod shapes;
mod stated_events;
mod typed;
mod units;
mod waiting;
mod workbooks;
mod worst;
