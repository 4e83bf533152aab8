# SPDX-License-Identifier: Apache-2.0
#
# What it takes to work on mesos-rs.
{ pkgs }:
pkgs.mkShell {
  packages = [
    pkgs.cargo
    pkgs.clippy
    pkgs.rustc
    pkgs.rustfmt
    pkgs.cmake
    pkgs.jdk
    pkgs.maturin
    pkgs.maven
    pkgs.pkg-config
    pkgs.protobuf_21
    pkgs.python3
    pkgs.valgrind
    pkgs.zookeeper
  ];
}
