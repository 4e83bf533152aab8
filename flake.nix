# SPDX-License-Identifier: Apache-2.0
{
  description = "mesos-rs: a drop-in Apache Mesos in Rust";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: import ./nix/packages.nix { inherit pkgs; });
      apps = each (
        pkgs:
        let
          programs = [
            "mesos-master"
            "mesos-agent"
            "mesos-execute"
            "mesos-local"
          ];
          folder = "${self.packages.${pkgs.stdenv.hostPlatform.system}.mesos}/bin";
          app = name: {
            type = "app";
            program = "${folder}/${name}";
          };
        in
        nixpkgs.lib.genAttrs programs app // { default = app "mesos-local"; }
      );
      checks = each (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs;
          packages = self.packages.${pkgs.stdenv.hostPlatform.system};
        }
      );
      devShells = each (pkgs: { default = import ./nix/shell.nix { inherit pkgs; }; });
    };
}
