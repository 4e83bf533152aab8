# SPDX-License-Identifier: Apache-2.0
{
  description = "The few functions of nixpkgs that the flake uses, on top of the host's compilers";

  outputs =
    { self }:
    let
      lib = {
        genAttrs =
          names: make:
          builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
        licenses.asl20 = {
          spdxId = "Apache-2.0";
        };
      };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
        system: import ./packages.nix { inherit lib system; }
      );
    };
}
