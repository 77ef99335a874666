package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.MemorySegment;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Wrong arguments are refused in one sentence, before any memory is touched. */
final class RefusalTest {
  private final Values three = Values.of(new double[3]);

  @Test
  void arraysThatDoNotFit() {
    refused(
        () -> new Values(MemorySegment.ofArray(new byte[7]), ArrayElement.F32, 2, Place.HOST),
        "2 elements of F32 need 8 bytes, the segment has 7");
    refused(
        () -> Matrix.of(MemorySegment.ofArray(new float[5]), ArrayElement.F32, 2, 3),
        "2 x 3 elements of F32 with stride 3 need 24 bytes, the segment has 20");
    refused(
        () -> new MaskedWhitening(three, null, 0, Values.of(new double[2])),
        "whitened must have 3 entries, had 2");
    refused(
        () -> new MaskedWhitening(three, null, 0, Values.of(new float[3])),
        "whitened must be of type F64, was F32");
    refused(
        () -> new Convert(Values.of(new double[1]), three),
        "from must be of type F32 or BF16, was F64");
  }

  @Test
  void arraysThatOverlap() {
    Values four = Values.of(new double[4]);
    refused(
        () -> new MaskedWhitening(four.slice(0, 3), null, 0, four.slice(1, 4)),
        "whitened must share no memory with values: give it an array of its own");
  }

  @Test
  void outputsThatCannotBeWritten() {
    Values readOnly =
        Values.of(MemorySegment.ofArray(new double[3]).asReadOnly(), ArrayElement.F64);
    refused(
        () -> new MaskedWhitening(three, null, 0, readOnly),
        "whitened is written to, but its segment is read-only");
  }

  @Test
  void offsetsAndIdsOutOfRange() {
    refused(
        () -> Kernels.scalar().run(groups(0, 2)),
        "offsets must start at 0 and end at the number of values, 3; were from 0 to 2");
    refused(
        () -> Kernels.scalar().run(groups(0, 4, 3)),
        "offsets must not fall, fell from 4 to 3 at entry 2");
    Matrix logits = Matrix.of(MemorySegment.ofArray(new double[4]), ArrayElement.F64, 1, 4);
    refused(
        () ->
            Kernels.scalar()
                .run(
                    new SelectedLogProbs(
                        logits, Values.of(new int[] {4}), 1, Values.of(new double[1]), null, null)),
        "token id of row 0 must be in [0, 4), was 4");
  }

  @Test
  void memoryThatTheBackendDoesNotReach() {
    Values far = new Values(MemorySegment.NULL, ArrayElement.F64, 0, Place.DEVICE);
    refused(
        () -> Kernels.scalar().run(new MaskedWhitening(far, null, 0, far)),
        "MaskedWhitening lies in DEVICE memory, which the scalar backend does not reach: run it on"
            + " another backend");
    Values none = Values.of(new double[0]);
    refused(
        () -> new MaskedWhitening(far, null, 0, none),
        "whitened must lie in DEVICE memory as the other arrays do, was in HOST memory");
  }

  @Test
  void settingsOutOfRange() {
    refused(() -> new ClipBounds(1.5, 0.2, 3), "clip low must be in [0, 1], was 1.5");
    refused(
        () -> new ClipBounds(0.2, Double.NaN, 3),
        "clip high must be finite and at least 0, was NaN");
    refused(
        () -> new ClipBounds(0.2, 0.2, 1),
        "dual clip must be above 1 (infinity switches it off), was 1.0");
    refused(
        () -> new MaskedWhitening(three, null, -1, three),
        "epsilon must be finite and at least 0, was -1.0");
  }

  private NormaliseGroups groups(int... offsets) {
    return new NormaliseGroups(
        three, Values.of(offsets), GroupNormalisation.MEAN, 0, three, Values.of(new long[1]));
  }

  private static void refused(ThrowingCallable call, String sentence) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }
}
