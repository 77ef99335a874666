package dev.tandem.harness.code;

import dev.tandem.harness.code.worker.CodeWorkerMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * The command line of a worker: this JVM's own Java, with as little around it as GraalJS needs.
 *
 * @param arguments program and arguments
 */
record WorkerCommand(List<String> arguments) {
  private static final String POLYGLOT = "org/graalvm/polyglot/Context.class";
  private static final String LANGUAGE = "com/oracle/truffle/js/lang/JavaScriptLanguage.class";
  private static final List<String> PACKAGES = List.of("org/graalvm/", "com/oracle/truffle/");

  WorkerCommand {
    arguments = List.copyOf(arguments);
  }

  /**
   * The command on this machine.
   *
   * @param classPath of this process
   * @throws CodeSandboxException when GraalJS is not on it
   */
  static WorkerCommand of(
      CodeLimits limits, KernelSandbox sandbox, Path javaHome, String classPath) {
    List<Path> entries =
        Stream.of(classPath.split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .filter(Files::exists)
            .map(Path::toAbsolutePath)
            .toList();
    String main = CodeWorkerMain.class.getName().replace('.', '/') + ".class";
    List<Path> needed =
        entries.stream()
            .filter(entry -> holds(entry, name -> name.equals(main) || isGraal(name)))
            .toList();
    for (String required : List.of(main, POLYGLOT, LANGUAGE)) {
      if (needed.stream().noneMatch(entry -> holds(entry, required::equals))) {
        throw new CodeSandboxException(
            "code processors need %s on the class path and it is not there: add org.graalvm.polyglot:polyglot and org.graalvm.js:js-language, or remove the harness's code processors"
                .formatted(required));
      }
    }
    List<Path> readable = Stream.concat(Stream.of(javaHome), needed.stream()).toList();
    return new WorkerCommand(sandbox.wrap(java(limits, javaHome, needed), readable, limits));
  }

  private static boolean isGraal(String name) {
    return PACKAGES.stream().anyMatch(name::startsWith);
  }

  /** Whether a jar or a folder of classes holds a file whose name is asked for. */
  private static boolean holds(Path entry, Predicate<String> asked) {
    if (Files.isDirectory(entry)) {
      try (Stream<Path> files = Files.walk(entry)) {
        return files
            .map(file -> entry.relativize(file).toString().replace(File.separatorChar, '/'))
            .anyMatch(asked);
      } catch (IOException e) {
        return false;
      }
    }
    try (ZipFile jar = new ZipFile(entry.toFile())) {
      return jar.stream().anyMatch(file -> asked.test(file.getName()));
    } catch (IOException e) {
      return false; // no jar, so no class in it
    }
  }

  private static List<String> java(CodeLimits limits, Path javaHome, List<Path> classPath) {
    return List.of(
        javaHome.resolve("bin").resolve("java").toString(),
        "-Xmx" + limits.heapMegabytes() + "m",
        "-Xss1m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:MaxMetaspaceSize=192m",
        "-XX:CompressedClassSpaceSize=64m",
        "-XX:ReservedCodeCacheSize=64m",
        "-XX:MaxDirectMemorySize=1m",
        "-XX:ActiveProcessorCount=1",
        "-XX:-UsePerfData",
        "-XX:+DisableAttachMechanism",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=/dev/null",
        "-Xshare:auto",
        "-Duser.timezone=UTC",
        "-Duser.language=en",
        "-Duser.country=US",
        "-Dfile.encoding=UTF-8",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
        CodeWorkerMain.class.getName(),
        Integer.toString(limits.messageBytes()),
        Long.toString(limits.wallClock().toMillis()));
  }
}
