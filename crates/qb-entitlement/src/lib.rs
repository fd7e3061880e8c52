//! Entitlement: what a person is due from each payer, step by step.
//!
//! Step: after pairing, before funds. Input: benefit clauses of the pack and the facts of a claim,
//! a pupil, a station or a loan. Output: slips. Invariants: payers and own share add up to the total.
