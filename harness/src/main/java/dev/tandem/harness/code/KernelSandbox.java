package dev.tandem.harness.code;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the operating system has to fence a process in: {@code prlimit} for its resources, {@code
 * bwrap} for what it sees of the machine.
 *
 * @param prlimit the tool, where it is present
 * @param bubblewrap the tool, where it is present and allowed to make name spaces
 */
record KernelSandbox(Optional<Path> prlimit, Optional<Path> bubblewrap) {
  static final KernelSandbox NONE = new KernelSandbox(Optional.empty(), Optional.empty());

  private static final List<String> SYSTEM =
      List.of("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives");
  private static final long PROBE_SECONDS = 10;

  /** Looks for the tools on a search path such as {@code $PATH} and tries them. */
  static KernelSandbox detect(String searchPath) {
    Optional<Path> prlimit =
        find("prlimit", searchPath).filter(tool -> succeeds(List.of(tool.toString(), "--version")));
    Optional<Path> bubblewrap =
        find("bwrap", searchPath)
            .filter(
                tool -> {
                  List<String> probe = new ArrayList<>(isolation(tool, List.of()));
                  probe.add("/usr/bin/true");
                  return succeeds(probe);
                });
    return new KernelSandbox(prlimit, bubblewrap);
  }

  /**
   * A command fenced in.
   *
   * @param readable what it must be able to read besides the system's own folders
   */
  List<String> wrap(List<String> command, List<Path> readable, CodeLimits limits) {
    List<String> wrapped = new ArrayList<>();
    bubblewrap.ifPresent(tool -> wrapped.addAll(isolation(tool, readable)));
    prlimit.ifPresent(tool -> wrapped.addAll(limits(tool, limits)));
    wrapped.addAll(command);
    return List.copyOf(wrapped);
  }

  /** For the log: what there is, and what to install for what there is not. */
  String describe() {
    if (prlimit.isPresent() && bubblewrap.isPresent()) {
      return "code workers run under prlimit and bubblewrap";
    } else if (bubblewrap.isPresent()) {
      return "code workers run under bubblewrap without resource limits: install util-linux"
          + " (prlimit)";
    } else if (prlimit.isPresent()) {
      return "code workers run under prlimit without name spaces of their own: install bubblewrap"
          + " (bwrap), with user name spaces allowed";
    }
    return "code workers run without any kernel sandbox, held by GraalJS and their JVM's limits"
        + " alone: install util-linux (prlimit) and bubblewrap (bwrap)";
  }

  private static List<String> limits(Path tool, CodeLimits limits) {
    return List.of(
        tool.toString(),
        "--as=" + ((long) limits.addressSpaceMegabytes() << 20),
        "--cpu=" + limits.cpuTime().toSeconds(),
        // Nothing can be written to a file, and few can be open: the JDK's, the class path, the
        // pipes.
        "--fsize=0",
        "--nofile=64",
        "--core=0",
        "--");
  }

  private static List<String> isolation(Path tool, List<Path> readable) {
    List<String> options = new ArrayList<>(List.of(tool.toString()));
    options.addAll(List.of("--unshare-all", "--die-with-parent", "--new-session"));
    options.addAll(List.of("--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"));
    for (String folder : SYSTEM) {
      options.addAll(List.of("--ro-bind-try", folder, folder));
    }
    for (Path path : readable) {
      options.addAll(List.of("--ro-bind", path.toString(), path.toString()));
    }
    options.addAll(List.of("--chdir", "/", "--"));
    return options;
  }

  private static Optional<Path> find(String name, String searchPath) {
    return Stream.of(searchPath.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static boolean succeeds(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
