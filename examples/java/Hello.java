// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.CommandInfo;
import org.apache.mesos.Protos.ExecutorID;
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

/** One offer, one command, its output: {@code java Hello MASTER}. */
public final class Hello implements Scheduler {
  private String framework;
  private String agent;

  @Override
  public void registered(SchedulerDriver driver, FrameworkID id, MasterInfo master) {
    framework = id.getValue();
  }

  @Override
  public void resourceOffers(SchedulerDriver driver, List<Offer> offers) {
    for (Offer offer : offers) {
      if (agent != null || amount(offer, "cpus") < 0.1 || amount(offer, "mem") < 32) {
        driver.declineOffer(offer.getId());
        continue;
      }
      agent = offer.getUrl().getAddress().getIp() + ":" + offer.getUrl().getAddress().getPort();
      TaskInfo task =
          TaskInfo.newBuilder()
              .setName("hello")
              .setTaskId(TaskID.newBuilder().setValue("hello"))
              .setSlaveId(offer.getSlaveId())
              .setCommand(CommandInfo.newBuilder().setValue("echo Hello, Mesos"))
              .addResources(resource("cpus", 0.1))
              .addResources(resource("mem", 32))
              .build();
      List<OfferID> ids = Collections.singletonList(offer.getId());
      driver.launchTasks(ids, Collections.singletonList(task));
    }
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
    TaskState state = status.getState();
    if (state == TaskState.TASK_FINISHED) {
      try {
        System.out.print(Sandbox.outputOf(agent, framework, "hello"));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      driver.stop();
    } else if (state != TaskState.TASK_STARTING && state != TaskState.TASK_RUNNING) {
      throw new IllegalStateException(state + ": " + status.getMessage());
    }
  }

  @Override
  public void error(SchedulerDriver driver, String message) {
    System.err.println(message);
  }

  @Override
  public void reregistered(SchedulerDriver driver, MasterInfo master) {}

  @Override
  public void disconnected(SchedulerDriver driver) {}

  @Override
  public void offerRescinded(SchedulerDriver driver, OfferID id) {}

  @Override
  public void frameworkMessage(
      SchedulerDriver driver, ExecutorID executor, SlaveID agent, byte[] data) {}

  @Override
  public void slaveLost(SchedulerDriver driver, SlaveID agent) {}

  @Override
  public void executorLost(SchedulerDriver driver, ExecutorID executor, SlaveID agent, int status) {}

  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("usage: java Hello MASTER");
      System.exit(2);
    }
    FrameworkInfo framework =
        FrameworkInfo.newBuilder().setUser("").setName("hello (Java)").build();
    Status end = new MesosSchedulerDriver(new Hello(), framework, arguments[0]).run();
    System.exit(end == Status.DRIVER_STOPPED ? 0 : 1);
  }
}
