package dev.tandem.trainer.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The jar that a class came from; a folder of classes is made into one. */
final class ClassArchive {
  /** The earliest date a jar can hold, so that equal classes give equal bytes. */
  private static final LocalDateTime DATE = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ClassArchive() {}

  static byte[] of(Class<?> type) throws IOException {
    Path origin = origin(type);
    return Files.isDirectory(origin) ? packed(origin) : Files.readAllBytes(origin);
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

  private static byte[] packed(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
      for (Path file : files) {
        ZipEntry entry = new ZipEntry(folder.relativize(file).toString().replace('\\', '/'));
        entry.setTimeLocal(DATE);
        jar.putNextEntry(entry);
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
