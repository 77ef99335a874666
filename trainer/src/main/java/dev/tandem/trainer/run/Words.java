package dev.tandem.trainer.run;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.oversight.Word;
import dev.tandem.aegis.oversight.WordException;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What people said about edits that wait, a file each in the run's folder. A file appears whole, is
 * read at the beginning of a round and never changed: a round that is played again hears the same.
 */
public final class Words {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;

  public Words(Path run) {
    this.folder = run.resolve(RunFiles.WORDS);
  }

  /** Where the word on an edit is. */
  public Path file(String candidate) {
    return folder.resolve(candidate + ".json");
  }

  /**
   * The word on an edit, if it has been spoken.
   *
   * @throws WordException when its file is none
   */
  public Optional<Word> on(String candidate) throws IOException {
    Path file = file(candidate);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      return Optional.of(JSON.readValue(bytes, Word.class));
    } catch (IOException e) {
      throw new WordException(
          "%s is not what tandem approve or tandem reject writes: remove it and say it again"
              .formatted(file));
    }
  }

  /** Puts a word down. */
  public void say(Word word) throws IOException {
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(word) + "\n";
    AtomicFiles.write(file(word.candidate()), text.getBytes(StandardCharsets.UTF_8));
  }
}
