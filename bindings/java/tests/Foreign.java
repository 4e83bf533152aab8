// SPDX-License-Identifier: Apache-2.0

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;

/**
 * Runs a program whose classes, and those of Mesos, are known to a class loader of its own alone:
 * {@code java Foreign CLASSPATH CLASS [ARGUMENT...]}.
 */
public final class Foreign {
  private Foreign() {}

  public static void main(String[] arguments) throws Exception {
    String[] paths = arguments[0].split(File.pathSeparator);
    URL[] urls = new URL[paths.length];
    for (int path = 0; path < paths.length; path++) {
      urls[path] = new File(paths[path]).toURI().toURL();
    }
    // It does not know this program's class path.
    ClassLoader loader = new URLClassLoader(urls, ClassLoader.getSystemClassLoader().getParent());
    String[] rest = new String[arguments.length - 2];
    System.arraycopy(arguments, 2, rest, 0, rest.length);
    loader.loadClass(arguments[1]).getMethod("main", String[].class).invoke(null, (Object) rest);
  }
}
