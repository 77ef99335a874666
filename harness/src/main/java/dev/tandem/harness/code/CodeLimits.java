package dev.tandem.harness.code;

import java.time.Duration;

/**
 * What a worker process may use. None of this is behaviour: code that stays within its statement
 * limit, which is, meets these only when it does something outrageous, and whoever meets one ends
 * its episode with a {@link CodeSandboxException}.
 *
 * @param workers processes kept warm
 * @param wallClock most time of a call for each 100,000 statements that it may run; the worker is
 *     killed then
 * @param heapMegabytes largest Java heap of a worker
 * @param addressSpaceMegabytes largest address space of a worker, where {@code prlimit} is present
 * @param cpuTime most processor time of a worker's whole life, where {@code prlimit} is present;
 *     one that has used a good part of it is replaced between two calls
 * @param messageBytes longest request and longest answer
 */
public record CodeLimits(
    int workers,
    Duration wallClock,
    int heapMegabytes,
    int addressSpaceMegabytes,
    Duration cpuTime,
    int messageBytes) {
  /** Two workers, 20 s, 128 MiB of heap in 3 GiB of addresses, 10 CPU-minutes, 4 MiB a message. */
  public static final CodeLimits DEFAULT =
      new CodeLimits(2, Duration.ofSeconds(20), 128, 3072, Duration.ofMinutes(10), 4 << 20);

  public CodeLimits {
    if (workers < 1) {
      throw new IllegalArgumentException("code workers must be at least 1, were " + workers);
    }
    if (wallClock.toMillis() < 1 || cpuTime.toSeconds() < 1) {
      throw new IllegalArgumentException(
          "the time limits of code workers must be at least 1 ms and 1 s, were %s and %s"
              .formatted(wallClock, cpuTime));
    }
    if (heapMegabytes < 64) {
      throw new IllegalArgumentException(
          "the heap of a code worker must be at least 64 MiB, was " + heapMegabytes);
    }
    if (addressSpaceMegabytes < heapMegabytes + 1024) {
      throw new IllegalArgumentException(
          "the address space of a code worker must exceed its heap by at least 1024 MiB, was %d with a heap of %d"
              .formatted(addressSpaceMegabytes, heapMegabytes));
    }
    if (messageBytes < 1024) {
      throw new IllegalArgumentException(
          "messages of code workers must be allowed at least 1024 bytes, were " + messageBytes);
    }
  }
}
