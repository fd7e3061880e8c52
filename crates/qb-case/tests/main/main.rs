//! Cases over the pack of the programme and real stores.

mod apply;
mod common;
mod desk;
mod faults;
mod leads;
mod machines;
mod model;
mod notice;
mod objections;
mod reading;
