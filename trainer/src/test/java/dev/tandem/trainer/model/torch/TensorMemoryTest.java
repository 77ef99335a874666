package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

final class TensorMemoryTest {

  private final PtNDManager manager =
      (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());

  @Test
  void eachSideSeesWhatTheOtherWrites() {
    try (manager;
        Arena arena = Arena.ofConfined()) {
      NDArray tensor = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      Matrix view = TensorMemory.matrix(tensor, arena);
      assertThat(view.rows()).isEqualTo(2);
      assertThat(view.row(1).get(2)).isEqualTo(6);

      view.row(1).set(0, 40);
      assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 40, 5, 6);

      tensor.muli(2);
      assertThat(view.row(0).get(1)).isEqualTo(4);
      assertThat(view.row(1).get(0)).isEqualTo(80);
    }
  }

  @Test
  void kernelsRunOnATensorInPlace() {
    try (manager;
        Arena arena = Arena.ofConfined()) {
      NDArray logits = manager.randomNormal(new Shape(5, 33));
      int[] ids = {0, 32, 7, 8, 9};
      NDArray results = manager.zeros(new Shape(5));
      Kernels.best()
          .run(
              new SelectedLogProbs(
                  TensorMemory.matrix(logits, arena),
                  Values.of(ids),
                  1,
                  TensorMemory.values(results, arena),
                  null,
                  null));
      float[] expected = logits.logSoftmax(1).toFloatArray();
      float[] actual = results.toFloatArray();
      for (int row = 0; row < ids.length; row++) {
        assertThat(actual[row]).isCloseTo(expected[row * 33 + ids[row]], within(1e-5f));
      }
    }
  }

  @Test
  void knowsEveryTypeTheKernelsKnow() {
    try (manager;
        Arena arena = Arena.ofConfined()) {
      assertThat(typeOf(manager.create(new double[] {1}), arena)).isEqualTo(ArrayElement.F64);
      assertThat(typeOf(manager.create(new int[] {1}), arena)).isEqualTo(ArrayElement.I32);
      assertThat(typeOf(manager.create(new long[] {1}), arena)).isEqualTo(ArrayElement.I64);
      assertThat(typeOf(manager.create(new boolean[] {true}), arena)).isEqualTo(ArrayElement.BOOL);
      assertThatThrownBy(
              () ->
                  TensorMemory.values(
                      manager.create(new float[] {1}).toType(DataType.FLOAT16, true), arena))
          .hasMessageContaining("convert it first");
    }
  }

  @Test
  void aViewEndsWithItsArena() {
    try (manager) {
      NDArray tensor = manager.create(new float[] {1});
      Values view;
      try (Arena arena = Arena.ofConfined()) {
        view = TensorMemory.values(tensor, arena);
      }
      assertThatThrownBy(() -> view.get(0)).isInstanceOf(IllegalStateException.class);
      assertThat(tensor.getFloat(0)).isEqualTo(1);
    }
  }

  @Test
  void refusesATensorWithGaps() {
    try (manager;
        Arena arena = Arena.ofConfined()) {
      NDArray transposed = manager.zeros(new Shape(2, 3)).transpose();
      assertThatThrownBy(() -> TensorMemory.matrix(transposed, arena))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has gaps between its elements");
    }
  }

  private static ArrayElement typeOf(NDArray tensor, Arena arena) {
    return TensorMemory.values(tensor, arena).type();
  }
}
