package dev.tandem.trainer.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;

/**
 * The JSON that scripts read: keys in snake case; a number that is not finite, which JSON cannot
 * express, becomes null.
 */
public final class ResultJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(
              new SimpleModule("finite numbers")
                  .addSerializer(Double.class, new FiniteNumber())
                  .addSerializer(double.class, new FiniteNumber()))
          .build();

  private ResultJson() {}

  /** One object on one line. */
  public static String text(Object result) {
    try {
      return JSON.writeValueAsString(result);
    } catch (JsonProcessingException notWritable) {
      throw new IllegalStateException(
          result.getClass().getName() + " cannot be written as JSON", notWritable);
    }
  }

  private static final class FiniteNumber extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        generator.writeNumber(value.doubleValue());
      } else {
        generator.writeNull();
      }
    }
  }
}
