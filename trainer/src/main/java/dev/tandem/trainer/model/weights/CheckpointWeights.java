package dev.tandem.trainer.model.weights;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.Listing;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.file.TensorSource;
import dev.tandem.trainer.model.file.WeightFiles;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.TensorTransfer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A Hugging Face directory's weights, checked against its config.json: exactly the model's tensors,
 * in one file or in shards.
 */
public final class CheckpointWeights implements TensorSource, AutoCloseable {

  private static final String OUTPUT_PROJECTION = "lm_head.weight";
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private final WeightLayout layout;
  private final List<Safetensors> files = new ArrayList<>();
  private final Map<String, Safetensors> fileByTensor = new HashMap<>();

  private CheckpointWeights(WeightLayout layout) {
    this.layout = layout;
  }

  /**
   * Maps the files.
   *
   * @throws CheckpointException when one is missing or damaged; when tensors are missing, unknown,
   *     misshapen or there twice, all of which are listed at once
   */
  public static CheckpointWeights open(Path directory, ModelSpec spec) {
    CheckpointWeights weights = new CheckpointWeights(WeightLayout.of(spec));
    boolean complete = false;
    try {
      List<String> problems = new ArrayList<>();
      for (Path file : WeightFiles.locate(directory)) {
        Safetensors tensors = Safetensors.open(file);
        weights.files.add(tensors);
        for (String name : tensors.entries().keySet()) {
          Safetensors other = weights.fileByTensor.put(name, tensors);
          if (other != null) {
            problems.add(
                "%s is in %s and in %s"
                    .formatted(name, other.file().getFileName(), file.getFileName()));
          }
        }
      }
      weights.requireOneOutputProjection(directory, spec);
      weights.compare(spec, problems);
      if (!problems.isEmpty()) {
        throw new CheckpointException(
            directory,
            "the tensors don't match config.json (%s); use a config.json and weights of one checkpoint"
                .formatted(Listing.of(problems)));
      }
      complete = true;
      return weights;
    } finally {
      if (!complete) {
        weights.close();
      }
    }
  }

  /**
   * Whether the output projection is the embedding is said twice: by config.json and by tensors.
   */
  private void requireOneOutputProjection(Path directory, ModelSpec spec) {
    Safetensors projection = fileByTensor.get(OUTPUT_PROJECTION);
    Safetensors embedding = fileByTensor.get(EMBEDDING);
    if (!spec.tiedEmbeddings() && projection == null && embedding != null) {
      throw new CheckpointException(
          directory.resolve("config.json"),
          "tie_word_embeddings false contradicts the weights, which have no %s; set it to true if the model's output projection is its embedding, else copy the missing weights"
              .formatted(OUTPUT_PROJECTION));
    }
    if (spec.tiedEmbeddings()
        && projection != null
        && embedding != null
        && !same(projection, embedding)) {
      throw new CheckpointException(
          directory.resolve("config.json"),
          "tie_word_embeddings true contradicts the weights, whose %s differs from %s; set it to false if the model has a projection of its own, else remove that tensor"
              .formatted(OUTPUT_PROJECTION, EMBEDDING));
    }
  }

  private static boolean same(Safetensors projection, Safetensors embedding) {
    boolean[] same = {false};
    projection.lend(
        OUTPUT_PROJECTION,
        one ->
            embedding.lend(
                EMBEDDING,
                other ->
                    same[0] =
                        one.type() == other.type() && one.bytes().mismatch(other.bytes()) == -1));
    return same[0];
  }

  private void compare(ModelSpec spec, List<String> problems) {
    Set<String> unknown = new HashSet<>(fileByTensor.keySet());
    for (WeightLayout.Slot slot : layout.slotsByName()) {
      unknown.remove(slot.name());
      Safetensors file = fileByTensor.get(slot.name());
      Safetensors.Entry entry = file == null ? null : file.entries().get(slot.name());
      if (entry == null) {
        problems.add("missing " + slot.name());
      } else if (!entry.shape().equals(slot.shape())) {
        problems.add(
            "%s has shape %s where config.json asks for %s"
                .formatted(slot.name(), entry.shape(), slot.shape()));
      }
    }
    if (spec.tiedEmbeddings()) {
      unknown.remove(OUTPUT_PROJECTION); // some writers store the tied matrix twice
    }
    new TreeSet<>(unknown).forEach(name -> problems.add("unknown " + name));
  }

  @Override
  public void lend(String name, Consumer<StoredTensor> reader) {
    Safetensors file = fileByTensor.get(name);
    if (file == null) {
      throw new IllegalArgumentException("no file has " + name);
    }
    file.lend(name, reader);
  }

  /** The model's tensors by name, to be written to a file as {@code written}. */
  public Map<String, SafetensorsWriter.Tensor> byName(ElementType written) {
    Map<String, SafetensorsWriter.Tensor> byName = new TreeMap<>();
    for (WeightLayout.Slot slot : layout.slots()) {
      byName.put(
          slot.name(),
          new SafetensorsWriter.Tensor(
              written, slot.shape(), sink -> write(slot.name(), written, sink)));
    }
    return byName;
  }

  private void write(String name, ElementType written, SafetensorsWriter.Sink sink)
      throws IOException {
    try {
      lend(
          name,
          stored -> {
            try {
              TensorTransfer.shared().convert(stored, written, sink);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void close() {
    files.forEach(Safetensors::close);
  }
}
