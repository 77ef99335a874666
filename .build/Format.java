import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(file -> isSource(root.relativize(file))).sorted().toList()) {
        String before = Files.readString(file);
        String after = formatter.formatSourceAndFixImports(before);
        if (!after.equals(before)) {
          wrong.add(file);
          if (replace) {
            Files.writeString(file, after);
          }
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
