package dev.tandem.trainer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.author.Replies;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the meta-agent's language model said, a file each in the run's folder, which appears whole
 * before anything is made of it. A round that is played again reads them; of complete rounds they
 * are a record and nothing more, since what came of them is in the state.
 */
public final class StoredReplies implements Replies {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final Consumer<String> notes;

  /**
   * @param notes takes a line about a file that cannot be used
   */
  public StoredReplies(Path run, Consumer<String> notes) {
    this.folder = run.resolve(RunFiles.REPLIES);
    this.notes = notes;
  }

  @Override
  public Optional<Reply> find(String letter) {
    Path file = file(letter);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), Reply.class));
    } catch (JsonProcessingException e) {
      notes.accept("%s is damaged: the language model is asked again".formatted(file));
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void keep(String letter, Reply reply) {
    try {
      Files.createDirectories(folder);
      AtomicFiles.write(
          file(letter),
          (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(reply) + "\n")
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String letter) {
    return folder.resolve(letter + ".json");
  }
}
