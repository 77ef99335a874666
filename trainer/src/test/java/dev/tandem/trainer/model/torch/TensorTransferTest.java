package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.StoredTensor;
import dev.tandem.trainer.model.shape.Architecture;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.shape.RotaryEmbedding;
import dev.tandem.trainer.model.shape.WeightLayout;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversions of elements, and positions that an int cannot hold. */
final class TensorTransferTest {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @TempDir private Path directory;

  private static float[] singles(StoredTensor stored) throws IOException {
    List<Float> values = new ArrayList<>();
    TensorTransfer.shared()
        .convert(
            stored,
            ElementType.F32,
            bytes -> {
              while (bytes.hasRemaining()) {
                values.add(bytes.order(ByteOrder.LITTLE_ENDIAN).getFloat());
              }
            });
    return toArray(values);
  }

  private static float[] toArray(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  private static short[] halves(float[] values, ElementType type) throws IOException {
    short[] result = new short[values.length];
    int[] count = {0};
    TensorTransfer.shared()
        .convert(
            StoredTensor.of(values),
            type,
            bytes -> {
              while (bytes.hasRemaining()) {
                result[count[0]++] = bytes.order(ByteOrder.LITTLE_ENDIAN).getShort();
              }
            });
    return result;
  }

  private static StoredTensor everyPattern(Arena arena, ElementType type) {
    MemorySegment bytes = arena.allocate(2L * (1 << 16), Short.BYTES);
    for (int i = 0; i < 1 << 16; i++) {
      bytes.set(SHORT, 2L * i, (short) i);
    }
    return new StoredTensor(type, bytes);
  }

  @Test
  void readsEveryHalfSubnormalsInfinitiesAndNansIncluded() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      float[] values = singles(everyPattern(arena, ElementType.F16));
      for (int i = 0; i < values.length; i++) {
        assertThat(Float.floatToIntBits(values[i]))
            .as("%04x", i)
            .isEqualTo(Float.floatToIntBits(Float.float16ToFloat((short) i)));
      }
    }
  }

  @Test
  void readsEveryBfloat16() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      float[] values = singles(everyPattern(arena, ElementType.BF16));
      for (int i = 0; i < values.length; i++) {
        assertThat(Float.floatToRawIntBits(values[i])).as("%04x", i).isEqualTo(i << 16);
      }
    }
  }

  @Test
  void writesBackEveryPatternThatIsANumber() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      for (ElementType type : List.of(ElementType.F16, ElementType.BF16)) {
        float[] values = singles(everyPattern(arena, type));
        short[] bits = halves(values, type);
        for (int i = 0; i < bits.length; i++) {
          if (!Float.isNaN(values[i])) {
            assertThat(bits[i]).as("%s %04x", type, i).isEqualTo((short) i);
          }
        }
      }
    }
  }

  @Test
  void roundsToNearestEven() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[4096];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-30, 20)));
    }
    values[0] = 1 + 0x1p-11f; // halfway between two halves: to the even one, below
    values[1] = 1 + 3 * 0x1p-11f; // to the even one, above
    values[2] = 1 + 0x1p-8f; // the same two for bfloat16
    values[3] = 1 + 3 * 0x1p-8f;
    values[4] = 65_520; // past the largest half: infinite
    values[5] = 0x1p-25f; // halfway to the smallest subnormal half: zero
    short[] halves = halves(values, ElementType.F16);
    short[] brains = halves(values, ElementType.BF16);
    for (int i = 0; i < values.length; i++) {
      assertThat(halves[i]).as("%s", values[i]).isEqualTo(Float.floatToFloat16(values[i]));
      int bits = Float.floatToRawIntBits(values[i]);
      short even = (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
      assertThat(brains[i]).as("%s", values[i]).isEqualTo(even);
    }
    assertThat(halves[4]).isEqualTo((short) 0x7C00);
  }

  @Test
  void keepsInfinitiesAndNansApart() throws IOException {
    float[] values = {
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      -0f,
      Float.intBitsToFloat(0x7F800001)
    };
    short[] halves = halves(values, ElementType.F16);
    assertThat(halves[0]).isEqualTo((short) 0x7C00);
    assertThat(halves[1]).isEqualTo((short) 0xFC00);
    assertThat(Float.float16ToFloat(halves[2])).isNaN();
    assertThat(halves[3]).isEqualTo((short) 0x8000);
    assertThat(Float.float16ToFloat(halves[4])).isNaN();
    short[] brains = halves(values, ElementType.BF16);
    assertThat(brains[0]).isEqualTo((short) 0x7F80);
    assertThat(brains[1]).isEqualTo((short) 0xFF80);
    assertThat(Float.intBitsToFloat(brains[2] << 16)).isNaN();
    assertThat(brains[3]).isEqualTo((short) 0x8000);
    assertThat(Float.intBitsToFloat(brains[4] << 16))
        .isNaN(); // its payload is all in the lost half
  }

  @Test
  void movesMoreElementsThanOneSlice() throws IOException {
    int count = (1 << 22) + 7;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    SplittableRandom random = new SplittableRandom(1);
    float[] moved = singles(StoredTensor.of(values));
    assertThat(moved).hasSize(count);
    assertThat(moved[count - 1]).isEqualTo(count - 1f);
    for (int i = 0; i < 1000; i++) {
      int at = random.nextInt(count);
      assertThat(moved[at]).isEqualTo((float) at);
    }
  }

  @Test
  void findsElementsBeyondTwoToTheThirtyFirst() throws IOException {
    long elements = (1L << 31) + 100;
    String header =
        ("{\"big\":{\"dtype\":\"BF16\",\"shape\":[2147483748],\"data_offsets\":[0,%d]},"
                + "\"tail\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}")
            .formatted(2 * elements, 2 * elements, 2 * elements + 4);
    Path file = directory.resolve("sparse.safetensors");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      sparse.writeLong(Long.reverseBytes(json.length));
      sparse.write(json);
      long data = sparse.getFilePointer();
      sparse.seek(data + 2 * (elements - 1));
      sparse.writeShort(Short.reverseBytes((short) 0x3FC0)); // 1.5
      sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(-7f)));
    }
    try (Safetensors tensors = Safetensors.open(file)) {
      StoredTensor big = tensors.tensor("big");
      assertThat(big.elements()).isEqualTo(elements);
      assertThat(singles(big.slice(elements - 3, elements))).containsExactly(0f, 0f, 1.5f);
      assertThat(singles(tensors.tensor("tail"))).containsExactly(-7f);
    }
  }

  @Test
  void countsElementsBeyondTwoToTheThirtyFirst() {
    ModelSpec spec =
        new ModelSpec(
            Architecture.LLAMA,
            /* vocabularySize= */ 1_000_000,
            /* hiddenSize= */ 8192,
            /* layers= */ 1,
            /* attentionHeads= */ 64,
            /* keyValueHeads= */ 64,
            /* headDimension= */ 128,
            /* mlpSize= */ 300_000,
            /* maxPositions= */ 64,
            1e-5,
            /* tiedEmbeddings= */ true,
            new RotaryEmbedding(10_000, new RotaryEmbedding.Unscaled()),
            0.02);
    long embedding = 1_000_000L * 8192;
    long attention = 4L * 8192 * 8192;
    long mlp = 3L * 300_000 * 8192;
    assertThat(spec.parameters()).isEqualTo(embedding + attention + mlp + 3 * 8192);
    assertThat(WeightLayout.of(spec).slotsByName())
        .filteredOn(slot -> slot.name().endsWith("up_proj.weight"))
        .singleElement()
        .satisfies(slot -> assertThat(slot.offset()).isEqualTo(300_000L * 8192));
  }
}
