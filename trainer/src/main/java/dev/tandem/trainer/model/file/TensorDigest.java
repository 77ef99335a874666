package dev.tandem.trainer.model.file;

import dev.tandem.trainer.io.RunningHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** The identity of a set of weights, whatever files they are in. */
public final class TensorDigest {

  private TensorDigest() {}

  /** SHA-256 in hexadecimal of all tensors' bytes, little endian, in the order of their names. */
  public static String sha256(Map<String, SafetensorsWriter.Tensor> tensors) {
    RunningHash hash = new RunningHash();
    try {
      for (SafetensorsWriter.Tensor tensor : new TreeMap<>(tensors).values()) {
        tensor.content().writeTo(hash::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to be read", e);
    }
    return hash.hex();
  }
}
