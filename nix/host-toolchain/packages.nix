# SPDX-License-Identifier: Apache-2.0
#
# Builds run outside of Nix's sandbox (`--option sandbox false`), with the programs in /usr/bin and
# the Rust of the user. The crates are those that cargo has downloaded already (`cargo fetch`), each
# checked against Cargo.lock; nothing is fetched.
{ lib, system }:
let
  # A derivation that bash makes.
  run =
    {
      name,
      script,
      inputs ? [ ],
      variables ? { },
    }:
    derivation (
      {
        inherit name system;
        builder = "/bin/bash";
        args = [
          "-euo"
          "pipefail"
          "-c"
          # Nix kills what has closed its output: the last program must not take bash's place.
          "${script}\nexit 0"
        ];
        PATH = builtins.concatStringsSep ":" (
          map (input: "${input}/bin") inputs
          ++ [
            "/usr/local/bin"
            "/usr/bin"
            "/bin"
          ]
        );
        PKG_CONFIG_PATH = builtins.concatStringsSep ":" (
          map (input: "${input}/lib/pkgconfig") inputs
        );
        CMAKE_PREFIX_PATH = builtins.concatStringsSep ":" (map toString inputs);
      }
      // variables
    );

  # What is not built here: the host has it.
  ofHost = name: run { inherit name; script = "mkdir -p $out/bin"; };

  withRust = ''
    home=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME=$PWD PATH="$home/.cargo/bin:$PATH" CARGO_HOME=$PWD/cargo
    if [ -d "$home/.rustup" ]; then export RUSTUP_HOME="$home/.rustup"; fi
  '';

  # What Maven has downloaded already (`cargo xtask nix` lets it), checked against the hash.
  fetchurl =
    { url, hash }:
    run {
      name = baseNameOf url;
      variables = {
        inherit url;
        outputHash = hash;
        # Of hashes that name it themselves.
        outputHashAlgo = "sha256";
        outputHashMode = "flat";
      };
      script = ''
        ${withRust}
        file="$home/.m2/repository/''${url#https://repo1.maven.org/maven2/}"
        if [ ! -e "$file" ]; then
          echo "$file is not there: run 'cargo xtask nix' first" >&2
          exit 1
        fi
        cp "$file" $out
      '';
    };

  # As importCargoLock of nixpkgs: one folder for each crate.
  importCargoLock =
    { lockFile }:
    let
      packages = (builtins.fromTOML (builtins.readFile lockFile)).package;
      fetched = builtins.filter (package: package ? checksum) packages;
    in
    run {
      name = "crates";
      variables = {
        passAsFile = [ "list" ];
        list = builtins.concatStringsSep "" (
          map (package: "${package.name}-${package.version} ${package.checksum}\n") fetched
        );
      };
      script = ''
        ${withRust}
        mkdir $out
        while read -r crate sum; do
          file=$(find "$home/.cargo/registry/cache" -name "$crate.crate" -print -quit)
          if [ -z "$file" ]; then
            echo "$crate is not in $home/.cargo/registry: run 'cargo fetch' first" >&2
            exit 1
          fi
          echo "$sum  $file" | sha256sum --check --quiet
          tar -xzf "$file" -C $out
          printf '{"files":{},"package":"%s"}' "$sum" > "$out/$crate/.cargo-checksum.json"
        done < "$listPath"
        cat > $out/config.toml <<CONFIG
        [source.crates-io]
        replace-with = "crates"
        [source.crates]
        directory = "$out"
        CONFIG
      '';
    };

  build = crates: flags: ''
    ${withRust}
    cp -r "$src" source
    chmod -R u+w source
    cd source
    mkdir -p $CARGO_HOME
    # Copied, as nixpkgs does: what is built then does not refer to the sources in the store.
    # Some have scripts that are run.
    cp -r ${crates} ../crates
    chmod -R u+w ../crates
    sed "s#${crates}#$(cd ../crates && pwd)#" ${crates}/config.toml > $CARGO_HOME/config.toml
    export CARGO_TARGET_DIR=$PWD/target
    # What is built here is looked at and thrown away: it need not be fast.
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0
    export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0
    cargo build --release --frozen ${flags}
  '';

  buildRustPackage =
    {
      pname,
      version,
      src,
      cargoLock,
      cargoBuildFlags ? [ ],
      doCheck ? true,
      nativeBuildInputs ? [ ],
      propagatedBuildInputs ? [ ],
      dontUseCmakeConfigure ? false,
      postInstall ? "",
      meta ? { },
    }:
    run {
      name = "${pname}-${version}";
      inputs = nativeBuildInputs ++ propagatedBuildInputs;
      variables = { inherit src; };
      script = ''
        ${build (importCargoLock { inherit (cargoLock) lockFile; }) (
          builtins.concatStringsSep " " cargoBuildFlags
        )}
        for file in $(find target/release -maxdepth 1 -type f \
          \( -executable -o -name '*.so' -o -name '*.a' \)); do
          case $file in
          *.so | *.a) install -D -m 644 "$file" "$out/lib/$(basename "$file")" ;;
          *) install -D -m 755 -s "$file" "$out/bin/$(basename "$file")" ;;
          esac
        done
        ${postInstall}
      '';
    };

  mkDerivation =
    {
      pname,
      version,
      src,
      nativeBuildInputs ? [ ],
      buildPhase,
      installPhase,
      meta ? { },
    }:
    run {
      name = "${pname}-${version}";
      inputs = nativeBuildInputs;
      variables = { inherit src; };
      script = ''
        runHook() { :; }
        cp -r "$src" source
        chmod -R u+w source
        cd source
        ${buildPhase}
        ${installPhase}
      '';
    };

  # Lays out what maturin would put into a wheel.
  buildPythonPackage =
    {
      pname,
      version,
      src,
      pyproject,
      buildAndTestSubdir,
      cargoDeps,
      nativeBuildInputs ? [ ],
      dependencies ? [ ],
      pythonImportsCheck ? [ ],
      postInstall ? "",
      meta ? { },
    }:
    run {
      name = "python3-${pname}-${version}";
      variables = { inherit src; };
      script = ''
        ${build cargoDeps "--manifest-path ${buildAndTestSubdir}/Cargo.toml"}
        packages=$out/lib/python3/site-packages
        mkdir -p $packages
        cp -r ${buildAndTestSubdir}/python/. $packages
        install -m 755 target/release/libmesos_native.so $packages/_mesos_rs/_native.abi3.so
        # The host may lack protobuf; then only the files are checked.
        if python3 -c 'import google.protobuf' 2> /dev/null; then
          for module in ${builtins.concatStringsSep " " pythonImportsCheck}; do
            PYTHONPATH=$packages python3 -c "import $module"
          done
        fi
        ${postInstall}
      '';
    };

  # The users that every image has.
  fakeNss = run {
    name = "fake-nss";
    script = ''
      mkdir -p $out/etc
      printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/sh' \
        > $out/etc/passwd
      printf '%s\n' 'root:x:0:' 'nobody:x:65534:' > $out/etc/group
      echo 'hosts: files dns' > $out/etc/nsswitch.conf
    '';
  };

  # One layer with everything that `contents` refers to, and links to it in /bin and /etc.
  buildLayeredImage =
    {
      name,
      tag,
      contents,
      config,
      extraCommands ? "",
    }:
    run {
      name = "docker-image-${name}.tar.gz";
      variables = {
        inherit contents;
        exportReferencesGraph = builtins.concatLists (
          builtins.genList (number: [
            "closure-${toString number}"
            (builtins.elemAt contents number)
          ]) (builtins.length contents)
        );
        passAsFile = [ "settings" ];
        settings = builtins.toJSON {
          architecture = if system == "x86_64-linux" then "amd64" else "arm64";
          os = "linux";
          inherit config;
          rootfs = {
            type = "layers";
            diff_ids = [ "sha256:@LAYER@" ];
          };
        };
      };
      script = ''
        mkdir -p root/bin root/etc image/layer
        for package in $contents; do
          for folder in bin etc; do
            for file in "$package/$folder"/*; do
              if [ -e "$file" ]; then ln -s "$file" "root/$folder/"; fi
            done
          done
        done
        (cd root; ${extraCommands})
        pack() { tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner "$@"; }
        cat closure-* | grep '^/nix/store' | sort -u > paths
        pack -cf image/layer/layer.tar --files-from=paths -C root $(ls root)
        layer=$(sha256sum image/layer/layer.tar | cut -d' ' -f1)
        sed "s/@LAYER@/$layer/" "$settingsPath" > image/config.json
        printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer/layer.tar"]}]' \
          '${name}:${tag}' > image/manifest.json
        pack -czf $out -C image .
      '';
    };

  runCommand =
    name:
    {
      nativeBuildInputs ? [ ],
      buildInputs ? [ ],
    }:
    script:
    run {
      inherit name script;
      inputs = nativeBuildInputs ++ buildInputs;
    };

  hosts = lib.genAttrs [
    "bashInteractive"
    "cacert"
    "cargo"
    "clippy"
    "cmake"
    "coreutils"
    "jdk"
    "jdk_headless"
    "maturin"
    "maven"
    "pkg-config"
    "protobuf_21"
    "python3"
    "rustc"
    "rustfmt"
    "valgrind"
    "zookeeper"
  ] ofHost;
in
hosts
// {
  inherit lib fetchurl runCommand;
  stdenv = {
    inherit mkDerivation;
    hostPlatform = { inherit system; };
  };
  runCommandCC = runCommand;
  rustPlatform = {
    inherit buildRustPackage importCargoLock;
    cargoSetupHook = ofHost "cargo-setup-hook";
    maturinBuildHook = ofHost "maturin-build-hook";
  };
  python3Packages = {
    inherit buildPythonPackage;
    protobuf = ofHost "python3-protobuf";
  };
  dockerTools = { inherit buildLayeredImage fakeNss; };
  mkShell =
    { packages }:
    run {
      name = "shell";
      inputs = packages;
      script = "touch $out";
    };
}
