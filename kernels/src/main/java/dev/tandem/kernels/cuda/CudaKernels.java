package dev.tandem.kernels.cuda;

import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.Place;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The CUDA backend: one device, one stream, one operation at a time. Arrays in host memory are
 * copied to the device and back, which is for checking rather than for speed; arrays on the device
 * are worked on where they lie.
 *
 * <p>Whose work comes first: {@link #run} on device arrays waits until the device is idle, works,
 * and waits for its own work, so it needs to know nothing of other streams. {@link #enqueue} only
 * keeps order with the device's default stream.
 */
public final class CudaKernels implements KernelProvider {
  private final String name;
  private final CudaContext context;
  private final CudaStream stream;
  private final CudaModule module;
  private final Launcher launcher;
  private final Staging staging;
  private final Launches launches;
  private final ReentrantLock lock = new ReentrantLock();

  /**
   * Starts the backend.
   *
   * @throws CudaException if the driver refuses something, such as the PTX
   */
  public CudaKernels(CudaCapabilities.Usable capabilities) {
    name = "cuda " + capabilities.description();
    CudaDriver driver = new CudaDriver(CudaProbe.libraryName());
    driver.init.call(0);
    context = new CudaContext(driver, capabilities.device().ordinal());
    context.enter();
    stream = new CudaStream(context);
    CudaModule loaded;
    try {
      loaded = new CudaModule(driver, capabilities.target());
    } catch (RuntimeException refused) {
      stream.close();
      context.close();
      throw refused;
    }
    module = loaded;
    launcher = new Launcher(driver, stream);
    staging = new Staging(driver, stream);
    launches =
        new Launches(
            driver, stream, module, launcher, staging, capabilities.device().multiprocessors());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean serves(Place place) {
    return switch (place) {
      case HOST, DEVICE -> true;
    };
  }

  @Override
  public void run(Operation operation) {
    lock.lock();
    try {
      context.enter();
      if (operation.place() == Place.DEVICE) {
        context.synchronize();
      }
      start(operation);
      staging.finish();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts an operation on device arrays and returns at once. It runs after what was started on the
   * device's default stream or by this backend, and before what follows there.
   *
   * @throws IllegalArgumentException for arrays in host memory, whose copies have to be waited for
   */
  public void enqueue(Operation operation) {
    if (operation.place() != Place.DEVICE) {
      throw new IllegalArgumentException(
          "only arrays on the device can be enqueued, these are in host memory: use run");
    }
    lock.lock();
    try {
      context.enter();
      start(operation);
      staging.keep();
    } finally {
      lock.unlock();
    }
  }

  private void start(Operation operation) {
    boolean started = false;
    try {
      launches.start(operation);
      started = true;
    } finally {
      if (!started) {
        launcher.forget();
        staging.abandon();
      }
    }
  }

  /** Waits for everything that was enqueued. */
  public void synchronize() {
    context.enter();
    stream.synchronize();
  }

  /** New memory on the device; the caller closes it before this backend. */
  public DeviceBuffer allocate(long bytes) {
    return new DeviceBuffer(stream, bytes);
  }

  /** A new mark in this backend's stream; the caller closes it before this backend. */
  public CudaEvent event() {
    return new CudaEvent(stream);
  }

  /** Free memory on the device in bytes. */
  public long freeBytes() {
    context.enter();
    return context.freeBytes();
  }

  @Override
  public void close() {
    context.enter();
    stream.synchronize();
    launcher.close();
    staging.close();
    module.close();
    stream.close();
    context.close();
  }
}
