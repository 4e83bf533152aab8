// SPDX-License-Identifier: Apache-2.0

import org.apache.mesos.MesosNativeLibrary;

/** Loads the library of the artifact and tells its version. */
public final class Packed {
  private Packed() {}

  public static void main(String[] arguments) throws ReflectiveOperationException {
    // The other tests are compiled without the artifact.
    Class.forName("io.github.mesosrs.NativeLibrary").getMethod("load").invoke(null);
    MesosNativeLibrary.Version version = MesosNativeLibrary.version();
    System.out.println(version.major + "." + version.minor + "." + version.patch);
  }
}
