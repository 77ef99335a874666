package dev.tandem.harness.spi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The door for processor types from outside: an implementation with a public constructor without
 * parameters, named in {@code META-INF/services/dev.tandem.harness.spi.ProcessorLibrary} of its
 * jar. The built-in types come through the same door.
 */
public interface ProcessorLibrary {
  /** The library's types; their ids must not be taken by another library. */
  List<ProcessorType> types();

  /**
   * Every word that the types' texts add to an environment's own under default parameters, for
   * models whose vocabulary is made to measure.
   */
  default Set<String> vocabulary() {
    return Set.of();
  }

  /** The types of all libraries that come with Tandem, in a fixed order. */
  static List<ProcessorType> builtIn() {
    return libraries(ProcessorLibrary.class.getClassLoader()).stream()
        .flatMap(library -> library.types().stream())
        .toList();
  }

  /** All libraries that a class loader sees, in the order of their names. */
  static List<ProcessorLibrary> libraries(ClassLoader loader) {
    List<ProcessorLibrary> found = new ArrayList<>();
    ServiceLoader.load(ProcessorLibrary.class, loader).forEach(found::add);
    found.sort(Comparator.comparing(library -> library.getClass().getName()));
    return List.copyOf(found);
  }
}
