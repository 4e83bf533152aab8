# SPDX-License-Identifier: Apache-2.0
#
# What the flake offers. The crates are fetched one by one, each by the hash in Cargo.lock, and the
# jars of others by the hashes below; nothing comes from outside while it builds.
{ pkgs }:
let
  # Without what nothing is built of, so that it may change without building all anew.
  src = builtins.path {
    name = "mesos-rs-source";
    path = ../.;
    filter =
      path: _:
      !builtins.elem path (
        map (name: "${toString ../.}/${name}") [
          "docs"
          "flake.lock"
          "flake.nix"
          "nix"
        ]
      );
  };

  version = (builtins.fromTOML (builtins.readFile ../Cargo.toml)).workspace.package.version;

  # As the artifact's classifier says it.
  machine =
    {
      x86_64-linux = "x86_64";
      aarch64-linux = "aarch64";
    }
    .${pkgs.stdenv.hostPlatform.system};

  meta = {
    homepage = "https://github.com/mesos-rs/mesos-rs";
    license = pkgs.lib.licenses.asl20;
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };

  # Puts what the crates that these are built of ask to be told into a folder.
  notices = names: folder: ''
    mkdir -p ${folder}
    cargo run --frozen --package xtask -- notices ${builtins.concatStringsSep " " names} \
      > ${folder}/THIRD-PARTY
    cp LICENSE ${folder}
  '';

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
    extra.meta = meta // {
      description = "Mesos master, agent and command-line programs";
      mainProgram = "mesos-local";
    };
    extra.postInstall = notices [
      "mesos-master"
      "mesos-agent"
      "mesos-launcher"
      "mesos-cli"
    ] "$out/share/doc/mesos-rs";
  };

  # The C++ library fits the protobuf that it is made with; this is the last one that CMake's own
  # module finds and that C++14 compiles.
  protobuf = pkgs.protobuf_21;

  libmesos = crates {
    pname = "libmesos";
    description = "Mesos for C and C++";
    names = [
      "libmesos"
      "mesos-protos"
    ];
    extra.nativeBuildInputs = [
      pkgs.cmake
      protobuf
    ];
    extra.propagatedBuildInputs = [ protobuf ];
    # Cargo is who builds; CMake comes after it, below.
    extra.dontUseCmakeConfigure = true;
    extra.postInstall = ''
      $out/bin/mesos-protos protos
      rm -r $out/bin
      cmake -S bindings/cpp -B cpp -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=$out \
        -DMESOS_PROTOS=$PWD/protos -DMESOS_LIBRARY=$out/lib/libmesos.so
      cmake --build cpp --parallel $NIX_BUILD_CORES
      cmake --install cpp

      install -D -m 644 core/ffi/include/mesos.h $out/include/mesos.h
      install -D -m 644 packaging/library/libmesosConfig.cmake \
        $out/lib/cmake/libmesos/libmesosConfig.cmake
      install -D -m 644 packaging/library/libmesosConfigVersion.cmake.in \
        $out/lib/cmake/libmesos/libmesosConfigVersion.cmake
      install -D -m 644 packaging/library/libmesos.pc.in $out/lib/pkgconfig/libmesos.pc
      sed -i 's/@VERSION@/${version}/' \
        $out/lib/cmake/libmesos/libmesosConfigVersion.cmake $out/lib/pkgconfig/libmesos.pc
      ${notices [ "libmesos" ] "$out/share/doc/libmesos"}
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
    postInstall = notices [ "mesos-python" ] "$out/share/doc/mesos-rs-python";
    pythonImportsCheck = [
      "mesos.interface"
      "mesos.native"
      "mesos_rs"
    ];
    meta = meta // { description = "Mesos for Python"; };
  };

  fetchJar =
    path: hash:
    pkgs.fetchurl {
      url = "https://repo1.maven.org/maven2/${path}";
      inherit hash;
    };

  # What the artifact depends on.
  jars = [
    (fetchJar "org/apache/mesos/mesos/1.11.0/mesos-1.11.0.jar"
      "sha256-NAx0JCIO/bRg7Xw9LWjKufWXdJ8Gp5kGwi3m8hq6cHQ="
    )
    (fetchJar "com/google/protobuf/protobuf-java/3.5.0/protobuf-java-3.5.0.jar"
      "sha256-SaPHs3gdS3stFQY+ElgkJgybRr22JJS2OzZ7Zh/bKyY="
    )
  ];

  # The jar of the classes, the jar of the library, and beside them what they depend on.
  java = pkgs.stdenv.mkDerivation {
    pname = "mesos-rs-java";
    inherit version src;
    nativeBuildInputs = [ pkgs.jdk_headless ];
    buildPhase = ''
      runHook preBuild
      javac --release 8 -encoding UTF-8 -Xlint:-options \
        -classpath ${builtins.concatStringsSep ":" jars} -d classes \
        $(find bindings/java/library -name '*.java' | sort)
      native=native/META-INF/native/linux-${machine}
      mkdir -p $native
      cp ${libmesos}/lib/libmesos.so $native/
      cp ${libmesos}/share/doc/libmesos/THIRD-PARTY native/META-INF/
      printf '%s\n' 'Implementation-Title: mesos-rs' 'Implementation-Version: ${version}' \
        'Automatic-Module-Name: io.github.mesosrs' > manifest
      for folder in classes native; do
        install -D -m 644 LICENSE $folder/META-INF/LICENSE
      done
      time=1980-01-01T00:00:02Z
      jar --create --file mesos-rs-${version}.jar --manifest manifest --date=$time -C classes .
      # Not compressed: Nix looks in it for the paths of the store that the library needs.
      jar --create --no-compress --file mesos-rs-${version}-linux-${machine}.jar \
        --manifest manifest --date=$time -C native .
      runHook postBuild
    '';
    installPhase = ''
      runHook preInstall
      install -D -m 644 -t $out/share/java mesos-rs-*.jar
      for jar in ${builtins.concatStringsSep " " jars}; do
        # Without the hash that the store puts before the name.
        ln -s $jar $out/share/java/$(basename $jar | cut -d- -f2-)
      done
      runHook postInstall
    '';
    meta = meta // {
      description = "Mesos for Java: the native half of org.apache.mesos:mesos";
    };
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
      Env = [
        "PATH=/bin"
        # cacert has them under another name than those that are looked for.
        "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt"
      ];
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
  inherit
    mesos
    libmesos
    python
    java
    image
    ;
  default = mesos;
}
