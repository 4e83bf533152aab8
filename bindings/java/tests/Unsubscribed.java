// SPDX-License-Identifier: Apache-2.0

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.concurrent.CountDownLatch;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;
import org.apache.mesos.v1.scheduler.V0Mesos;

/**
 * A scheduler that does not subscribe when it is connected hears of a lost master: {@code java
 * Unsubscribed MASTER}. One that has subscribed before there was a master hears from it: {@code
 * java Unsubscribed MASTER PIPE}, where it makes the pipe.
 */
public final class Unsubscribed implements Scheduler {
  private final CountDownLatch end = new CountDownLatch(1);

  @Override
  public void connected(Mesos mesos) {
    System.out.println("connected");
  }

  @Override
  public void disconnected(Mesos mesos) {
    System.out.println("disconnected");
    end.countDown();
  }

  @Override
  public void received(Mesos mesos, Event event) {
    if (event.getType() != Event.Type.HEARTBEAT) {
      System.out.println(event.getType());
      end.countDown();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Unsubscribed scheduler = new Unsubscribed();
    FrameworkInfo framework = FrameworkInfo.newBuilder().setUser("root").setName("quiet").build();
    Mesos mesos;
    if (arguments.length == 1) {
      mesos = new V0Mesos(scheduler, framework, arguments[0]);
    } else {
      Path pipe = Paths.get(arguments[1]);
      new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
      // The driver waits for the address that it reads from there.
      mesos = new V0Mesos(scheduler, framework, "file://" + pipe);
      mesos.send(
          Call.newBuilder()
              .setType(Call.Type.SUBSCRIBE)
              .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(framework))
              .build());
      Files.write(pipe, arguments[0].getBytes(StandardCharsets.UTF_8));
    }
    scheduler.end.await();
    mesos.hashCode(); // Not collected until here.
  }
}
