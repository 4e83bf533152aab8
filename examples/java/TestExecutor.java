// SPDX-License-Identifier: Apache-2.0

import com.google.protobuf.ByteString;
import org.apache.mesos.Executor;
import org.apache.mesos.ExecutorDriver;
import org.apache.mesos.MesosExecutorDriver;
import org.apache.mesos.Protos.ExecutorInfo;
import org.apache.mesos.Protos.FrameworkInfo;
import org.apache.mesos.Protos.SlaveInfo;
import org.apache.mesos.Protos.Status;
import org.apache.mesos.Protos.TaskID;
import org.apache.mesos.Protos.TaskInfo;
import org.apache.mesos.Protos.TaskState;
import org.apache.mesos.Protos.TaskStatus;

/** The executor of {@link TestFramework}: it runs nothing and says that it went well. */
public final class TestExecutor implements Executor {
  /** Each task runs on a thread of its own. */
  @Override
  public void launchTask(ExecutorDriver driver, TaskInfo task) {
    new Thread(() -> run(driver, task)).start();
  }

  private static void run(ExecutorDriver driver, TaskInfo task) {
    System.out.println("Running task " + task.getTaskId().getValue());
    for (TaskState state : new TaskState[] {TaskState.TASK_RUNNING, TaskState.TASK_FINISHED}) {
      driver.sendStatusUpdate(
          TaskStatus.newBuilder()
              .setTaskId(task.getTaskId())
              .setState(state)
              .setData(ByteString.copyFrom(TestFramework.DATA))
              .build());
    }
  }

  /** What the framework sends goes back to it. */
  @Override
  public void frameworkMessage(ExecutorDriver driver, byte[] data) {
    driver.sendFrameworkMessage(data);
  }

  @Override
  public void shutdown(ExecutorDriver driver) {
    driver.stop();
  }

  @Override
  public void registered(
      ExecutorDriver driver, ExecutorInfo executor, FrameworkInfo framework, SlaveInfo agent) {
    System.out.println("Registered on " + agent.getHostname());
  }

  @Override
  public void reregistered(ExecutorDriver driver, SlaveInfo agent) {}

  @Override
  public void disconnected(ExecutorDriver driver) {}

  @Override
  public void killTask(ExecutorDriver driver, TaskID task) {}

  @Override
  public void error(ExecutorDriver driver, String message) {
    System.err.println(message);
  }

  public static void main(String[] arguments) {
    Status end = new MesosExecutorDriver(new TestExecutor()).run();
    System.exit(end == Status.DRIVER_STOPPED ? 0 : 1);
  }
}
