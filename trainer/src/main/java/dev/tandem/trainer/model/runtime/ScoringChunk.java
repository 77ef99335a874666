package dev.tandem.trainer.model.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.program.ScoringScript;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records of similar length that one native call scores.
 *
 * @param records the chunk's records
 * @param first for each record the index of its first wanted token among the whole batch's wanted
 *     tokens
 * @param packed whether the records follow each other without gaps, and those that begin alike have
 *     that beginning once, for everything but attention
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
public record ScoringChunk(List<TrainRecord> records, int[] first, boolean packed) {

  /**
   * Cuts a batch, no finer than it must be if it is to be whole; records with and without
   * constraints never share a chunk.
   */
  static List<ScoringChunk> cut(
      List<TrainRecord> batch, int chunkTokens, boolean packed, boolean whole) {
    int[] first = new int[batch.size()];
    for (int i = 1; i < first.length; i++) {
      first[i] = first[i - 1] + batch.get(i - 1).wanted();
    }
    List<int[]> members =
        packed
            ? ChunkPlan.packed(
                batch.stream().map(TrainRecord::input).toList(),
                i -> batch.get(i).constrained(),
                chunkTokens,
                whole)
            : ChunkPlan.padded(
                batch.size(),
                i -> batch.get(i).inputLength(),
                i -> batch.get(i).constrained(),
                chunkTokens,
                whole);
    return members.stream()
        .map(
            chosen ->
                new ScoringChunk(
                    IntStream.of(chosen).mapToObj(batch::get).toList(),
                    IntStream.of(chosen).map(i -> first[i]).toArray(),
                    packed))
        .toList();
  }

  /** Number of response tokens whose log-probabilities are wanted. */
  public int tokens() {
    return records.stream().mapToInt(TrainRecord::wanted).sum();
  }

  /** The wanted tokens' numbers among the whole batch's, [tokens]. */
  public int[] places() {
    return IntStream.range(0, first.length)
        .flatMap(i -> IntStream.range(first[i], first[i] + records.get(i).wanted()))
        .toArray();
  }

  /** The wanted tokens' ids, [tokens]. */
  public int[] targets() {
    return wanted((record, i) -> record.response()[i]).mapToInt(Integer::intValue).toArray();
  }

  /** The ids that each wanted token was chosen from, [tokens]; none where all were free. */
  public int[][] allowed() {
    return records.getFirst().constrained()
        ? wanted((record, i) -> record.allowed()[i]).toArray(int[][]::new)
        : new int[0][];
  }

  private interface OfToken<T> {
    T get(TrainRecord record, int i);
  }

  private <T> Stream<T> wanted(OfToken<T> property) {
    return records.stream()
        .flatMap(
            record ->
                IntStream.range(0, record.response().length)
                    .filter(record::isWanted)
                    .mapToObj(i -> property.get(record, i)));
  }

  /** Number of tokens that the program reads, padding left out. */
  public int inputTokens() {
    return records.stream().mapToInt(TrainRecord::inputLength).sum();
  }

  /** Number of tokens that the program computes with, padding included. */
  public int computedTokens() {
    return packed
        ? ChunkPlan.paddedTokens(TokenTree.size(records.stream().map(TrainRecord::input).toList()))
        : rows() * rowLength();
  }

  private int rows() {
    return ChunkPlan.paddedRows(records.size());
  }

  private int rowLength() {
    return ChunkPlan.paddedLength(longest(TrainRecord::inputLength));
  }

  /** Copies the chunk's values, [tokens or more], to their places among the whole batch's. */
  public void scatter(float[] chunkValues, float[] batchValues) {
    int from = 0;
    for (int i = 0; i < first.length; i++) {
      int length = records.get(i).wanted();
      System.arraycopy(chunkValues, from, batchValues, first[i], length);
      from += length;
    }
  }

  /** The same in double precision. */
  public void scatter(double[] chunkValues, double[] batchValues) {
    int from = 0;
    for (int i = 0; i < first.length; i++) {
      int length = records.get(i).wanted();
      System.arraycopy(chunkValues, from, batchValues, first[i], length);
      from += length;
    }
  }

