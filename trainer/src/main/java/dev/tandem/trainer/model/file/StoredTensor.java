package dev.tandem.trainer.model.file;

import java.lang.foreign.MemorySegment;

/**
 * A tensor's elements where they lie, mostly in a mapped file: row-major, little endian.
 *
 * @param type of the elements
 * @param bytes all of them; may exceed 2 GiB
 */
public record StoredTensor(ElementType type, MemorySegment bytes) {

  /** Elements on the heap. */
  public static StoredTensor of(float[] values) {
    return new StoredTensor(ElementType.F32, MemorySegment.ofArray(values));
  }

  public long elements() {
    return bytes.byteSize() / type.bytes();
  }

  /** The elements from {@code begin} on, up to but without {@code end}. */
  public StoredTensor slice(long begin, long end) {
    return new StoredTensor(
        type, bytes.asSlice(begin * type.bytes(), (end - begin) * type.bytes()));
  }
}
