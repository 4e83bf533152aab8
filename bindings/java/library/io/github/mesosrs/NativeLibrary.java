// SPDX-License-Identifier: Apache-2.0

package io.github.mesosrs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.apache.mesos.MesosNativeLibrary;

/**
 * Loads {@code libmesos.so} from the class path, where the artifact of this platform (classifier
 * {@code linux-x86_64}) has it.
 *
 * <p>It is called once, before the first driver is made:
 *
 * <pre>{@code
 * NativeLibrary.load();
 * new MesosSchedulerDriver(scheduler, framework, "127.0.0.1:5050").run();
 * }</pre>
 *
 * <p>A program that does not call it needs the environment variable {@code
 * MESOS_NATIVE_JAVA_LIBRARY} with the path of a {@code libmesos.so}, as with Apache's library.
 */
public final class NativeLibrary {
  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Loads the library that {@code MESOS_NATIVE_JAVA_LIBRARY} names, or else the one of the class
   * path; does nothing if one is loaded already.
   *
   * @throws UnsatisfiedLinkError there is none for this platform, or it cannot be loaded
   */
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    if (System.getenv("MESOS_NATIVE_JAVA_LIBRARY") != null) {
      MesosNativeLibrary.load();
      loaded = true;
      return;
    }
    String resource = "/META-INF/native/" + platform() + "/libmesos.so";
    try (InputStream library = NativeLibrary.class.getResourceAsStream(resource)) {
      if (library == null) {
        throw new UnsatisfiedLinkError(
            "there is no " + resource + " on the class path: add the artifact"
                + " io.github.mesos-rs:mesos-rs with the classifier " + platform()
                + ", or set MESOS_NATIVE_JAVA_LIBRARY to the path of a libmesos.so");
      }
      load(library);
    } catch (IOException e) {
      UnsatisfiedLinkError error = new UnsatisfiedLinkError("cannot unpack " + resource + ": " + e);
      error.initCause(e);
      throw error;
    }
  }

  /** Once it is loaded, the file is not needed any more. */
  private static void load(InputStream library) throws IOException {
    Path folder = Files.createTempDirectory("mesos-");
    Path file = folder.resolve("libmesos.so");
    try {
      Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
      MesosNativeLibrary.load(file.toString());
      loaded = true;
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private static String platform() {
    String machine = System.getProperty("os.arch");
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return system + "-" + (machine.equals("amd64") ? "x86_64" : machine);
  }
}
