// SPDX-License-Identifier: Apache-2.0

import java.util.concurrent.CountDownLatch;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;
import org.apache.mesos.v1.scheduler.V0Mesos;

/** A scheduler that never subscribes hears of a lost master: {@code java Unsubscribed MASTER}. */
public final class Unsubscribed implements Scheduler {
  private final CountDownLatch lost = new CountDownLatch(1);

  @Override
  public void connected(Mesos mesos) {
    System.out.println("connected");
  }

  @Override
  public void disconnected(Mesos mesos) {
    System.out.println("disconnected");
    lost.countDown();
  }

  @Override
  public void received(Mesos mesos, Event event) {
    System.out.println(event.getType());
  }

  public static void main(String[] arguments) throws InterruptedException {
    Unsubscribed scheduler = new Unsubscribed();
    FrameworkInfo framework = FrameworkInfo.newBuilder().setUser("root").setName("quiet").build();
    V0Mesos mesos = new V0Mesos(scheduler, framework, arguments[0]);
    scheduler.lost.await();
    mesos.hashCode(); // Not collected until here.
  }
}
