package dev.tandem.kernels.operation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BFloat16Test {
  @Test
  void roundsTiesToEvenAndKeepsNaN() {
    assertThat(bits(0x3F80_8000)).isEqualTo(0x3F80);
    assertThat(bits(0x3F81_8000)).isEqualTo(0x3F82);
    assertThat(bits(0x3F80_8001)).isEqualTo(0x3F81);
    assertThat(bits(0x3F80_7FFF)).isEqualTo(0x3F80);
    assertThat(bits(0x7F7F_FFFF)).as("too large").isEqualTo(0x7F80);
    assertThat(bits(0x0000_8001)).as("denormal").isEqualTo(0x0001);
    assertThat(bits(0xFF80_0000)).as("-infinity").isEqualTo(0xFF80);
    assertThat(bits(0x7F80_0001)).as("a NaN whose upper bits are an infinity's").isEqualTo(0x7FC0);
    assertThat(bits(0xFFA1_0000)).as("a NaN's sign and upper bits").isEqualTo(0xFFE1);
  }

  @Test
  void everyBFloat16ComesBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = BFloat16.toFloat((short) bits);
      int quiet = Float.isNaN(value) ? 0x40 : 0;
      assertThat(BFloat16.fromFloat(value) & 0xFFFF).isEqualTo(bits | quiet);
    }
  }

  private static int bits(int floatBits) {
    return BFloat16.fromFloat(Float.intBitsToFloat(floatBits)) & 0xFFFF;
  }
}
