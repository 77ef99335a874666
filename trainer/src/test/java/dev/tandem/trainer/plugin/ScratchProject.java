package dev.tandem.trainer.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProviderFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Somebody else's project: a world, a processor and a model, compiled and put into a jar. */
public final class ScratchProject {
  /** The classes that serve, by service. */
  public static final Map<Class<?>, String> SERVICES =
      Map.of(
          EnvironmentFamily.class, "scratch.CorridorFamily",
          ProcessorLibrary.class, "scratch.CompassLibrary",
          ModelProviderFactory.class, "scratch.TimidFactory");

  private ScratchProject() {}

  /** The project's jar, in a folder. */
  public static Path jar(Path folder) throws IOException {
    return jar(folder, "scratch.jar", UnaryOperator.identity(), SERVICES, false);
  }

  /**
   * A variant of it.
   *
   * @param change of the sources
   * @param services that it names
   * @param reversed whether its entries are in the other order
   */
  public static Path jar(
      Path folder,
      String name,
      UnaryOperator<String> change,
      Map<Class<?>, String> services,
      boolean reversed)
      throws IOException {
    Path classes = compiled(Files.createTempDirectory(folder, "project"), change);
    Path jar = folder.resolve(name);
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      List<Path> files = new ArrayList<>(all.filter(Files::isRegularFile).sorted().toList());
      if (reversed) {
        files.sort(Comparator.reverseOrder());
      }
      for (Path one : files) {
        put(out, classes.relativize(one).toString(), Files.readAllBytes(one));
      }
      for (Map.Entry<Class<?>, String> service : services.entrySet()) {
        put(
            out,
            "META-INF/services/" + service.getKey().getName(),
            (service.getValue() + " # ours\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }

  private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
    out.putNextEntry(new JarEntry(name));
    out.write(bytes);
    out.closeEntry();
  }

  private static Path compiled(Path folder, UnaryOperator<String> change) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                folder.resolve("classes").toString()));
    for (String service : SERVICES.values()) {
      String name = service.substring(service.indexOf('.') + 1) + ".java";
      try (InputStream in =
          Objects.requireNonNull(ScratchProject.class.getResourceAsStream("/scratch/" + name))) {
        Path source = folder.resolve(name);
        Files.writeString(
            source, change.apply(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        arguments.add(source.toString());
      }
    }
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
                .run(
                    InputStream.nullInputStream(),
                    messages,
                    messages,
                    arguments.toArray(String[]::new))
            == 0;
    assertThat(compiled).as(() -> messages.toString(StandardCharsets.UTF_8)).isTrue();
    return folder.resolve("classes");
  }
}
