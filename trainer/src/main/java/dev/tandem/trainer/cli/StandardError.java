package dev.tandem.trainer.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Standard error as the user's shell gave it. The JVM warns of incubator modules there before any
 * code of ours runs, and has no switch against it. So the launcher starts it with standard error
 * behind a filter for that one line, and with the real one beside it, which is put back here: from
 * then on nothing stands between the process, native libraries and children included, and the
 * terminal.
 */
final class StandardError {
  /** Set by the launcher to the descriptor that the real standard error waits at. */
  static final String PROPERTY = "tandem.stderr";

  private static final int STANDARD_ERROR = 2;

  private StandardError() {}

  /** Puts it back, if the launcher has put it aside. */
  static void restore() {
    Integer kept = Integer.getInteger(PROPERTY);
    if (kept != null) {
      System.err.flush();
      replace(kept);
    }
  }

  @SuppressWarnings("restricted") // dup2 and close take numbers and touch no memory
  private static void replace(int kept) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor takesTwo =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    FunctionDescriptor takesOne = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle dup2 = linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"), takesTwo);
    MethodHandle close =
        linker.downcallHandle(linker.defaultLookup().findOrThrow("close"), takesOne);
    try {
      int copied = (int) dup2.invokeExact(kept, STANDARD_ERROR);
      int closed = (int) close.invokeExact(kept);
      if (copied != STANDARD_ERROR || closed != 0) {
        throw new IllegalStateException(
            "descriptor %d is not the launcher's; leave -D%s to ./tandem"
                .formatted(kept, PROPERTY));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException("a call into the C library threw", impossible);
    }
  }
}
