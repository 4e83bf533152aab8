// SPDX-License-Identifier: Apache-2.0

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.FrameworkID;
import org.apache.mesos.Protos.FrameworkInfo;
import org.apache.mesos.Protos.MasterInfo;
import org.apache.mesos.Protos.OfferID;
import org.apache.mesos.Protos.SlaveID;
import org.apache.mesos.Protos.Status;
import org.apache.mesos.Protos.TaskID;
import org.apache.mesos.Protos.TaskInfo;
import org.apache.mesos.Protos.TaskState;
import org.apache.mesos.Protos.TaskStatus;
import org.apache.mesos.SchedulerDriver;

/** Acts out a scenario of tests/bindings/scenarios.toml: {@code java Scenarios NAME MASTER}. */
public final class Scenarios {
  /**
   * Held while a method runs and its line is printed, so that the lines of the callbacks that it
   * brings about on the driver's thread come after it.
   */
  private static final ReentrantLock PRINTING = new ReentrantLock();

  private final String scenario;
  private final CountDownLatch registered = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch lost = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private MesosSchedulerDriver driver;

  private Scenarios(String scenario) {
    this.scenario = scenario;
  }

  /** The drivers are let go of by the garbage collector alone, and tell of it. */
  private static final class Driver extends MesosSchedulerDriver {
    private final CountDownLatch closed;

    Driver(Actor actor, FrameworkInfo framework, String master) {
      super(actor, framework, master);
      closed = actor.stage.closed;
    }

    @Override
    protected void finalize() {
      super.finalize();
      closed.countDown();
    }
  }

  private static final class Actor extends Quiet {
    private final Scenarios stage;

    Actor(Scenarios stage) {
      this.stage = stage;
    }

    @Override
    public void registered(SchedulerDriver driver, FrameworkID framework, MasterInfo master) {
      print("registered");
      switch (stage.scenario) {
        case "callback-throws":
          throw new IllegalStateException("thrown by a callback");
        case "callback-joins":
          print("join", driver.join());
          say("stop", () -> driver.stop(false));
          break;
        case "callback-stops":
          say("stop", () -> driver.stop(false));
          break;
        case "callback-aborts":
          say("abort", driver::abort);
          break;
        default:
          break;
      }
      stage.registered.countDown();
      if (stage.scenario.equals("callback-blocks")) {
        await(stage.stopped);
        print("returns");
      }
    }

    @Override
    public void statusUpdate(SchedulerDriver driver, TaskStatus status) {
      boolean lost = status.getState() == TaskState.TASK_LOST;
      print((lost ? "lost " : "update ") + status.getTaskId().getValue());
      stage.lost.countDown();
    }

    @Override
    public void error(SchedulerDriver driver, String message) {
      print("error " + message);
    }
  }

  private static void print(String line) {
    PRINTING.lock();
    try {
      System.out.println(line);
    } finally {
      PRINTING.unlock();
    }
  }

  private static void print(String method, Status status) {
    // DRIVER_RUNNING without its first word.
    print(method + " " + status.name().substring(7));
  }

  private static void say(String method, Supplier<Status> call) {
    PRINTING.lock();
    try {
      print(method, call.get());
    } finally {
      PRINTING.unlock();
    }
  }

  private static void await(CountDownLatch event) {
    try {
      event.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void start() {
    say("start", driver::start);
  }

  private void stop() {
    say("stop", () -> driver.stop(false));
  }

  private void join() {
    print("join", driver.join());
  }

  private void run() {
    print("run", driver.run());
  }

  private void kill() {
    TaskID task = TaskID.newBuilder().setValue("t").build();
    say("killTask", () -> driver.killTask(task));
  }

  private void launch() {
    TaskInfo task =
        TaskInfo.newBuilder()
            .setName("t")
            .setTaskId(TaskID.newBuilder().setValue("t"))
            .setSlaveId(SlaveID.newBuilder().setValue("a"))
            .build();
    say(
        "launchTasks",
        () ->
            driver.launchTasks(Collections.<OfferID>emptyList(), Collections.singletonList(task)));
  }

  private void acknowledge() {
    TaskStatus status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue("t"))
            .setState(TaskState.TASK_RUNNING)
            .build();
    say("acknowledgeStatusUpdate", () -> driver.acknowledgeStatusUpdate(status));
  }

  private void reviveOnManyThreads() throws InterruptedException {
    AtomicInteger running = new AtomicInteger();
    Thread[] threads = new Thread[8];
    for (int thread = 0; thread < threads.length; thread++) {
      threads[thread] =
          new Thread(
              () -> {
                for (int call = 0; call < 100; call++) {
                  if (driver.reviveOffers() == Status.DRIVER_RUNNING) {
                    running.incrementAndGet();
                  }
                }
              });
      threads[thread].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    print("calls " + running);
  }

  private void drop() throws InterruptedException {
    driver = null;
    while (closed.getCount() > 0) {
      System.gc();
      System.runFinalization();
    }
    print("dropped");
  }

  /** An exception is printed where Java prints those that nobody catches. */
  private void runAndSeeTheException() {
    PrintStream errors = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true));
    run();
    System.setErr(errors);
    print(printed.toString().contains("thrown by a callback") ? "failure" : "no failure");
  }

  /** Scenarios that begin with {@code run}, or with nothing. */
  private boolean actWithoutStart() {
    switch (scenario) {
      case "callback-throws":
        runAndSeeTheException();
        stop();
        return true;
      case "callback-stops":
      case "callback-joins":
        run();
        return true;
      case "callback-aborts":
        run();
        stop();
        return true;
      case "never-started":
        join();
        stop();
        say("abort", driver::abort);
        kill();
        return true;
      default:
        return false;
    }
  }

  /** What comes after {@code start}. */
  private void actStarted() throws InterruptedException {
    switch (scenario) {
      case "wrong-master-address":
      case "local-cluster-missing":
        join();
        stop();
        return;
      case "no-master":
        launch();
        await(lost);
        stop();
        break;
      case "framework-without-name":
        break;
      case "task-without-id":
        say("killTask", () -> driver.killTask(TaskID.newBuilder().buildPartial()));
        break;
      case "acknowledge-though-implicit":
        acknowledge();
        break;
      case "callback-blocks":
      case "local-cluster":
        await(registered);
        stop();
        stopped.countDown();
        break;
      case "dropped-without-stop":
        await(registered);
        drop();
        return;
      case "double-start":
        start();
        stop();
        break;
      case "master-without-quorum":
        stop();
        break;
      case "use-after-stop":
        stop();
        join();
        kill();
        start();
        stop();
        return;
      case "many-threads":
        reviveOnManyThreads();
        stop();
        break;
      default:
        throw new IllegalArgumentException("there is no scenario '" + scenario + "'");
    }
    join();
  }

  public static void main(String[] arguments) throws InterruptedException {
    Scenarios stage = new Scenarios(arguments[0]);
    FrameworkInfo.Builder framework = FrameworkInfo.newBuilder().setUser("");
    if (!arguments[0].equals("framework-without-name")) {
      framework.setName("scenario");
    }
    stage.driver = new Driver(new Actor(stage), framework.buildPartial(), arguments[1]);
    if (!stage.actWithoutStart()) {
      stage.start();
      stage.actStarted();
    }
  }
}
