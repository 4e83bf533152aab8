// SPDX-License-Identifier: Apache-2.0

//! The machine as its shell drives it.

mod anything;
mod command_tasks;
mod custom_executors;
mod disk;
mod kills;
mod recovery;
mod registration;
mod rig;
mod shutdown;
