package dev.tandem.trainer.model;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Records of similar length that one native call scores.
 *
 * @param records the chunk's records
 * @param first for each record the index of its first response token among the whole batch's
 *     response tokens
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
record ScoringChunk(List<TrainRecord> records, int[] first) {

  /** Cuts a batch; records with and without constraints never share a chunk. */
  static List<ScoringChunk> cut(List<TrainRecord> batch, int chunkTokens) {
    int[] first = new int[batch.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + batch.get(i - 1).response().length;
    }
    return ChunkPlan.cut(
            batch.size(),
            i -> inputLength(batch.get(i)),
            i -> batch.get(i).constrained(),
            chunkTokens)
        .stream()
        .map(
            members ->
                new ScoringChunk(
                    IntStream.of(members).mapToObj(batch::get).toList(),
                    IntStream.of(members).map(i -> first[i]).toArray()))
        .toList();
  }

  /** The last response token is only predicted, never read. */
  private static int inputLength(TrainRecord record) {
    return record.prompt().length + record.response().length - 1;
  }

  /** Number of response tokens. */
  int tokens() {
    return records.stream().mapToInt(record -> record.response().length).sum();
  }

  /** Copies the chunk's values, [tokens], to their places among the whole batch's. */
  void scatter(float[] chunkValues, float[] batchValues) {
    int from = 0;
    for (int i = 0; i < first.length; i++) {
      int length = records.get(i).response().length;
      System.arraycopy(chunkValues, from, batchValues, first[i], length);
      from += length;
    }
  }

  /** The inverse of {@link #scatter}. */
  float[] gather(float[] batchValues) {
    float[] values = new float[tokens()];
    int to = 0;
    for (int i = 0; i < first.length; i++) {
      int length = records.get(i).response().length;
      System.arraycopy(batchValues, first[i], values, to, length);
      to += length;
    }
    return values;
  }

  /** Adds the script's {@code ids, wanted, keep, targets, allowed, count} to a call. */
  ScriptModule.Call arguments(ScriptModule.Call call, Scope scope) {
    int rows = ChunkPlan.paddedRows(records.size());
    int length = ChunkPlan.paddedLength(longest(ScoringChunk::inputLength));
    int width = longest(record -> record.response().length);
    int choices = longest(ScoringChunk::mostAllowed);
    int count = tokens();
    int tokens = ChunkPlan.paddedTokens(count);
    long[] ids = new long[rows * length];
    long[] wanted = new long[rows * width];
    long[] keep = new long[tokens];
    long[] targets = new long[tokens];
    long[] allowed = new long[tokens * choices];
    Arrays.fill(allowed, -1);
    int token = 0;
    for (int row = 0; row < records.size(); row++) {
      TrainRecord record = records.get(row);
      int prompt = record.prompt().length;
      int[] response = record.response();
      for (int i = 0; i < prompt; i++) {
        ids[row * length + i] = record.prompt()[i];
      }
      for (int i = 0; i < response.length; i++) {
        if (i + 1 < response.length) {
          ids[row * length + prompt + i] = response[i];
        }
        wanted[row * width + i] = (long) prompt + i - 1;
        keep[token] = (long) row * width + i;
        targets[token] = response[i];
        if (record.constrained()) {
          for (int j = 0; j < record.allowed()[i].length; j++) {
            allowed[token * choices + j] = record.allowed()[i][j];
          }
        }
        token++;
      }
    }
    return call.tensor(scope.longs(ids, rows, length))
        .tensor(scope.longs(wanted, rows, width))
        .tensor(scope.longs(keep, tokens))
        .tensor(scope.longs(targets, tokens))
        .tensor(scope.longs(allowed, tokens, choices))
        .integer(count);
  }

  private int longest(ToIntFunction<TrainRecord> size) {
    return records.stream().mapToInt(size).max().orElseThrow();
  }

  private static int mostAllowed(TrainRecord record) {
    return Arrays.stream(record.allowed()).mapToInt(ids -> ids.length).max().orElse(0);
  }
}
