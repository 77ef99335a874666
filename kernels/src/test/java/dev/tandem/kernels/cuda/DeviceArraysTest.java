package dev.tandem.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Arrays in a GPU's memory are worked on where they lie, with the bytes that arrays in host memory
 * get. Without a GPU the emulated driver runs the kernels' sources.
 */
final class DeviceArraysTest {
  private final Arena arena = Arena.ofConfined();
  private final CudaKernels kernels = start();

  private static CudaKernels start() {
    EmulatedDriver.standIn();
    return switch (CudaCapabilities.of(CudaProbe.take())) {
      case CudaCapabilities.Usable usable -> new CudaKernels(usable);
      case CudaCapabilities.Refused refused -> throw new AssertionError(refused.reason());
    };
  }

  @AfterEach
  void free() {
    kernels.close();
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 207, 4098})
  void equalTheBytesThatHostArraysGet(int size) {
    Values values = Values.allocate(arena, ArrayElement.F32, size);
    for (int i = 0; i < size; i++) {
      values.set(i, Math.sin(i));
    }
    Values onHost = Values.allocate(arena, ArrayElement.F32, size);
    kernels.run(new MaskedWhitening(values, null, 1e-6, onHost));

    Values waited = Values.allocate(arena, ArrayElement.F32, size);
    Values enqueued = Values.allocate(arena, ArrayElement.F32, size);
    try (DeviceBuffer from = kernels.allocate(values.segment().byteSize());
        DeviceBuffer to = kernels.allocate(values.segment().byteSize())) {
      from.copyFrom(values.segment(), 0);
      MaskedWhitening operation =
          new MaskedWhitening(onDevice(from, size), null, 1e-6, onDevice(to, size));
      kernels.run(operation);
      to.copyTo(waited.segment(), 0);
      to.fill((byte) 0);
      kernels.enqueue(operation);
      kernels.synchronize();
      to.copyTo(enqueued.segment(), 0);
    }
    assertThat(waited.segment().mismatch(onHost.segment())).isEqualTo(-1);
    assertThat(enqueued.segment().mismatch(onHost.segment())).isEqualTo(-1);
  }

  private static Values onDevice(DeviceBuffer buffer, int size) {
    return new Values(buffer.segment(), ArrayElement.F32, size, Place.DEVICE);
  }

  @Test
  void hostArraysCannotBeEnqueued() {
    Values three = Values.allocate(arena, ArrayElement.F32, 3);
    Values whitened = Values.allocate(arena, ArrayElement.F32, 3);
    assertThatThrownBy(() -> kernels.enqueue(new MaskedWhitening(three, null, 1e-6, whitened)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use run");
  }
}
