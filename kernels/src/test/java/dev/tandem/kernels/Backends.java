package dev.tandem.kernels;

import dev.tandem.kernels.cuda.EmulatedDriver;
import dev.tandem.kernels.operation.ArrayElement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.opentest4j.TestAbortedException;

/** What the agreement tests are repeated over. */
final class Backends {
  private static final List<Integer> SIZES = List.of(1, 7, 16, 207, 4098);

  private Backends() {}

  /** Every backend but the oracle at sizes that leave every kind of tail, in both types. */
  static Stream<Arguments> sizesAndTypes() {
    List<Arguments> cases = new ArrayList<>();
    for (KernelBackend backend : others()) {
      for (int size : SIZES) {
        for (ArrayElement type : List.of(ArrayElement.F32, ArrayElement.F64)) {
          cases.add(Arguments.of(backend, size, type));
        }
      }
    }
    return cases.stream();
  }

  /** Every backend but the oracle on logits of awkward and real shapes. */
  static Stream<Arguments> logits() {
    return logits(others());
  }

  /** The same on every backend, for operations whose oracle has float64 rows. */
  static Stream<Arguments> logitsOnAll() {
    return logits(all().toList());
  }

  /** The shapes of F32 and BF16 logits. */
  static Stream<Arguments> singleRows() {
    return logits(List.of(KernelBackend.VECTOR_API))
        .filter(one -> one.get()[3] != ArrayElement.F64)
        .map(one -> Arguments.of(one.get()[1], one.get()[2], one.get()[3]));
  }

  private static Stream<Arguments> logits(List<KernelBackend> backends) {
    List<Arguments> cases = new ArrayList<>();
    for (KernelBackend backend : backends) {
      for (ArrayElement type : List.of(ArrayElement.F32, ArrayElement.F64, ArrayElement.BF16)) {
        for (int vocabulary : SIZES) {
          cases.add(Arguments.of(backend, 9, vocabulary, type));
        }
        cases.add(Arguments.of(backend, 300, 128, type));
        cases.add(Arguments.of(backend, 5, 32_000, type));
        cases.add(Arguments.of(backend, 2, 151_936, type));
      }
    }
    return cases.stream();
  }

  static Stream<KernelBackend> all() {
    return Arrays.stream(KernelBackend.values());
  }

  /** The backend, or skips the test where it cannot run; without a GPU, CUDA is emulated. */
  static Kernels supported(KernelBackend backend) {
    if (backend != KernelBackend.CUDA) {
      return started(backend);
    }
    EmulatedDriver.standIn();
    return Cuda.KERNELS;
  }

  private static Kernels started(KernelBackend backend) {
    try {
      return Kernels.on(backend);
    } catch (UnsupportedBackendException refused) {
      throw new TestAbortedException(refused.getMessage());
    }
  }

  private static List<KernelBackend> others() {
    return all().filter(backend -> backend != KernelBackend.SCALAR).toList();
  }

  /** One for all tests: to start it takes longer than most of them. */
  private static final class Cuda {
    private static final Kernels KERNELS = Kernels.on(KernelBackend.CUDA);
  }
}
