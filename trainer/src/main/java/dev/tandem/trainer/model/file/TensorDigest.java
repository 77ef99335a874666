package dev.tandem.trainer.model.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** The identity of a set of weights, whatever files they are in. */
public final class TensorDigest {

  private TensorDigest() {}

  /** SHA-256 in hexadecimal of all tensors' bytes, little endian, in the order of their names. */
  public static String sha256(Map<String, SafetensorsWriter.Tensor> tensors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (SafetensorsWriter.Tensor tensor : new TreeMap<>(tensors).values()) {
        tensor.content().writeTo(digest::update);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to be read", e);
    }
  }
}
