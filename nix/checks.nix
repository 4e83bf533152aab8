# SPDX-License-Identifier: Apache-2.0
#
# What `nix flake check` does besides building the packages: uses them.
{ pkgs, packages }:
let
  inherit (packages) mesos libmesos java;

  # Runs a command, which the variable MASTER tells the address of a fresh cluster, and keeps what it
  # printed.
  onCluster =
    port: command:
    let
      address = "127.0.0.1:${toString port}";
    in
    ''
      ${mesos}/bin/mesos-local --work_dir=$PWD/work --port=${toString port} > log 2>&1 &
      cluster=$!
      for attempt in $(seq 100); do
        if (: < /dev/tcp/127.0.0.1/${toString port}) 2> refused; then break; fi
        sleep 0.2
      done
      cat > command <<'COMMAND'
      ${command}
      COMMAND
      failed=
      MASTER=${address} timeout 60 sh -eu command > told 2>&1 || failed=yes
      kill $cluster
      wait $cluster || true
      if [ -n "$failed" ]; then
        cat told log
        exit 1
      fi
    '';
in
{
  inherit (packages) python image;

  # A cluster that runs a command.
  mesos = pkgs.runCommand "mesos-runs" { nativeBuildInputs = [ mesos ]; } ''
    ${onCluster 15050 (
      "mesos-execute --master=$MASTER --name=hello --command='echo hello'"
      + " --resources='cpus:0.1;mem:32'"
    )}
    grep TASK_FINISHED told > $out
  '';

  # A C program against the library.
  libmesos =
    pkgs.runCommandCC "libmesos-links"
      {
        nativeBuildInputs = [ pkgs.pkg-config ];
        buildInputs = [ libmesos ];
      }
      ''
        cc ${../packaging/c-example/example.c} $(pkg-config --cflags --libs libmesos) \
          -Wl,-rpath,${libmesos}/lib -o example
        ./example 'cpus:1;mem:64' > $out
        grep cpus $out
      '';

  # The C++ hello, built with CMake, on a cluster.
  cpp =
    pkgs.runCommandCC "libmesos-greets"
      {
        nativeBuildInputs = [
          pkgs.cmake
          pkgs.protobuf_21
        ];
        buildInputs = [ libmesos ];
      }
      ''
        cp ${../examples/cpp/hello.cpp} hello.cpp
        cp ${../examples/cpp/sandbox.hpp} sandbox.hpp
        cat > CMakeLists.txt <<'PROJECT'
        cmake_minimum_required(VERSION 3.16)
        project(hello CXX)
        find_package(Mesos REQUIRED)
        add_executable(hello hello.cpp)
        target_link_libraries(hello Mesos::mesos)
        PROJECT
        cmake -S . -B build -DCMAKE_PREFIX_PATH=${libmesos}
        cmake --build build
        ${onCluster 15060 "build/hello $MASTER"}
        grep '^Hello, Mesos$' told > $out
      '';

  # The Java hello, with the jars alone.
  java = pkgs.runCommand "java-greets" { nativeBuildInputs = [ pkgs.jdk_headless ]; } ''
    cp ${../examples/java/Hello.java} Hello.java
    cp ${../examples/java/Sandbox.java} Sandbox.java
    # The example is told its library from outside; this takes the one in the jar.
    cat > Start.java <<'CLASS'
    final class Start {
      public static void main(String[] arguments) throws Exception {
        io.github.mesosrs.NativeLibrary.load();
        Hello.main(arguments);
      }
    }
    CLASS
    javac -nowarn -classpath '${java}/share/java/*' -d . Start.java Hello.java Sandbox.java
    ${onCluster 15070 "java -classpath '.:${java}/share/java/*' Start $MASTER"}
    grep '^Hello, Mesos$' told > $out
  '';
}
