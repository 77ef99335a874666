package dev.tandem.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.testkit.EnvironmentContract;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code on this module's page is what a user would do with it, and works. */
final class ReadmeTest {
  private static final Path PAGE = Path.of("README.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");
  private static final String DOOR = "META-INF/services/" + EnvironmentFamily.class.getName();

  @TempDir private Path folder;

  private record Block(String language, String text) {}

  private static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(Files.readString(PAGE));
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }

  private static List<String> blocks(String language) throws IOException {
    return blocks().stream()
        .filter(block -> block.language().equals(language))
        .map(Block::text)
        .toList();
  }

  @Test
  void theWorldCompilesIsFoundThroughItsDoorAndKeepsTheContract() throws IOException {
    List<String> code = blocks("java");
    assertThat(code).hasSize(2);
    Path classes = Files.createDirectory(folder.resolve("classes"));
    compile(classes, write("GuessFamily", code.getFirst()), write("GuessFamilyTest", code.get(1)));
    Path jar = jar(classes, blocks("").getFirst());

    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {jar.toUri().toURL()}, EnvironmentFamily.class.getClassLoader())) {
      List<EnvironmentFamily> found =
          ServiceLoader.load(EnvironmentFamily.class, loader).stream()
              .map(ServiceLoader.Provider::get)
              .filter(family -> loader.equals(family.getClass().getClassLoader()))
              .toList();

      assertThat(found).extracting(EnvironmentFamily::id).containsExactly("guess");
      assertThat(EnvironmentContract.check(found.getFirst())).isEmpty();
    }
    assertThat(blocks("yaml").getFirst()).contains("plugins: [guess.jar]", "name: guess");
  }

  @Test
  void aWorldTakesLessThanSixtyLines() throws IOException {
    assertThat(blocks("java").getFirst().lines()).hasSizeLessThan(60);
  }

  @Test
  void everyPackageIsInTheTable() throws IOException {
    String page = Files.readString(PAGE);
    try (Stream<Path> packages = Files.list(Path.of("src/main/java/dev/tandem/rollout"))) {
      assertThat(packages.filter(Files::isDirectory).map(one -> one.getFileName().toString()))
          .isNotEmpty()
          .allMatch(name -> page.contains("`" + name + "`"));
    }
  }

  private Path write(String name, String code) throws IOException {
    Path source = Files.createDirectories(folder.resolve("guess")).resolve(name + ".java");
    return Files.writeString(source, code);
  }

  private static void compile(Path classes, Path... sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      Iterable<? extends JavaFileObject> units = files.getJavaFileObjects(sources);
      List<String> options =
          List.of(
              "-d",
              classes.toString(),
              "-proc:none",
              "-cp",
              System.getProperty("java.class.path", ""));
      boolean compiled = compiler.getTask(said, files, null, options, null, units).call();
      assertThat(compiled).as(said.toString()).isTrue();
    }
  }

  private Path jar(Path classes, String services) throws IOException {
    Path jar = folder.resolve("guess.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path one : all.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(one).toString()));
        Files.copy(one, out);
      }
      out.putNextEntry(new JarEntry(DOOR));
      out.write(services.getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }
}
