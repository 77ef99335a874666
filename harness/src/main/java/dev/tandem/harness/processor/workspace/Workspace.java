package dev.tandem.harness.processor.workspace;

import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Slots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder that an episode works on. It is found by the thread that runs the episode, so that
 * tools, which are shared by all episodes, reach the right one.
 */
public final class Workspace implements AutoCloseable {
  private static final ThreadLocal<Workspace> CURRENT = new ThreadLocal<>();

  private final Path folder;

  /** Whether it is the episode's own and goes with it. */
  private final boolean own;

  private Workspace(Path folder, boolean own) {
    this.folder = folder;
    this.own = own;
  }

  /** The workspace of the episode that this thread runs; empty when it has none. */
  public static Optional<Workspace> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /**
   * Makes the workspace that the slots ask for this thread's.
   *
   * @throws HarnessException when its path is no folder
   * @throws IllegalArgumentException when they ask for none
   */
  static Workspace open(Slots slots) {
    Workspace opened =
        switch (slots.workspace()) {
          case NONE -> throw new IllegalArgumentException("the slots ask for no workspace");
          case SCRATCH -> new Workspace(scratch(), true);
          case COPY -> new Workspace(copy(source(slots)), true);
          case SHARED -> new Workspace(source(slots), false);
        };
    CURRENT.set(opened);
    return opened;
  }

  /**
   * A file of the workspace, there or not.
   *
   * @throws IllegalArgumentException when the path leads out of it, by {@code ..} or by a link, or
   *     a link leads nowhere
   */
  public Path resolve(String path) {
    Path file = folder.resolve(path).normalize();
    try {
      if (file.startsWith(folder) && existing(file).toRealPath().startsWith(folder)) {
        return file;
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("'%s' cannot be looked at".formatted(path), e);
    }
    throw new IllegalArgumentException(
        "'%s' is outside the workspace: give a path relative to it".formatted(path));
  }

  /** The path itself, be it a link to nowhere, or the nearest folder above it that is there. */
  private static Path existing(Path file) {
    Path parent = file.getParent();
    return parent == null || Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        ? file
        : existing(parent);
  }

  /** The files in it, by relative path, sorted. */
  public List<String> files() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the workspace " + folder + " cannot be read", e);
    }
  }

  /** Leaves a shared folder as it is and deletes one of the episode's own. */
  @Override
  public void close() {
    CURRENT.remove();
    if (own) {
      try {
        delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException("the workspace " + folder + " cannot be deleted", e);
      }
    }
  }

  private static Path source(Slots slots) {
    Path source = Path.of(slots.workspacePath());
    if (slots.workspacePath().isEmpty() || !Files.isDirectory(source)) {
      throw new HarnessException(
          "the slot 'workspace_path' must name a folder, was '%s'"
              .formatted(slots.workspacePath()));
    }
    try {
      return source.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("the folder " + source + " cannot be read", e);
    }
  }

  private static Path scratch() {
    try {
      return Files.createTempDirectory("tandem-workspace-").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("no workspace can be made", e);
    }
  }

  private static Path copy(Path source) {
    Path target = scratch();
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.skip(1).toList()) {
        Files.copy(file, target.resolve(source.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the folder " + source + " cannot be copied", e);
    }
    return target;
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException exception)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
