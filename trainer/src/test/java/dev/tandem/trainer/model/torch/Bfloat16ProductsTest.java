package dev.tandem.trainer.model.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Bfloat16ProductsTest {

  @ParameterizedTest
  @CsvSource({
    "avx2 avx512f, WIDENED",
    "avx512f avx512_bf16, NATIVE",
    "avx2 amx_bf16, NATIVE",
    "asimd, WIDENED",
    "asimd bf16, NATIVE"
  })
  void goByTheInstructionsOfTheChip(String flags, Bfloat16Products fastest) {
    CpuFacts cpu = new CpuFacts("", Set.of(flags.split(" ", -1)));
    assertThat(Bfloat16Products.fastest(Device.cpu(), cpu)).isEqualTo(fastest);
    assertThat(Bfloat16Products.fastest(Device.gpu(0), cpu)).isEqualTo(Bfloat16Products.NATIVE);
  }

  @ParameterizedTest
  @CsvSource({"BFLOAT16, WIDENED, true", "BFLOAT16, NATIVE, false", "FLOAT32, WIDENED, false"})
  void concernBfloat16Alone(Precision precision, Bfloat16Products products, boolean widened) {
    Execution execution = Execution.cpu(1).withPrecision(precision).withBfloat16Products(products);
    assertThat(execution.widensProducts()).isEqualTo(widened);
  }
}
