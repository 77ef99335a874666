package dev.tandem.benchmarks.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A jar of what lies beside a class, which came from a folder or from a jar; equal classes give
 * equal bytes.
 */
final class ClassArchive {
  /** The earliest date a jar can hold. */
  private static final LocalDateTime DATE = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ClassArchive() {}

  /** All that the class came with. */
  static byte[] of(Class<?> type) throws IOException {
    return archive(type, name -> true);
  }

  /** Of all that the classes came with, their own packages; the classes are of one origin. */
  static byte[] ofPackages(Class<?> first, Class<?>... others) throws IOException {
    List<String> folders =
        Stream.concat(Stream.of(first), Stream.of(others))
            .map(type -> type.getPackageName().replace('.', '/') + "/")
            .toList();
    return archive(first, name -> folders.contains(name.substring(0, name.lastIndexOf('/') + 1)));
  }

  /** All of a folder of classes. */
  static byte[] ofFolder(Path folder) throws IOException {
    return packed(folder, name -> true);
  }

  private static byte[] archive(Class<?> type, Predicate<String> wanted) throws IOException {
    Path origin = origin(type);
    if (Files.isDirectory(origin)) {
      return packed(origin, wanted);
    }
    try (FileSystem jar = FileSystems.newFileSystem(origin)) {
      return packed(jar.getPath("/"), wanted);
    }
  }

  private static Path origin(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new BundleException(
          type.getName() + " came from no file; run ./tandem from a checkout");
    }
    try {
      return Path.of(source.getLocation().toURI());
    } catch (URISyntaxException odd) {
      throw new BundleException("the class path holds an odd address: " + source.getLocation());
    }
  }

  private static byte[] packed(Path root, Predicate<String> wanted) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(root)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
      for (Path file : files) {
        String name = root.relativize(file).toString().replace('\\', '/');
        if (wanted.test(name)) {
          ZipEntry entry = new ZipEntry(name);
          entry.setTimeLocal(DATE);
          jar.putNextEntry(entry);
          Files.copy(file, jar);
          jar.closeEntry();
        }
      }
    }
    return bytes.toByteArray();
  }
}
