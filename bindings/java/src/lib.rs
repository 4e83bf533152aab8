// SPDX-License-Identifier: Apache-2.0

//! The native methods of the Java library `org.apache.mesos:mesos`, 1.0 to 1.11.
//!
//! The classes are Apache's, from their jar; each of their native methods is a
//! function here, under the name that the Java machine looks for. They are part of
//! `libmesos.so`, so `MESOS_NATIVE_JAVA_LIBRARY` is all that a framework needs.
//!
//! It decides nothing about Mesos: messages cross as bytes (`toByteArray`,
//! `parseFrom`), which works for shaded and for old protobuf classes too.
//!
//! Invariants: a Java object holds a number that is never given out twice and no
//! pointer, so a driver that was finalized answers and does not crash; no lock is
//! held while Java runs; a driver holds its Java object weakly, so that it can be
//! collected; an exception of a callback is printed and ends the driver.

mod border;
mod callee;
mod driver;
mod executor_driver;
mod handles;
mod loading;
mod log;
mod messages;
mod scheduler_driver;
mod state;
mod v0_mesos;
mod v1_mesos;
