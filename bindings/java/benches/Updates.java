// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.util.List;
import org.apache.mesos.MesosSchedulerDriver;
import org.apache.mesos.Protos.FrameworkInfo;
import org.apache.mesos.Protos.Offer;
import org.apache.mesos.Protos.Status;
import org.apache.mesos.Protos.TaskStatus;
import org.apache.mesos.SchedulerDriver;

/**
 * Takes so many status updates, each acknowledged, and tells of offers, until its input ends:
 * {@code java Updates MASTER COUNT}.
 */
public final class Updates extends Quiet {
  private final int wanted;
  private int updates;
  private long began;

  private Updates(int wanted) {
    this.wanted = wanted;
  }

  @Override
  public void statusUpdate(SchedulerDriver driver, TaskStatus status) {
    if (updates == 0) {
      began = System.nanoTime();
    }
    updates++;
    if (updates == wanted) {
      double seconds = (System.nanoTime() - began) / 1e9;
      System.out.printf("%d updates in %.3f s: %.0f/s%n", wanted, seconds, wanted / seconds);
    }
  }

  @Override
  public void resourceOffers(SchedulerDriver driver, List<Offer> offers) {
    System.out.println(offers.size() + " offers");
  }

  @Override
  public void error(SchedulerDriver driver, String message) {
    System.err.println(message);
  }

  public static void main(String[] arguments) throws IOException {
    FrameworkInfo framework = FrameworkInfo.newBuilder().setUser("").setName("updates").build();
    Updates updates = new Updates(Integer.parseInt(arguments[1]));
    MesosSchedulerDriver driver = new MesosSchedulerDriver(updates, framework, arguments[0]);
    driver.start();
    while (System.in.read() >= 0) {
      // Whoever started this closes its input.
    }
    driver.stop(true);
    System.exit(driver.join() == Status.DRIVER_STOPPED ? 0 : 1);
  }
}
