package dev.tandem.trainer.plugin;

import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.ModelProviderFactory;
import dev.tandem.trainer.recipe.PluginJar;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One class loader over a run's jars, ours above it. Service files are read jar by jar, so that a
 * class that cannot be used is reported with the jar that names it.
 */
final class PluginLoader implements AutoCloseable {
  private static final List<Class<?>> SERVICES =
      List.of(EnvironmentFamily.class, ProcessorLibrary.class, ModelProviderFactory.class);

  private final List<Jar> files;
  private final URLClassLoader classes;

  private PluginLoader(List<Jar> files, URLClassLoader classes) {
    this.files = List.copyOf(files);
    this.classes = classes;
  }

  static PluginLoader open(List<PluginJar> jars) {
    List<String> services = SERVICES.stream().map(Class::getName).toList();
    List<Jar> files = new ArrayList<>();
    for (PluginJar jar : jars) {
      Jar file = new Jar(jar.jar(), services);
      if (files.stream().anyMatch(other -> other.path().equals(file.path()))) {
        throw new PluginException(
            "the plugin %s is named twice: leave one out".formatted(file.path()));
      }
      if (jar.sha256() != null && !jar.sha256().equals(file.contentHash())) {
        throw new PluginException(
            "the plugin %s has changed (content hash %s, was %s): put the old jar back, or begin another run with the new one"
                .formatted(file.path(), file.contentHash(), jar.sha256()));
      }
      files.add(file);
    }
    if (!files.isEmpty()
        && SERVICES.stream()
            .allMatch(type -> files.stream().allMatch(file -> file.classes(type).isEmpty()))) {
      throw new PluginException(
          "the plugin %s brings nothing: let a file in its META-INF/services name a class, as in META-INF/services/%s"
              .formatted(files.getFirst().path(), services.getFirst()));
    }
    URL[] places = files.stream().map(PluginLoader::place).toArray(URL[]::new);
    return new PluginLoader(
        files, new URLClassLoader("plugins", places, PluginLoader.class.getClassLoader()));
  }

  private static URL place(Jar file) {
    try {
      return file.path().toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The jars, with absolute paths and content hashes. */
  List<PluginJar> jars() {
    return files.stream().map(file -> new PluginJar(file.path(), file.contentHash())).toList();
  }

  /**
   * Hash of the code of all jars together, since any of them may use classes of the others; empty
   * where there are none.
   */
  String origin() {
    return files.isEmpty()
        ? ""
        : ContentHash.sha256(
            files.stream().map(Jar::contentHash).sorted().collect(Collectors.joining("\n")));
  }

  /** What serves without plugins, by the names of their classes. */
  <T> List<T> ours(Class<T> service) {
    return ServiceLoader.load(service, PluginLoader.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(one -> one.getClass().getName()))
        .toList();
  }

  /** What serves from the jars, in their order. */
  <T> List<Found<T>> found(Class<T> service) {
    List<Found<T>> found = new ArrayList<>();
    for (Jar file : files) {
      for (String name : file.classes(service)) {
        found.add(load(file, name, service));
      }
    }
    return found;
  }

  private <T> Found<T> load(Jar file, String name, Class<T> service) {
    try {
      Object instance = classes.loadClass(name).getConstructor().newInstance();
      if (!service.isInstance(instance)) {
        throw refused(
            file, name, "is no %s: let it implement the interface".formatted(service.getName()));
      }
      return new Found<>(file, name, service.cast(instance));
    } catch (ClassNotFoundException absent) {
      throw refused(file, name, "is not in the jar: add it, or correct META-INF/services", absent);
    } catch (ReflectiveOperationException | LinkageError broken) {
      Throwable reason = broken.getCause() == null ? broken : broken.getCause();
      throw refused(
          file,
          name,
          "cannot be made (%s): give it a public constructor without parameters that throws nothing, and build it against this version"
              .formatted(reason),
          broken);
    }
  }

  private static PluginException refused(Jar file, String name, String problem) {
    return new PluginException(
        "the class %s of the plugin %s %s".formatted(name, file.path(), problem));
  }

  private static PluginException refused(Jar file, String name, String problem, Throwable cause) {
    return new PluginException(
        "the class %s of the plugin %s %s".formatted(name, file.path(), problem), cause);
  }

  /** A service of a jar. */
  record Found<T>(Jar file, String name, T instance) {
    PluginException refused(String problem) {
      return PluginLoader.refused(file, name, problem);
    }

    /** Asks it for what it declares. */
    <R> R ask(Function<T, R> question) {
      try {
        return question.apply(instance);
      } catch (RuntimeException | LinkageError broken) {
        throw PluginLoader.refused(
            file,
            name,
            "does not say what it brings (%s): mend it, or build it against this version"
                .formatted(broken),
            broken);
      }
    }
  }

  @Override
  public void close() throws IOException {
    classes.close();
  }
}
