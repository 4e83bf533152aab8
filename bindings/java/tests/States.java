// SPDX-License-Identifier: Apache-2.0

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.Log;
import org.apache.mesos.state.InMemoryState;
import org.apache.mesos.state.LevelDBState;
import org.apache.mesos.state.LogState;
import org.apache.mesos.state.State;
import org.apache.mesos.state.Variable;
import org.apache.mesos.state.ZooKeeperState;

/** The stores: {@code java States FOLDER [ZOOKEEPER]}. */
public final class States {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Variable variable) {
    return new String(variable.value(), StandardCharsets.UTF_8);
  }

  private static Set<String> names(State state) throws Exception {
    Set<String> all = new TreeSet<>();
    for (Iterator<String> names = state.names().get(); names.hasNext(); ) {
      all.add(names.next());
    }
    return all;
  }

  private static void keepsWhatIsStored(State state) throws Exception {
    expect(names(state).isEmpty(), "a new store is empty");
    Variable none = state.fetch("a name: ü").get();
    expect(none.value().length == 0, "what was never stored is empty");
    Variable first = state.store(none.mutate(bytes("first"))).get(10, TimeUnit.SECONDS);
    expect(text(first).equals("first"), "it gives what was stored");
    expect(text(state.fetch("a name: ü").get()).equals("first"), "it is there");
    expect(state.store(none.mutate(bytes("rival"))).get() == null, "an old one is not stored");
    Variable second = state.store(first.mutate(bytes("second"))).get();
    expect(text(second).equals("second") && text(first).equals("first"), "mutate makes a new one");
    expect(names(state).toString().equals("[a name: ü]"), "it has one name");
    expect(!state.expunge(first).get(), "an old one is not expunged");
    expect(state.expunge(second).get(), "it is expunged");
    expect(!state.expunge(second).get(), "it is expunged once");
    expect(names(state).isEmpty(), "it is empty again");
  }

  private static void futuresTellHowFarTheyAre(State state) throws Exception {
    Future<Variable> future = state.fetch("name");
    future.get();
    expect(future.isDone() && !future.isCancelled(), "it is done");
    expect(!future.cancel(true), "what is done cannot be cancelled");
    expect(future.get(1, TimeUnit.NANOSECONDS) != null, "and can be had again");
  }

  private static void staysOnDisk(String folder) throws Exception {
    keptByOne(folder);
    State state = reopened(folder);
    expect(text(state.fetch("kept").get()).equals("on disk"), "it is kept");
  }

  /** After it, nobody refers to its state. */
  private static void keptByOne(String folder) throws Exception {
    State state = new LevelDBState(folder);
    state.store(state.fetch("kept").get().mutate(bytes("on disk"))).get();
    try {
      new LevelDBState(folder);
      throw new AssertionError("two states have one folder");
    } catch (IllegalStateException e) {
      expect(e.getMessage().contains("in use by another state"), e.getMessage());
    }
    expect(names(state).toString().equals("[kept]"), "it is still there");
  }

  /** A new state of a folder, once the old one is collected. */
  private static State reopened(String folder) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      System.gc();
      System.runFinalization();
      try {
        return new LevelDBState(folder);
      } catch (IllegalStateException e) {
        expect(System.nanoTime() < end, e.getMessage());
      }
    }
  }

  private static void logsAreRefused(String folder) {
    refused(() -> new Log(1, folder, new TreeSet<>()));
    refused(() -> new LogState("127.0.0.1:1", 1, TimeUnit.SECONDS, "/log", 1, folder));
  }

  private static void refused(Runnable make) {
    try {
      make.run();
    } catch (UnsupportedOperationException e) {
      expect(e.getMessage().contains("no replicated log"), e.getMessage());
      return;
    }
    throw new AssertionError("it was not refused");
  }

  private static void expect(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  public static void main(String[] arguments) throws Exception {
    State[] states = {new InMemoryState(), new LevelDBState(arguments[0] + "/store")};
    for (State state : states) {
      keepsWhatIsStored(state);
      futuresTellHowFarTheyAre(state);
    }
    staysOnDisk(arguments[0] + "/kept");
    logsAreRefused(arguments[0] + "/log");
    if (arguments.length > 1) {
      State state = new ZooKeeperState(arguments[1], 10, TimeUnit.SECONDS, "/states");
      keepsWhatIsStored(state);
      futuresTellHowFarTheyAre(state);
    }
    System.out.println("all is well");
  }
}
