# SPDX-License-Identifier: Apache-2.0
#
# What `nix flake check` does besides building the packages: uses them.
{ pkgs, packages }:
{
  inherit (packages) python image;

  # A cluster that runs a command.
  mesos = pkgs.runCommand "mesos-runs" { nativeBuildInputs = [ packages.mesos ]; } ''
    mesos-local --work_dir=$PWD/work --port=15050 > log 2>&1 &
    cluster=$!
    for attempt in $(seq 100); do
      if mesos-execute --master=127.0.0.1:15050 --name=hello --command='echo hello > hello' \
        --resources='cpus:0.1;mem:32' > told 2>&1
      then
        kill $cluster
        wait $cluster || true
        cp told $out
        exit 0
      fi
      sleep 0.2
    done
    cat told log
    kill $cluster
    exit 1
  '';

  # A C program against the library.
  libmesos =
    pkgs.runCommandCC "libmesos-links"
      {
        nativeBuildInputs = [ pkgs.pkg-config ];
        buildInputs = [ packages.libmesos ];
      }
      ''
        cc ${../packaging/c-example/example.c} $(pkg-config --cflags --libs libmesos) \
          -Wl,-rpath,${packages.libmesos}/lib -o example
        ./example 'cpus:1;mem:64' > $out
        grep cpus $out
      '';
}
