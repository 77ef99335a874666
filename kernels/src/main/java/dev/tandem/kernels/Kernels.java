package dev.tandem.kernels;

import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.scalar.ScalarKernels;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numeric inner loops of policy-gradient training, on one thread or one device. What they
 * compute is said by {@link Operation}s, one record each:
 *
 * <pre>{@code
 * try (Arena arena = Arena.ofConfined()) {
 *   Matrix logits = Matrix.of(segment, ArrayElement.F32, tokens, vocabulary);
 *   Values logProbs = Values.allocate(arena, ArrayElement.F32, tokens);
 *   Kernels.best().run(new SelectedLogProbs(logits, Values.of(ids), 1, logProbs, null, null));
 * }
 * }</pre>
 *
 * <p>{@link #best()} is what work on host memory wants; {@link #scalar()} is the oracle; {@link
 * #on} names a backend and fails where the host lacks it. Instances may be shared between threads.
 */
public final class Kernels implements AutoCloseable {
  private final KernelBackend backend;
  private final KernelProvider provider;

  private Kernels(KernelBackend backend, KernelProvider provider) {
    this.backend = backend;
    this.provider = provider;
  }

  /**
   * The fastest backend for arrays in host memory, chosen and logged once. That is never a GPU: to
   * bring host data there and back takes longer than any of these operations on it.
   */
  public static Kernels best() {
    return Best.KERNELS;
  }

  /**
   * Plain Java. Rows of float64 logits, and all that is computed per token, are in float64, as the
   * formulas read; narrower rows as {@link dev.tandem.kernels.operation.SingleRows} says.
   */
  public static Kernels scalar() {
    return new Kernels(KernelBackend.SCALAR, new ScalarKernels());
  }

  /**
   * The named backend; the caller closes it.
   *
   * @throws UnsupportedBackendException if this host cannot run it
   */
  public static Kernels on(KernelBackend backend) {
    HostCapabilities host = host(backend);
    Optional<String> refusal = backend.refusal(host);
    if (refusal.isPresent()) {
      throw new UnsupportedBackendException(backend, refusal.get());
    }
    return new Kernels(backend, backend.provider(host));
  }

  /** Why this host cannot run a backend, in one sentence that names the fix; empty where it can. */
  public static Optional<String> refusal(KernelBackend backend) {
    return backend.refusal(host(backend));
  }

  private static HostCapabilities host(KernelBackend backend) {
    return switch (backend) {
      case CUDA -> HostCapabilities.detectWithCuda();
      case VECTOR_API, SCALAR -> HostCapabilities.detect();
    };
  }

  /** Which backend this is. */
  public KernelBackend backend() {
    return backend;
  }

  /** The backend and its width or device, for logs and reports. */
  public String name() {
    return provider.name();
  }

  /**
   * Does the work of an operation; its outputs are complete on return.
   *
   * @throws IllegalArgumentException if the backend cannot reach the operation's memory, or if
   *     offsets or ids in host memory are out of range
   */
  public void run(Operation operation) {
    if (!provider.serves(operation.place())) {
      throw new IllegalArgumentException(
          "%s lies in %s memory, which the %s backend does not reach: run it on another backend"
              .formatted(operation.getClass().getSimpleName(), operation.place(), name()));
    }
    if (operation.place() == Place.HOST) {
      operation.checkContents();
    }
    provider.run(operation);
  }

  @Override
  public void close() {
    provider.close();
  }

  /** Chooses on first use. */
  private static final class Best {
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
    private static final Kernels KERNELS = choose(HostCapabilities.detect());

    private static Kernels choose(HostCapabilities host) {
      for (KernelBackend backend : KernelBackend.forHostMemory()) {
        Optional<String> refusal = backend.refusal(host);
        if (refusal.isEmpty()) {
          Kernels kernels = new Kernels(backend, backend.provider(host));
          LOG.info("Kernels run on {}.", kernels.name());
          return kernels;
        }
        LOG.warn("{}", refusal.get());
      }
      throw new AssertionError("the scalar backend never refuses");
    }
  }
}
