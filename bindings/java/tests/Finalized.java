// SPDX-License-Identifier: Apache-2.0

import java.lang.reflect.Method;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.FrameworkInfo;

/** A driver that is finalized while a thread waits for it: {@code java Finalized MASTER}. */
final class Finalized {
  private Finalized() {}

  private static boolean waits(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length != 0 && stack[0].getMethodName().equals("join");
  }

  public static void main(String[] arguments) throws Exception {
    FrameworkInfo framework = FrameworkInfo.newBuilder().setUser("").setName("gone").build();
    MesosSchedulerDriver driver = new MesosSchedulerDriver(new Quiet(), framework, arguments[0]);
    driver.start();
    Thread waiting = new Thread(driver::join);
    waiting.start();
    // Into the native method, from which nothing leads out but the driver's end.
    while (!waits(waiting)) {
      Thread.yield();
    }
    Method finalize = MesosSchedulerDriver.class.getDeclaredMethod("finalize");
    finalize.setAccessible(true);
    finalize.invoke(driver);
    waiting.join();
    System.out.println("join has returned");
    System.out.println("stop " + driver.stop());
  }
}
