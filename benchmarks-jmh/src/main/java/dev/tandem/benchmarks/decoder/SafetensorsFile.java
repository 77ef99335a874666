package dev.tandem.benchmarks.decoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads a small file of 32-bit tensors; independent of Tandem's own reader, as a comparison is. */
final class SafetensorsFile {
  private SafetensorsFile() {}

  @SuppressWarnings("ArrayRecordComponent") // bulk data, never compared
  record Tensor(long[] shape, float[] values) {}

  static Map<String, Tensor> read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int headerLength = Math.toIntExact(bytes.getLong());
      JsonNode header = new ObjectMapper().readTree(bytes.array(), Long.BYTES, headerLength);
      Map<String, Tensor> tensors = new HashMap<>();
      for (Map.Entry<String, JsonNode> entry : header.properties()) {
        if (entry.getValue().path("dtype").asText().equals("F32")) {
          JsonNode shape = entry.getValue().path("shape");
          long[] dimensions = new long[shape.size()];
          int elements = 1;
          for (int i = 0; i < dimensions.length; i++) {
            dimensions[i] = shape.get(i).longValue();
            elements *= (int) dimensions[i];
          }
          int offset = entry.getValue().path("data_offsets").get(0).intValue();
          float[] values = new float[elements];
          bytes
              .slice(Long.BYTES + headerLength + offset, elements * Float.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(values);
          tensors.put(entry.getKey(), new Tensor(dimensions, values));
        }
      }
      return tensors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
