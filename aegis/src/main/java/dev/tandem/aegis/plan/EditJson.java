package dev.tandem.aegis.plan;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.TreeNode;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import java.io.IOException;

/** Lets Jackson write and read edits in the form that {@link HarnessEdits} defines. */
public final class EditJson {
  private static final JsonMapper JSON = new JsonMapper();

  private EditJson() {}

  public static final class Writer extends StdSerializer<HarnessEdit> {
    private static final long serialVersionUID = 1L;

    Writer() {
      super(HarnessEdit.class);
    }

    @Override
    public void serialize(HarnessEdit edit, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      provider.defaultSerializeValue(JSON.readTree(HarnessEdits.toJson(edit)), out);
    }
  }

  public static final class Reader extends StdDeserializer<HarnessEdit> {
    private static final long serialVersionUID = 1L;

    Reader() {
      super(HarnessEdit.class);
    }

    @Override
    public HarnessEdit deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      TreeNode edit = in.readValueAsTree();
      return HarnessEdits.fromJson(edit.toString());
    }
  }
}
