// SPDX-License-Identifier: Apache-2.0

import com.google.protobuf.ByteString;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.CommandInfo;
import org.apache.mesos.Protos.Credential;
import org.apache.mesos.Protos.Environment;
import org.apache.mesos.Protos.ExecutorID;
import org.apache.mesos.Protos.ExecutorInfo;
import org.apache.mesos.Protos.Filters;
import org.apache.mesos.Protos.FrameworkID;
import org.apache.mesos.Protos.FrameworkInfo;
import org.apache.mesos.Protos.MasterInfo;
import org.apache.mesos.Protos.Offer;
import org.apache.mesos.Protos.OfferID;
import org.apache.mesos.Protos.Resource;
import org.apache.mesos.Protos.SlaveID;
import org.apache.mesos.Protos.Status;
import org.apache.mesos.Protos.TaskID;
import org.apache.mesos.Protos.TaskInfo;
import org.apache.mesos.Protos.TaskState;
import org.apache.mesos.Protos.TaskStatus;
import org.apache.mesos.Protos.Value;
import org.apache.mesos.Scheduler;
import org.apache.mesos.SchedulerDriver;

/**
 * Five tasks through an executor of its own: {@code java TestFramework MASTER}.
 *
 * <p>It registers with its role suppressed and wants offers only then, sends a message to the
 * executor for each task that has finished, and ends with 0 only if every task has, every byte of
 * their data came through, and every message came back as it was sent.
 *
 * <p>Environment: MESOS_EXPLICIT_ACKNOWLEDGEMENTS, MESOS_EXAMPLE_CHECKPOINT, and
 * MESOS_EXAMPLE_AUTHENTICATE with MESOS_EXAMPLE_PRINCIPAL and MESOS_EXAMPLE_SECRET.
 */
public final class TestFramework implements Scheduler {
  static final byte[] DATA = "data with a \0 byte".getBytes(StandardCharsets.UTF_8);
  private static final String ROLE = "*";
  private static final int TASKS = 5;
  private static final double CPUS = 1;
  private static final double MEMORY = 128;
  private static final long MILLISECONDS_MAX = 300_000;

  private final FrameworkInfo framework;
  private final boolean implicit;
  private final ExecutorInfo executor = executor();
  private final List<SlaveID> agents = new ArrayList<>();
  private final Set<String> finished = new HashSet<>();
  private int messages;

  private TestFramework(FrameworkInfo framework, boolean implicit) {
    this.framework = framework;
    this.implicit = implicit;
  }

  @Override
  public void registered(SchedulerDriver driver, FrameworkID id, MasterInfo master) {
    System.out.println("Registered as " + id.getValue());
    driver.updateFramework(framework.toBuilder().setId(id).build(), Collections.emptyList());
  }

  @Override
  public void resourceOffers(SchedulerDriver driver, List<Offer> offers) {
    for (Offer offer : offers) {
      double cpus = amount(offer, "cpus");
      double memory = amount(offer, "mem");
      System.out.printf("Offer %s: cpus %s, mem %s%n", offer.getId().getValue(), cpus, memory);
      Offer.Operation.Launch.Builder launch = Offer.Operation.Launch.newBuilder();
      for (; agents.size() < TASKS && cpus >= CPUS && memory >= MEMORY; agents.add(offer.getSlaveId())) {
        launch.addTaskInfos(task(offer.getSlaveId()));
        cpus -= CPUS;
        memory -= MEMORY;
      }
      Offer.Operation operation =
          Offer.Operation.newBuilder()
              .setType(Offer.Operation.Type.LAUNCH)
              .setLaunch(launch)
              .build();
      driver.acceptOffers(
          Collections.singletonList(offer.getId()),
          Collections.singletonList(operation),
          Filters.newBuilder().setRefuseSeconds(1).build());
    }
  }

  /** The next task. */
  private TaskInfo task(SlaveID agent) {
    return TaskInfo.newBuilder()
        .setName("task " + agents.size())
        .setTaskId(TaskID.newBuilder().setValue(Integer.toString(agents.size())))
        .setSlaveId(agent)
        .addResources(resource("cpus", CPUS))
        .addResources(resource("mem", MEMORY))
        .setExecutor(executor)
        .build();
  }

  private static double amount(Offer offer, String name) {
    double amount = 0;
    for (Resource resource : offer.getResourcesList()) {
      amount += resource.getName().equals(name) ? resource.getScalar().getValue() : 0;
    }
    return amount;
  }

