// SPDX-License-Identifier: Apache-2.0

//! What drivers that call back have in common: their two threads, and who
//! waits for whom.

pub(crate) mod callbacks;
pub(crate) mod session;
pub(crate) mod threads;
