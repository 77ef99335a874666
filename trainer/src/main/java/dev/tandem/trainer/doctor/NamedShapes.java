package dev.tandem.trainer.doctor;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Shapes of published models, so that their memory can be told before they are downloaded. */
public final class NamedShapes {
  private static final Map<String, ModelSpec> SHAPES = shapes();

  private NamedShapes() {}

  private static Map<String, ModelSpec> shapes() {
    Map<String, ModelSpec> shapes = new TreeMap<>();
    shapes.put("qwen2.5-0.5b", qwen25(151_936, 896, 24, 14, 2, 64, 4_864, true));
    shapes.put("qwen2.5-1.5b", qwen25(151_936, 1_536, 28, 12, 2, 128, 8_960, true));
    shapes.put("qwen2.5-3b", qwen25(151_936, 2_048, 36, 16, 2, 128, 11_008, true));
    shapes.put("qwen2.5-7b", qwen25(152_064, 3_584, 28, 28, 4, 128, 18_944, false));
    return Collections.unmodifiableMap(shapes);
  }

  private static ModelSpec qwen25(
      int vocabulary,
      int hidden,
      int layers,
      int heads,
      int keyValueHeads,
      int headDimension,
      int mlp,
      boolean tied) {
    return new ModelSpec(
        Architecture.QWEN2,
        vocabulary,
        hidden,
        layers,
        heads,
        keyValueHeads,
        headDimension,
        mlp,
        /* maxPositions= */ 32_768,
        /* normEpsilon= */ 1e-6,
        tied,
        new RotaryEmbedding(1_000_000, new RotaryEmbedding.Unscaled()),
        /* initializerRange= */ 0.02);
  }

  /**
   * The shape that a name or a folder stands for.
   *
   * @param model a name such as {@code qwen2.5-7b}, or a folder that has at least a config.json
   * @throws IllegalArgumentException if it is neither
   * @throws CheckpointException if the folder's config.json cannot be used
   */
  public static ModelSpec of(String model) {
    ModelSpec named = SHAPES.get(model.toLowerCase(Locale.ROOT));
    if (named != null) {
      return named;
    }
    Path config = Path.of(model).resolve("config.json");
    if (!Files.isRegularFile(config)) {
      throw new IllegalArgumentException(
          "%s is no folder with a config.json and no shape that is known here; name a folder, or one of %s"
              .formatted(model, String.join(", ", SHAPES.keySet())));
    }
    return ModelSpec.read(config);
  }
}
