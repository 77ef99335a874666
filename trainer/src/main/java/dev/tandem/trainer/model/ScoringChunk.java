package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
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

  /** Cuts a batch by length alone, so that equal batches are always cut alike. */
  static List<ScoringChunk> cut(List<TrainRecord> batch, int chunkTokens) {
    int[] first = new int[batch.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + batch.get(i - 1).response().length;
    }
    int[] order =
        IntStream.range(0, batch.size())
            .boxed()
            .sorted(
                Comparator.<Integer, Boolean>comparing(i -> batch.get(i).constrained())
                    .thenComparingInt(i -> inputLength(batch.get(i))))
            .mapToInt(Integer::intValue)
            .toArray();
    List<ScoringChunk> chunks = new ArrayList<>();
    int start = 0;
    for (int end = 1; end <= order.length; end++) {
      if (end == order.length || !fits(batch, order, start, end, chunkTokens)) {
        int[] members = Arrays.copyOfRange(order, start, end);
        chunks.add(
            new ScoringChunk(
                IntStream.of(members).mapToObj(batch::get).toList(),
                IntStream.of(members).map(i -> first[i]).toArray()));
        start = end;
      }
    }
    return chunks;
  }

  /** Whether {@code order[end]} may join the chunk that begins at {@code order[start]}. */
  private static boolean fits(
      List<TrainRecord> batch, int[] order, int start, int end, int chunkTokens) {
    TrainRecord candidate = batch.get(order[end]);
    return batch.get(order[start]).constrained() == candidate.constrained()
        && (long) inputLength(candidate) * (end + 1 - start) <= chunkTokens;
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

  /** Adds the script's {@code ids, wanted, keep, targets, allowed} to a call. */
  ScriptModule.Call arguments(ScriptModule.Call call, Scope scope) {
    int rows = records.size();
    int length = records.stream().mapToInt(ScoringChunk::inputLength).max().orElseThrow();
    int width = records.stream().mapToInt(record -> record.response().length).max().orElseThrow();
    int choices =
        records.stream()
            .flatMap(record -> Arrays.stream(record.allowed()))
            .mapToInt(ids -> ids.length)
            .max()
            .orElse(0);
    int tokens = tokens();
    long[] ids = new long[rows * length];
    long[] wanted = new long[rows * width];
    long[] keep = new long[tokens];
    long[] targets = new long[tokens];
    long[] allowed = new long[tokens * choices];
    Arrays.fill(allowed, -1);
    int token = 0;
    for (int row = 0; row < rows; row++) {
      TrainRecord record = records.get(row);
      int prompt = record.prompt().length;
      for (int i = 0; i < prompt; i++) {
        ids[row * length + i] = record.prompt()[i];
      }
      for (int i = 0; i < record.response().length; i++) {
        if (i + 1 < record.response().length) {
          ids[row * length + prompt + i] = record.response()[i];
        }
        wanted[row * width + i] = (long) prompt + i - 1;
        keep[token] = (long) row * width + i;
        targets[token] = record.response()[i];
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
        .tensor(allowed(scope, allowed, tokens, choices));
  }

  private static PtNDArray allowed(Scope scope, long[] allowed, int tokens, int choices) {
    return scope.longs(allowed, tokens, choices);
  }
}
