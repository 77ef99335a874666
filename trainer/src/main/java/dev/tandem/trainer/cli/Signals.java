package dev.tandem.trainer.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What to do on a signal. A shutdown hook would not do: it is not told which signal it was, and
 * while it runs a second one waits for it. The JDK's only class for this is in the module
 * jdk.unsupported, whose use a compiler that takes warnings for errors refuses; so it is looked up.
 */
final class Signals {
  private Signals() {}

  /**
   * Runs the action, in a thread of its own, whenever the signal comes.
   *
   * @param name without SIG, such as {@code TERM}
   * @return whether that could be arranged; not under {@code -Xrs}, which leaves signals alone
   */
  static boolean handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      MethodHandle run =
          lookup.findVirtual(Runnable.class, "run", MethodType.methodType(void.class));
      lookup
          .findStatic(signal, "handle", MethodType.methodType(handler, signal, handler))
          .invoke(
              lookup
                  .findConstructor(signal, MethodType.methodType(void.class, String.class))
                  .invoke(name),
              MethodHandleProxies.asInterfaceInstance(
                  handler, MethodHandles.dropArguments(run.bindTo(action), 0, signal)));
      return true;
    } catch (Throwable refused) {
      return false;
    }
  }
}
