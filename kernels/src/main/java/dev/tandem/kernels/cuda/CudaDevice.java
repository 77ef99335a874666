package dev.tandem.kernels.cuda;

/**
 * One GPU as the driver describes it.
 *
 * @param ordinal its number on this machine
 * @param name the product name
 * @param memoryBytes total memory
 * @param major the compute capability's major version
 * @param minor the compute capability's minor version
 * @param multiprocessors how many blocks can make progress at once, at one block each
 */
public record CudaDevice(
    int ordinal, String name, long memoryBytes, int major, int minor, int multiprocessors) {
  /** The compute capability as NVIDIA writes it, such as {@code 9.0}. */
  public String computeCapability() {
    return major + "." + minor;
  }
}