  /**
   * The inverse of {@link #scatter}, zero for padding: what {@code upstream} means to a script. No
   * values make a tensor of none.
   */
  public PtNDArray upstream(
      double @Nullable [] batchValues, Precision precision, TensorScope scope) {
    double[] values =
        batchValues == null ? new double[0] : new double[ChunkPlan.paddedTokens(tokens())];
    int to = 0;
    for (int i = 0; i < first.length && batchValues != null; i++) {
      int length = records.get(i).wanted();
      System.arraycopy(batchValues, first[i], values, to, length);
      to += length;
    }
    return switch (precision) {
      case FLOAT64 -> scope.doubles(values, values.length);
      case FLOAT32, BFLOAT16 -> scope.floats(floats(values), values.length);
    };
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /**
   * The tensors that {@link ScoringScript} calls a chunk. Packed, a token that several rows have in
   * common is there once and stands in the grid for each of them; its own result is the first
   * one's.
   */
  public PtNDArray[] tensors(RotaryTable rotary, TensorScope scope) {
    TokenTree tree = new TokenTree();
    List<int[]> places =
        packed ? records.stream().map(one -> tree.add(one.input())).toList() : List.of();
    int rows = rows();
    int length = rowLength();
    int width = longest(TrainRecord::wanted);
    int choices = longest(ScoringChunk::mostAllowed);
    int tokens = ChunkPlan.paddedTokens(tokens());
    int flat = packed ? ChunkPlan.paddedTokens(tree.size()) : rows * length;
    long[] ids = new long[flat];
    long[] grid = new long[packed ? rows * length : 0];
    long[] back = new long[packed ? flat : 0];
    long[] wanted = new long[rows * width];
    long[] source = new long[tokens];
    long[] slots = new long[rows * width];
    long[] keep = new long[tokens];
    long[] targets = new long[tokens];
    long[] allowed = new long[tokens * choices];
    Arrays.fill(allowed, -1);
    int token = 0;
    int known = 0;
    for (int row = 0; row < records.size(); row++) {
      TrainRecord record = records.get(row);
      int prompt = record.prompt().length;
      int[] response = record.response();
      int begin = row * length;
      int[] input = record.input();
      int[] place =
          packed ? places.get(row) : IntStream.range(begin, begin + input.length).toArray();
      for (int i = 0; i < input.length; i++) {
        ids[place[i]] = input[i];
        if (packed) {
          grid[begin + i] = place[i];
          if (place[i] == known) {
            back[known++] = (long) begin + i;
          }
        }
      }
      int slot = row * width;
      for (int i = 0; i < response.length; i++) {
        if (!record.isWanted(i)) {
          continue;
        }
        wanted[slot] = (long) prompt + i - 1;
        source[token] = place[prompt + i - 1];
        slots[slot] = token;
        keep[token] = slot;
        targets[token] = response[i];
        if (record.constrained()) {
          for (int j = 0; j < record.allowed()[i].length; j++) {
            allowed[token * choices + j] = record.allowed()[i][j];
          }
        }
        slot++;
        token++;
      }
    }
    return new PtNDArray[] {
      scope.longs(ids, flat),
      scope.longs(grid, grid.length),
      scope.longs(back, back.length),
      scope.longs(wanted, rows, width),
      scope.longs(source, tokens),
      scope.longs(slots, slots.length),
      scope.longs(keep, tokens),
      scope.longs(targets, tokens),
      scope.longs(allowed, tokens, choices),
      rotary.cosines(),
      rotary.sines()
    };
  }

  private int longest(ToIntFunction<TrainRecord> size) {
    return records.stream().mapToInt(size).max().orElseThrow();
  }

  private static int mostAllowed(TrainRecord record) {
    return Arrays.stream(record.allowed()).mapToInt(ids -> ids.length).max().orElse(0);
  }
}
