package dev.tandem.trainer.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that the command line names: what is wrong with it is the user's to put right. */
final class InputFile {
  private InputFile() {}

  /** A file that another one names, relative to its own folder. */
  static Path beside(Path file, String name) {
    return file.toAbsolutePath().resolveSibling(name).normalize();
  }

  /**
   * Reads it.
   *
   * @param kind what is wanted, such as {@code a JSON file}
   * @throws UserException when it is not there, a folder, or no text
   */
  static String text(Path file, String kind) throws IOException {
    if (Files.isDirectory(file)) {
      throw UserException.usage("%s is a folder; name %s".formatted(file, kind));
    }
    if (!Files.exists(file)) {
      throw UserException.usage("%s does not exist; name %s".formatted(file, kind));
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw UserException.usage("%s is not UTF-8 text; name %s".formatted(file, kind));
    }
  }

  /**
   * Checks before the work that a file can be written when it is done.
   *
   * @param option that names it
   */
  static void requireWritable(String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
      throw UserException.usage(
          "%s %s cannot be written to; name a file in a folder where you may write"
              .formatted(option, file));
    }
  }

  /**
   * Checks before the work that a folder can be made when it is done.
   *
   * @param option that names it
   */
  static void requireFree(String option, Path folder) {
    Path existing = folder.toAbsolutePath().normalize();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw UserException.usage(
          "%s %s cannot be written to, because %s is %s; name a folder where you may write"
              .formatted(
                  option,
                  folder,
                  existing,
                  existing != null && Files.isDirectory(existing) ? "write-protected" : "a file"));
    }
  }
}
