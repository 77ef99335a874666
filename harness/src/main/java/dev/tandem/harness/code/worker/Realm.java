package dev.tandem.harness.code.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Predicate;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.ResourceLimits;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;

/**
 * One source's own JavaScript world, sealed off from the host and frozen by {@code lockdown.js}.
 */
final class Realm implements AutoCloseable {
  private static final String LANGUAGE = "js";
  private static final Source LOCKDOWN = lockdown();

  /**
   * Statements of every source but the lockdown are counted. A source can give itself the
   * lockdown's name, but only by a comment that the lockdown's text does not have. An engine takes
   * one predicate object.
   */
  @SuppressWarnings("UnnecessaryLambda") // a method reference would be another object each time
  private static final Predicate<Source> COUNTED =
      source ->
          !(source.getName().equals(LOCKDOWN.getName())
              && source.getCharacters().toString().contentEquals(LOCKDOWN.getCharacters()));

  private final Context context;
  private final Value caller;

  /**
   * Compiles a source.
   *
   * @throws org.graalvm.polyglot.PolyglotException when it is no function body
   */
  Realm(Engine engine, String source, long statements) {
    context =
        Context.newBuilder(LANGUAGE)
            .engine(engine)
            .allowAllAccess(false)
            .allowHostAccess(HostAccess.NONE)
            .allowHostClassLookup(ignored -> false)
            .allowPolyglotAccess(PolyglotAccess.NONE)
            .allowEnvironmentAccess(EnvironmentAccess.NONE)
            .allowIO(IOAccess.NONE)
            .allowNativeAccess(false)
            .allowCreateProcess(false)
            .allowCreateThread(false)
            .allowInnerContextOptions(false)
            .allowExperimentalOptions(true)
            .option("js.print", "false")
            .option("js.console", "false")
            .option("js.load", "false")
            .option("js.polyglot-builtin", "false")
            .option("js.graal-builtin", "false")
            .option("js.java-package-globals", "false")
            .option("js.shared-array-buffer", "false")
            .option("js.intl-402", "false")
            // The last match of a regular expression would be kept for the next call.
            .option("js.regexp-static-result", "false")
            .resourceLimits(ResourceLimits.newBuilder().statementLimit(statements, COUNTED).build())
            .build();
    try {
      caller = context.eval(LOCKDOWN).execute(source);
    } catch (RuntimeException e) {
      context.close(true);
      throw e;
    }
  }

  /** An engine for realms; it must be named so for its options to be known. */
  static Engine newEngine() {
    return Engine.newBuilder(LANGUAGE)
        .option("engine.WarnInterpreterOnly", "false")
        .in(InputStream.nullInputStream())
        .out(OutputStream.nullOutputStream())
        .err(OutputStream.nullOutputStream())
        .build();
  }

  /** The outcome's JSON, a zero character, and the state's JSON. */
  String call(String event, String state) {
    context.resetLimits();
    return caller.execute(event, state).asString();
  }

  @Override
  public void close() {
    context.close(true);
  }

  private static Source lockdown() {
    try (InputStream in =
        Objects.requireNonNull(
            Realm.class.getResourceAsStream("lockdown.js"), "lockdown.js is on the class path")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Source.newBuilder(LANGUAGE, text, "lockdown.js").build();
    } catch (IOException e) {
      throw new UncheckedIOException("lockdown.js cannot be read from the class path", e);
    }
  }
}