  private static Resource.Builder resource(String name, double amount) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(amount));
  }

  @Override
  public void statusUpdate(SchedulerDriver driver, TaskStatus status) {
    String task = status.getTaskId().getValue();
    TaskState state = status.getState();
    System.out.println("Task " + task + " is in state " + state);
    if (state != TaskState.TASK_RUNNING && state != TaskState.TASK_FINISHED) {
      throw new IllegalStateException("task " + task + " is in " + state + ": " + status.getMessage());
    }
    if (!status.getData().equals(ByteString.copyFrom(DATA))) {
      throw new IllegalStateException("the update's data is " + status.getData().toStringUtf8());
    }
    if (state == TaskState.TASK_FINISHED && finished.add(task)) {
      driver.sendFrameworkMessage(
          executor.getExecutorId(), agents.get(Integer.parseInt(task)), DATA);
    }
    if (!implicit) {
      driver.acknowledgeStatusUpdate(status);
    }
  }

  @Override
  public void frameworkMessage(
      SchedulerDriver driver, ExecutorID from, SlaveID agent, byte[] data) {
    System.out.println("Message from " + from.getValue());
    if (!Arrays.equals(data, DATA) || !from.equals(executor.getExecutorId())) {
      throw new IllegalStateException("the message is " + Arrays.toString(data));
    }
    if (++messages == TASKS) {
      driver.stop();
    }
  }

  @Override
  public void error(SchedulerDriver driver, String message) {
    System.out.println("Error: " + message);
  }

  @Override
  public void reregistered(SchedulerDriver driver, MasterInfo master) {}

  @Override
  public void disconnected(SchedulerDriver driver) {}

  @Override
  public void offerRescinded(SchedulerDriver driver, OfferID id) {}

  @Override
  public void slaveLost(SchedulerDriver driver, SlaveID agent) {}

  @Override
  public void executorLost(SchedulerDriver driver, ExecutorID executor, SlaveID agent, int status) {}

  /** The executor beside this class, run by the Java and with the libraries that run this. */
  private static ExecutorInfo executor() {
    String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    StringBuilder classes = new StringBuilder();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      classes.append(classes.length() > 0 ? File.pathSeparator : "").append(new File(path).getAbsolutePath());
    }
    CommandInfo.Builder command =
        CommandInfo.newBuilder()
            .setShell(false)
            .setValue(java)
            .addAllArguments(Arrays.asList("java", "-cp", classes.toString(), "TestExecutor"));
    String library = System.getenv("MESOS_NATIVE_JAVA_LIBRARY");
    if (library != null) {
      command.setEnvironment(
          Environment.newBuilder()
              .addVariables(
                  Environment.Variable.newBuilder()
                      .setName("MESOS_NATIVE_JAVA_LIBRARY")
                      .setValue(library)));
    }
    return ExecutorInfo.newBuilder()
        .setExecutorId(ExecutorID.newBuilder().setValue("default"))
        .setName("Test Executor (Java)")
        .setSource("java_test")
        .setCommand(command)
        .build();
  }

  private static boolean isSet(String variable) {
    String value = System.getenv(variable);
    return value != null && !value.isEmpty();
  }

  /** A driver, which authenticates if that is wanted. */
  private static MesosSchedulerDriver driver(
      TestFramework scheduler, FrameworkInfo framework, String master) {
    List<String> suppressed = Collections.singletonList(ROLE);
    if (!isSet("MESOS_EXAMPLE_AUTHENTICATE")) {
      return new MesosSchedulerDriver(scheduler, framework, suppressed, master, scheduler.implicit);
    }
    if (!isSet("MESOS_EXAMPLE_PRINCIPAL")) {
      System.err.println("MESOS_EXAMPLE_AUTHENTICATE is set, but not MESOS_EXAMPLE_PRINCIPAL");
      System.exit(1);
    }
    Credential.Builder credential =
        Credential.newBuilder().setPrincipal(framework.getPrincipal());
    if (isSet("MESOS_EXAMPLE_SECRET")) {
      credential.setSecret(System.getenv("MESOS_EXAMPLE_SECRET"));
    }
    return new MesosSchedulerDriver(
        scheduler, framework, suppressed, master, scheduler.implicit, credential.build());
  }

  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("usage: java TestFramework MASTER");
      System.exit(1);
    }
    String principal = System.getenv("MESOS_EXAMPLE_PRINCIPAL");
    FrameworkInfo framework =
        FrameworkInfo.newBuilder()
            .setUser("")
            .setName("Test Framework (Java)")
            .setRole(ROLE)
            .setCheckpoint(isSet("MESOS_EXAMPLE_CHECKPOINT"))
            .setPrincipal(principal == null ? "test-framework-java" : principal)
            .build();
    TestFramework scheduler =
        new TestFramework(framework, !isSet("MESOS_EXPLICIT_ACKNOWLEDGEMENTS"));
    MesosSchedulerDriver driver = driver(scheduler, framework, arguments[0]);
    TimerTask tooLate =
        new TimerTask() {
          @Override
          public void run() {
            driver.abort();
          }
        };
    new Timer(true).schedule(tooLate, MILLISECONDS_MAX);
    boolean done =
        driver.run() == Status.DRIVER_STOPPED && scheduler.finished.size() == TASKS;
    System.out.println(done ? "All tasks finished, all messages came back" : "FAILED");
    System.exit(done ? 0 : 1);
  }
}
