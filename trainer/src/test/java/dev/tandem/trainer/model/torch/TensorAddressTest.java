package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the CPU, where the answer can be checked; the function is the same for a GPU's tensors. */
final class TensorAddressTest {
  @BeforeAll
  static void onLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "the symbol is that of Linux");
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, F32",
    "FLOAT64, F64",
    "INT32, I32",
    "INT64, I64",
    "BOOLEAN, BOOL",
  })
  void libtorchAnswersWhereTheElementsLie(DataType dataType, ArrayElement type) {
    try (PtNDManager manager =
            (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        Arena arena = Arena.ofConfined()) {
      NDArray tensor = manager.ones(new Shape(4, 3), dataType);
      Values view = TensorMemory.values(tensor, arena);
      assertThat(TensorAddress.of((PtNDArray) tensor, type)).isEqualTo(view.segment().address());

      NDArray tail = tensor.get(new NDIndex("2:"));
      assertThat(TensorAddress.of((PtNDArray) tail, type))
          .isEqualTo(view.segment().address() + 6L * type.bytes());
    }
  }
}
