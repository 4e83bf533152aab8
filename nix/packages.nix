# SPDX-License-Identifier: Apache-2.0
#
# What the flake offers. The crates are fetched one by one, each by the hash in Cargo.lock; nothing
# else comes from outside while it builds.
{ pkgs, src }:
let
  version = (builtins.fromTOML (builtins.readFile ../Cargo.toml)).workspace.package.version;

  meta = {
    homepage = "https://github.com/mesos-rs/mesos-rs";
    license = pkgs.lib.licenses.asl20;
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };

  # Only these crates are built; the tests need root and minutes: `cargo xtask test`.
  crates =
    { pname, names, description, extra ? { } }:
    pkgs.rustPlatform.buildRustPackage (
      {
        inherit pname version src;
        cargoLock.lockFile = ../Cargo.lock;
        cargoBuildFlags = builtins.concatMap (name: [ "--package" name ]) names;
        doCheck = false;
        meta = meta // { inherit description; };
      }
      // extra
    );

  # mesos-launcher and mesos-fetcher lie beside mesos-agent, where it finds them.
  mesos = crates {
    pname = "mesos-rs";
    description = "Mesos master, agent and command-line programs";
    names = [
      "mesos-master"
      "mesos-agent"
      "mesos-launcher"
      "mesos-cli"
    ];
  };

  libmesos = crates {
    pname = "libmesos";
    description = "Mesos for C";
    names = [ "libmesos" ];
    extra.postInstall = ''
      install -D -m 644 core/ffi/include/mesos.h $out/include/mesos.h
      install -D -m 644 packaging/library/libmesosConfig.cmake \
        $out/lib/cmake/libmesos/libmesosConfig.cmake
      install -D -m 644 packaging/library/libmesosConfigVersion.cmake.in \
        $out/lib/cmake/libmesos/libmesosConfigVersion.cmake
      install -D -m 644 packaging/library/libmesos.pc.in $out/lib/pkgconfig/libmesos.pc
      sed -i 's/@VERSION@/${version}/' \
        $out/lib/cmake/libmesos/libmesosConfigVersion.cmake $out/lib/pkgconfig/libmesos.pc
    '';
  };

  python = pkgs.python3Packages.buildPythonPackage {
    pname = "mesos-rs";
    inherit version src;
    pyproject = true;
    buildAndTestSubdir = "bindings/python";
    cargoDeps = pkgs.rustPlatform.importCargoLock { lockFile = ../Cargo.lock; };
    nativeBuildInputs = [
      pkgs.rustPlatform.cargoSetupHook
      pkgs.rustPlatform.maturinBuildHook
    ];
    dependencies = [ pkgs.python3Packages.protobuf ];
    pythonImportsCheck = [
      "mesos.interface"
      "mesos.native"
      "mesos_rs"
    ];
    meta = meta // { description = "Mesos for Python"; };
  };

  # Tasks are commands of a shell, so there is one, and the usual programs.
  image = pkgs.dockerTools.buildLayeredImage {
    name = "mesos-rs";
    tag = version;
    contents = [
      mesos
      pkgs.bashInteractive
      pkgs.coreutils
      pkgs.cacert
      # Tasks run as users: root and nobody.
      pkgs.dockerTools.fakeNss
    ];
    extraCommands = "mkdir -m 1777 tmp";
    config = {
      Cmd = [
        "mesos-master"
        "--work_dir=/var/lib/mesos"
      ];
      Env = [ "PATH=/bin" ];
      ExposedPorts = {
        "5050/tcp" = { };
        "5051/tcp" = { };
      };
      Volumes = {
        "/var/lib/mesos" = { };
      };
    };
  };
in
{
  inherit mesos libmesos python image;
  default = mesos;
}
