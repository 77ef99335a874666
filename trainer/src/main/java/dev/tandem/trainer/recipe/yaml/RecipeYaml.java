package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** How recipes are written: snake case, lower-case words, quotes only where text needs them. */
final class RecipeYaml {
  private RecipeYaml() {}

  static ObjectMapper mapper() {
    YAMLFactory factory =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            // A key "type", as people write it, not a YAML tag.
            .disable(YAMLGenerator.Feature.USE_NATIVE_TYPE_ID)
            .stringQuotingChecker(new PlainWords())
            .build();
    SimpleModule spelling = new SimpleModule("recipe spelling");
    spelling.addSerializer(Enum.class, new WordSerializer());
    spelling.addKeySerializer(Enum.class, new WordKeySerializer());
    spelling.addSerializer(Path.class, new PathSerializer());
    return YAMLMapper.builder(factory)
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .addModule(spelling)
        .build();
  }

  /** Leaves quotes off text that no YAML reader could take for anything but text. */
  private static final class PlainWords extends StringQuotingChecker {
    private static final long serialVersionUID = 1L;
    private static final Pattern WORD = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./+-]*");
    private static final Set<String> RESERVED =
        Set.of("true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf");

    @Override
    public boolean needToQuoteName(String name) {
      return needToQuoteValue(name);
    }

    @Override
    public boolean needToQuoteValue(String value) {
      return !WORD.matcher(value).matches() || RESERVED.contains(value.toLowerCase(Locale.ROOT));
    }
  }

  @SuppressWarnings("rawtypes") // Jackson registers a serializer of all enums by the raw class.
  private static final class WordSerializer extends JsonSerializer<Enum> {
    @Override
    public void serialize(Enum value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(Schema.word(value));
    }
  }

  @SuppressWarnings("rawtypes") // Jackson registers a serializer of all enums by the raw class.
  private static final class WordKeySerializer extends JsonSerializer<Enum> {
    @Override
    public void serialize(Enum value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeFieldName(Schema.word(value));
    }
  }

  /** A path as the user writes it; Jackson's own form is a file URI. */
  private static final class PathSerializer extends JsonSerializer<Path> {
    @Override
    public void serialize(Path value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }
  }
}
