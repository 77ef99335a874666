package dev.tandem.rollout.store;

import dev.tandem.harness.durable.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a run's segments lie. */
record SegmentFolder(Path path) {
  static final String NAME = "traces";

  static SegmentFolder of(Path run) {
    return new SegmentFolder(run.resolve(NAME));
  }

  boolean exists() {
    return Files.isDirectory(path);
  }

  Path file(SegmentName segment) {
    return path.resolve(segment.fileName());
  }

  /** The segments there are, in order. */
  List<SegmentName> segments() throws IOException {
    return fileNames().stream()
        .flatMap(name -> SegmentName.ofFile(name).stream())
        .sorted()
        .toList();
  }

  /** What killed writes left. */
  List<Path> leftOvers() throws IOException {
    return fileNames().stream().filter(SegmentFile::isLeftOver).map(path::resolve).toList();
  }

  /** Makes what was renamed or deleted in it survive a power cut. */
  void force() throws IOException {
    DurableFiles.forceFolder(path);
  }

  private List<String> fileNames() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }
}
