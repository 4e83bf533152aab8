// SPDX-License-Identifier: Apache-2.0

//! Gives the shared library its name, by which the programs linked to it find it, and keeps to
//! itself what the linker makes for sections of its crates.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libmesos.so");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,start-stop-visibility=hidden");
}
