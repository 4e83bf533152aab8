// SPDX-License-Identifier: Apache-2.0

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.mesos.Executor;
import org.apache.mesos.ExecutorDriver;
import org.apache.mesos.MesosExecutorDriver;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.ExecutorInfo;
import org.apache.mesos.Protos.FrameworkID;
import org.apache.mesos.Protos.FrameworkInfo;
import org.apache.mesos.Protos.MasterInfo;
import org.apache.mesos.Protos.SlaveInfo;
import org.apache.mesos.Protos.Status;
import org.apache.mesos.Protos.TaskID;
import org.apache.mesos.Protos.TaskInfo;
import org.apache.mesos.SchedulerDriver;
import org.apache.mesos.state.InMemoryState;

/**
 * Many drivers' lives, and what is left of them: {@code java Lives COUNT MASTER}.
 *
 * <p>Each fourth driver is dropped without a stop, each fourth is never started. Every one has an
 * executor driver, which cannot start here, and a store beside it.
 */
public final class Lives {
  /** What is there before a life is measured: caches fill in the first ones. */
  private static final int FIRST = 100;

  /** Threads and files that may come and go with the collector and the tests around it. */
  private static final int SLACK = 8;

  private static final AtomicInteger ALIVE = new AtomicInteger();

  private static final class Counted extends MesosSchedulerDriver {
    Counted(Quiet scheduler, FrameworkInfo framework, String master) {
      super(scheduler, framework, master);
      ALIVE.incrementAndGet();
    }

    @Override
    protected void finalize() {
      super.finalize();
      ALIVE.decrementAndGet();
    }
  }

  private static final class Registered extends Quiet {
    final CountDownLatch registered = new CountDownLatch(1);

    @Override
    public void registered(SchedulerDriver driver, FrameworkID id, MasterInfo master) {
      registered.countDown();
    }
  }

  private static final class Nothing implements Executor {
    @Override
    public void registered(
        ExecutorDriver driver, ExecutorInfo executor, FrameworkInfo framework, SlaveInfo agent) {}

    @Override
    public void reregistered(ExecutorDriver driver, SlaveInfo agent) {}

    @Override
    public void disconnected(ExecutorDriver driver) {}

    @Override
    public void launchTask(ExecutorDriver driver, TaskInfo task) {}

    @Override
    public void killTask(ExecutorDriver driver, TaskID task) {}

    @Override
    public void frameworkMessage(ExecutorDriver driver, byte[] data) {}

    @Override
    public void shutdown(ExecutorDriver driver) {}

    @Override
    public void error(ExecutorDriver driver, String message) {}
  }

  private static void live(int number, String master) throws Exception {
    FrameworkInfo framework = FrameworkInfo.newBuilder().setUser("").setName("lives").build();
    Registered scheduler = new Registered();
    Counted driver = new Counted(scheduler, framework, master);
    if (number % 4 != 0) {
      expect(driver.start() == Status.DRIVER_RUNNING, "it starts");
      scheduler.registered.await();
    }
    if (number % 4 > 1) {
      expect(driver.stop() == Status.DRIVER_STOPPED, "it stops");
      expect(driver.join() == Status.DRIVER_STOPPED, "it ends");
    }
    MesosExecutorDriver executor = new MesosExecutorDriver(new Nothing());
    expect(executor.start() == Status.DRIVER_ABORTED, "an executor does not start without an agent");
    InMemoryState state = new InMemoryState();
    expect(state.store(state.fetch("name").get().mutate(new byte[] {1})).get() != null, "it stores");
  }

  private static void live(int first, int last, String master) throws Exception {
    for (int number = first; number < last; number++) {
      live(number, master);
      if (number % 50 == 0) {
        collect();
      }
    }
    collect();
  }

  private static void collect() {
    do {
      System.gc();
      System.runFinalization();
    } while (ALIVE.get() > 1);
  }

  private static int entries(String folder) {
    String[] names = new File(folder).list();
    return names == null ? 0 : names.length;
  }

  /** Strong and weak references that native code holds. */
  private static int references() throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    Object[] nothing = {new String[0]};
    String[] signature = {String[].class.getName()};
    String threads = (String) server.invoke(commands, "threadPrint", nothing, signature);
    Matcher found =
        Pattern.compile("JNI global refs?(?:erences)?: (\\d+)(?:, weak refs: (\\d+))?").matcher(threads);
    expect(found.find(), "the machine tells of its references");
    return Integer.parseInt(found.group(1))
        + (found.group(2) == null ? 0 : Integer.parseInt(found.group(2)));
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    live(0, FIRST, arguments[1]);
    int threads = entries("/proc/self/task");
    int files = entries("/proc/self/fd");
    int references = references();
    live(FIRST, FIRST + count, arguments[1]);
    String left =
        String.format(
            "threads %d -> %d, files %d -> %d, references %d -> %d",
            threads, entries("/proc/self/task"), files, entries("/proc/self/fd"),
            references, references());
    System.out.println(left);
    expect(entries("/proc/self/task") <= threads + SLACK, left);
    expect(entries("/proc/self/fd") <= files + SLACK, left);
    expect(references() <= references + 4 * SLACK, left);
    System.out.println("nothing is left of " + count + " lives");
  }
}
