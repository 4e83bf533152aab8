// SPDX-License-Identifier: Apache-2.0

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.Filters;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;
import org.apache.mesos.v1.scheduler.V0Mesos;
import org.apache.mesos.v1.scheduler.V1Mesos;

/** A framework of the v1 API runs a task, with both kinds of Mesos: {@code java V1 MASTER}. */
public final class V1 implements Scheduler {
  private static final FrameworkInfo FRAMEWORK =
      FrameworkInfo.newBuilder().setUser("root").setName("v1 (Java)").build();

  private final BlockingQueue<String> happened = new LinkedBlockingQueue<>();
  private FrameworkID framework;
  private boolean launched;

  @Override
  public void connected(Mesos mesos) {
    mesos.send(
        Call.newBuilder()
            .setType(Call.Type.SUBSCRIBE)
            .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(FRAMEWORK))
            .build());
  }

  @Override
  public void disconnected(Mesos mesos) {}

  @Override
  public void received(Mesos mesos, Event event) {
    switch (event.getType()) {
      case SUBSCRIBED:
        framework = event.getSubscribed().getFrameworkId();
        break;
      case OFFERS:
        for (Offer offer : event.getOffers().getOffersList()) {
          mesos.send(answer(offer));
        }
        break;
      case UPDATE:
        update(mesos, event.getUpdate().getStatus());
        break;
      case ERROR:
        happened.add(event.getError().getMessage());
        break;
      default:
        break;
    }
  }

  private Call answer(Offer offer) {
    Call.Builder call = Call.newBuilder().setFrameworkId(framework);
    if (launched) {
      return call.setType(Call.Type.DECLINE)
          .setDecline(Call.Decline.newBuilder().addOfferIds(offer.getId()))
          .build();
    }
    launched = true;
    TaskInfo.Builder task =
        TaskInfo.newBuilder()
            .setName("task")
            .setTaskId(TaskID.newBuilder().setValue("task"))
            .setAgentId(offer.getAgentId())
            .addResources(resource("cpus", 0.1))
            .addResources(resource("mem", 32))
            .setCommand(CommandInfo.newBuilder().setValue("true"));
    Offer.Operation.Builder launch =
        Offer.Operation.newBuilder()
            .setType(Offer.Operation.Type.LAUNCH)
            .setLaunch(Offer.Operation.Launch.newBuilder().addTaskInfos(task));
    Call.Accept.Builder accept =
        Call.Accept.newBuilder()
            .addOfferIds(offer.getId())
            .addOperations(launch)
            .setFilters(Filters.newBuilder().setRefuseSeconds(1));
    return call.setType(Call.Type.ACCEPT).setAccept(accept).build();
  }

  private static Resource.Builder resource(String name, double amount) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(amount));
  }

  private void update(Mesos mesos, TaskStatus status) {
    if (status.hasUuid()) {
      mesos.send(
          Call.newBuilder()
              .setFrameworkId(framework)
              .setType(Call.Type.ACKNOWLEDGE)
              .setAcknowledge(
                  Call.Acknowledge.newBuilder()
                      .setAgentId(status.getAgentId())
                      .setTaskId(status.getTaskId())
                      .setUuid(status.getUuid()))
              .build());
    }
    if (status.getState() != TaskState.TASK_STARTING && status.getState() != TaskState.TASK_RUNNING) {
      happened.add(status.getState() + " " + status.getMessage());
    }
  }

  /** What the task has come to; the framework ends after it. */
  private String end(Mesos mesos) throws InterruptedException {
    String end = happened.take();
    if (framework != null) {
      mesos.send(Call.newBuilder().setFrameworkId(framework).setType(Call.Type.TEARDOWN).build());
    }
    return end;
  }

  private static void finished(String kind, String end) {
    if (!end.startsWith("TASK_FINISHED")) {
      throw new AssertionError(kind + ": " + end);
    }
    System.out.println(kind + " " + end.split(" ")[0]);
  }

  public static void main(String[] arguments) throws InterruptedException {
    V1 first = new V1();
    finished("V1Mesos", first.end(new V1Mesos(first, arguments[0])));
    V1 second = new V1();
    finished("V0Mesos", second.end(new V0Mesos(second, FRAMEWORK, arguments[0])));
  }
}
