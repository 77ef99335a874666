package dev.tandem.trainer.model.runtime;

import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.model.shape.ModelSpec;
import java.util.List;

/** What a decoder refuses to compute, checked before anything native runs. */
public final class InputChecks {

  private InputChecks() {}

  public static void rows(ModelSpec spec, List<int[]> rows) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).length == 0) {
        throw new DecoderInputException("row %d is empty; give at least one token".formatted(i));
      }
      length(spec, "row", i, rows.get(i).length);
      ids(spec, "row", i, rows.get(i));
    }
  }

  public static void ids(ModelSpec spec, String noun, int index, int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= spec.vocabularySize()) {
        throw new DecoderInputException(
            "%s %d has token id %d, outside the vocabulary of %d; use the checkpoint's own tokenizer"
                .formatted(noun, index, id, spec.vocabularySize()));
      }
    }
  }

  public static void someRecords(ModelSpec spec, List<TrainRecord> records) {
    if (records.isEmpty()) {
      throw new DecoderInputException("the batch is empty; give at least one record");
    }
    records(spec, records);
  }

  public static void records(ModelSpec spec, List<TrainRecord> records) {
    for (int i = 0; i < records.size(); i++) {
      TrainRecord record = records.get(i);
      length(spec, "record", i, record.prompt().length + record.response().length);
      ids(spec, "record", i, record.prompt());
      ids(spec, "record", i, record.response());
      for (int[] allowed : record.allowed()) {
        ids(spec, "record", i, allowed);
      }
    }
  }

  public static void length(ModelSpec spec, String noun, int index, int length) {
    if (length > spec.maxPositions()) {
      throw new DecoderInputException(
          "%s %d needs %d positions, the model has %d; shorten the prompt or the response"
              .formatted(noun, index, length, spec.maxPositions()));
    }
  }
}
