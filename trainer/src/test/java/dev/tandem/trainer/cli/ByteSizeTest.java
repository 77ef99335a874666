package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ByteSizeTest {

  @ParameterizedTest
  @CsvSource({
    "5GB, 5000000000",
    "500 mb, 500000000",
    "2GiB, 2147483648",
    "3KiB, 3072",
    "7B, 7",
    "4096, 4096",
    "999999999GiB, 1073741822926258176",
  })
  void readsDecimalAndBinaryUnits(String text, long bytes) {
    assertThat(ByteSize.parse("--max-shard-size", text)).isEqualTo(bytes);
  }
}
