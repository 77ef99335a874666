package dev.tandem.trainer.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.trainer.io.AtomicFiles;
import dev.tandem.trainer.io.Damage;
import dev.tandem.trainer.io.DamagedStateException;
import dev.tandem.trainer.io.FileSeal;
import dev.tandem.trainer.io.Manifest;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.model.file.WeightFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a folder that a run wrote is: its format, and whether it holds a whole model or an adapter
 * to one that lies elsewhere. A folder without this file is of the first format, or no run's, and
 * holds a whole model.
 *
 * @param format of the checkpoint as a whole; the manifest has one of its own
 * @param base the model that the adapter belongs to; null where the folder needs no other
 */
public record CheckpointRecord(int format, @Nullable Base base) {
  /** Its name in the folder. */
  public static final String NAME = "tandem-checkpoint.json";

  /** Since 2 a checkpoint says its format, and one of an adapter has no copy of the base. */
  static final int FORMAT = 2;

  /** Beside the weights: what decides which tokens a model reads and where it ends. */
  private static final List<String> COMPANIONS =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "chat_template.jinja",
          "model.safetensors.index.json");

  private static final ObjectMapper JSON = new JsonMapper();

  /**
   * A model by reference.
   *
   * @param folder absolute, or relative to the checkpoint
   * @param files its weights, configuration and tokenizer, as they were
   */
  public record Base(
      @JsonProperty("folder") String folder,
      @JsonProperty("files") SortedMap<String, FileSeal> files) {
    /** Copies the map. */
    public Base {
      files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * A folder as it is now, or as its manifest says.
     *
     * @param folder as the checkpoint is to name it
     * @param at where that is
     */
    public static Base of(String folder, Path at) throws IOException {
      List<String> names = new ArrayList<>();
      if (CheckpointRecord.of(at).base() != null) {
        names.add(NAME);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
          names.add(RunFiles.ADAPTER + "/" + file);
        }
      } else {
        WeightFiles.locate(at).forEach(file -> names.add(String.valueOf(file.getFileName())));
        COMPANIONS.stream().filter(name -> Files.exists(at.resolve(name))).forEach(names::add);
      }
      if (!Manifest.isIn(at)) {
        return new Base(folder, Manifest.seals(at, names));
      }
      SortedMap<String, FileSeal> sealed = new TreeMap<>(Manifest.read(at).files());
      sealed.keySet().retainAll(names);
      return new Base(folder, sealed);
    }

    /** Where it lies, seen from a checkpoint. */
    public Path at(Path checkpoint) {
      return checkpoint.toAbsolutePath().resolve(folder).normalize();
    }

    /**
     * Compares it with what the adapter was trained on, every byte.
     *
     * @throws DamagedStateException naming the first file that differs
     */
    public void verify(Path checkpoint) {
      Path at = at(checkpoint);
      Manifest.damage(at, files)
          .findFirst()
          .ifPresent(
              damage -> {
                throw damage.exception(
                    "put back what the adapter in %s was trained on".formatted(checkpoint));
              });
      Base own = CheckpointRecord.of(at).base();
      if (own != null) {
        own.verify(at);
      }
    }
  }

  /** What the file has. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Page(
      @JsonProperty("format") int format,
      @JsonProperty("holds") String holds,
      @JsonProperty("base") @Nullable Base base) {}

  /**
   * That of a folder.
   *
   * @throws DamagedStateException when it cannot be read, or a later build wrote it
   */
  public static CheckpointRecord of(Path folder) {
    Path file = folder.resolve(NAME);
    if (Files.notExists(file)) {
      return new CheckpointRecord(1, null);
    }
    try {
      JsonNode page = JSON.readTree(Files.readString(file));
      int format = page.path("format").asInt();
      if (format > FORMAT) {
        throw new DamagedStateException(
            new Damage(
                file, "has format %d and this build reads at most %d".formatted(format, FORMAT)),
            "use the build that wrote it, or a newer one");
      }
      return new CheckpointRecord(format, JSON.treeToValue(page, Page.class).base());
    } catch (JsonProcessingException e) {
      throw new Damage(file, "is damaged: it says nothing of a checkpoint").exception();
    } catch (IOException e) {
      throw new Damage(file, "cannot be read (%s)".formatted(e.getMessage())).exception();
    }
  }

  /**
   * Writes that of a folder.
   *
   * @param base null for a folder that needs no other
   */
  public static void write(Path folder, @Nullable Base base) throws IOException {
    String holds = base == null ? "model" : "adapter";
    AtomicFiles.write(
        folder.resolve(NAME),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(new Page(FORMAT, holds, base))
            + "\n");
  }
}
