import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs google-java-format over every Java source below a folder: {@code Format check|replace DIR}.
 * Hidden folders and build folders below it are left alone; where it lies itself does not matter.
 */
final class Format {
  public static void main(String[] args) throws Exception {
    boolean replace = args[0].equals("replace");
    if (!replace && !args[0].equals("check")) {
      System.err.println("format.mode must be check or replace, was " + args[0]);
      System.exit(2);
    }
    Formatter formatter = new Formatter();
    List<Path> wrong = new ArrayList<>();
    Path root = Path.of(args[1]).toAbsolutePath().normalize();
    List<Path> sources;
    try (var files = Files.walk(root)) {
      sources = files.filter(file -> isSource(root.relativize(file))).sorted().toList();
    }
    try (var workers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<Boolean>> formatted = new ArrayList<>();
      for (Path file : sources) {
        formatted.add(workers.submit(() -> isFormatted(formatter, file, replace)));
      }
      for (int i = 0; i < formatted.size(); i++) {
        if (!formatted.get(i).get()) {
          wrong.add(sources.get(i));
        }
      }
    }
    if (!wrong.isEmpty()) {
      wrong.forEach(
          file -> System.err.println((replace ? "formatted " : "not formatted: ") + file));
      if (!replace) {
        System.err.println("Run: mvn -N process-sources -Dformat.mode=replace");
        System.exit(1);
      }
    }
  }

  private static boolean isFormatted(Formatter formatter, Path file, boolean replace)
      throws Exception {
    String before = Files.readString(file);
    String after = formatter.formatSourceAndFixImports(before);
    if (replace && !after.equals(before)) {
      Files.writeString(file, after);
    }
    return after.equals(before);
  }

  private static boolean isSource(Path fileBelowRoot) {
    for (Path part : fileBelowRoot) {
      String name = part.toString();
      if (name.startsWith(".") || name.equals("target")) {
        return false;
      }
    }
    return fileBelowRoot.toString().endsWith(".java");
  }
}
