package dev.tandem.benchmarks.bundle;

import dev.tandem.trainer.io.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Files on their way into a {@code .tar.gz}; equal files give equal bytes. */
final class Archive {
  private static final int EXECUTABLE = 0755;
  private static final int PLAIN = 0644;

  private final String root;
  private final Map<String, Entry> entries = new TreeMap<>();

  /** A file of the archive. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way into the archive
  private record Entry(byte[] content, int mode) {}

  /**
   * Begins an archive.
   *
   * @param root the one folder it unpacks to
   */
  Archive(String root) {
    this.root = root;
  }

  /**
   * Refuses a machine whose Java would be of no use to those that the archive is for.
   *
   * @throws BundleException if it is not Linux on x86-64
   */
  static void requireLinux() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      throw new BundleException(
          "the bundle carries this machine's Java and is for Linux amd64, this is %s: make it there"
              .formatted(system));
    }
  }

  void add(String name, byte[] content) {
    entries.put(name, new Entry(content, PLAIN));
  }

  void addText(String name, String text) {
    add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  void addScript(String name, String text) {
    entries.put(name, new Entry(text.getBytes(StandardCharsets.UTF_8), EXECUTABLE));
  }

  /** A Java runtime of these modules, in {@code runtime}. */
  void addRuntime(Path javaHome, List<String> modules) throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("tandem-bundle-");
    try {
      Path runtime = work.resolve("runtime");
      JavaRuntime.link(javaHome, modules, runtime);
      addTree("runtime/", runtime);
    } finally {
      remove(work);
    }
  }

  /** Links, which a runtime has among its licences, become copies. */
  private void addTree(String prefix, Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.filter(Files::isRegularFile).toList();
    }
    for (Path path : files) {
      entries.put(
          prefix + folder.relativize(path),
          new Entry(Files.readAllBytes(path), Files.isExecutable(path) ? EXECUTABLE : PLAIN));
    }
  }

  /** Writes it, whole or not at all, and answers its size in bytes. */
  long write(Path file) throws IOException {
    AtomicFiles.write(file, channel -> pack(Channels.newOutputStream(channel)));
    return Files.size(file);
  }

  private void pack(OutputStream out) throws IOException {
    // Closing would close the file that is still to be forced to the disk.
    GZIPOutputStream zipped = new GZIPOutputStream(out, 1 << 16);
    TarArchiveOutputStream tar = new TarArchiveOutputStream(zipped, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    for (var named : entries.entrySet()) {
      Entry entry = named.getValue();
      TarArchiveEntry header = new TarArchiveEntry(root + "/" + named.getKey());
      header.setModTime(0);
      header.setMode(entry.mode());
      header.setSize(entry.content().length);
      tar.putArchiveEntry(header);
      tar.write(entry.content());
      tar.closeArchiveEntry();
    }
    tar.finish();
    zipped.finish();
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
