package dev.tandem.harness.code.worker;

import dev.tandem.harness.code.worker.Wire.Frame;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A code worker: answers requests from standard input on standard output until the input ends,
 * which it does when the parent is gone, however it went.
 *
 * <p>Arguments: most bytes of a message, and the milliseconds of the wall clock. The parent is the
 * one to stop a call that takes too long; the worker halts itself a little later, so that it
 * outlives no parent that was killed meanwhile.
 */
public final class CodeWorkerMain {
  private static final int STATUS_OF_A_LATE_CALL = 3;

  /** No call is under way. */
  private static final long IDLE = Long.MAX_VALUE;

  private static volatile long deadline = IDLE;

  private CodeWorkerMain() {}

  /** Serves one parent. */
  public static void main(String[] arguments) {
    int messageBytes = Integer.parseInt(arguments[0]);
    Duration patience = Duration.ofMillis(2 * Long.parseLong(arguments[1]));
    InputStream in = new FileInputStream(FileDescriptor.in);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    // The pipe is the protocol's alone.
    System.setIn(InputStream.nullInputStream());
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    haltLateCalls(patience);
    try {
      serve(in, out, messageBytes, patience);
    } catch (IOException e) {
      // The parent is gone, or does not keep to the protocol: nobody is left to tell.
    }
    Runtime.getRuntime().halt(0);
  }

  private static void serve(InputStream in, OutputStream out, int messageBytes, Duration patience)
      throws IOException {
    Realms realms;
    try {
      realms = new Realms();
      realms.warmUp();
    } catch (RuntimeException | LinkageError e) {
      Wire.write(out, Frame.of(Wire.REFUSED, String.valueOf(e)), messageBytes);
      return;
    }
    Wire.write(out, Frame.of(Wire.READY), messageBytes);
    while (true) {
      Frame request = Wire.read(in, messageBytes);
      if (request.kind() == Wire.LOAD) {
        realms.load(request.texts().get(0), request.texts().get(1));
        continue;
      }
      deadline = System.nanoTime() + patience.toNanos() * Wire.patience(request.number());
      Frame answer =
          realms.call(
              request.texts().get(0),
              request.number(),
              request.texts().get(1),
              request.texts().get(2));
      deadline = IDLE;
      try {
        Wire.write(out, answer, messageBytes);
      } catch (Wire.WireException e) {
        Wire.write(
            out, Frame.of(Wire.FAILED, "outcome and state: " + e.getMessage()), messageBytes);
      }
    }
  }

  private static void haltLateCalls(Duration patience) {
    Thread.ofPlatform()
        .daemon()
        .name("late-calls")
        .start(
            () -> {
              try {
                while (true) {
                  Thread.sleep(patience);
                  long due = deadline;
                  if (due != IDLE && System.nanoTime() - due > 0) {
                    Runtime.getRuntime().halt(STATUS_OF_A_LATE_CALL);
                  }
                }
              } catch (InterruptedException e) {
                Runtime.getRuntime().halt(STATUS_OF_A_LATE_CALL);
              }
            });
  }
}
