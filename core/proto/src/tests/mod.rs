// SPDX-License-Identifier: Apache-2.0

//! Tests over all message types at once.

mod goldens;
mod hostile;
mod jar;
mod partial;
mod random;
mod required;
mod round_trip;
