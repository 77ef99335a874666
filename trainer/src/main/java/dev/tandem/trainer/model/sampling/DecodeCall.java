package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import java.util.Arrays;
import java.util.List;

/**
 * A running batch as one native call takes it: row i is slot i.
 *
 * @param rows the sequences at work
 * @param padding positions of the slots behind them that fill the batch up to a size that comes
 *     again; what they hold is not touched
 * @param roots where each row's choices begin
 * @param leave how many rows must end before the call does
 * @param steps most tokens a row
 * @param every tokens between two looks at who has ended
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
record DecodeCall(
    List<SamplingRow> rows,
    int[] padding,
    ChoiceTrie trie,
    int[] roots,
    int leave,
    int steps,
    int every,
    int vocabularySize) {

  private static final int UNIT_TEMPERATURE = 0;
  private static final int GREEDY = 1;
  private static final int TEMPERATURES = 2;
  private static final int FILTERS = 3;

  /**
   * What a call sampled.
   *
   * @param tokens [rows, steps], -1 behind a row's end
   * @param logProbs [rows, steps]
   * @param order the row that each slot holds now; those that go on come first
   */
  record Result(int steps, long[] tokens, float[] logProbs, long[] order) {}

  /** Adds the script's arguments up to {@code every}. */
  ScriptModule.Call arguments(ScriptModule.Call call, TensorScope scope) {
    int size = rows.size() + padding.length;
    int stopWidth =
        rows.stream().mapToInt(row -> row.request().stop().ids().length).max().orElse(0);
    long[] tokens = new long[size];
    long[] positions = new long[size];
    long[] limits = new long[size]; // zero for padding: it has ended before it begins
    long[] nodes = new long[size];
    long[] stops = new long[size * stopWidth];
    float[] rules = new float[size * 4];
    double[] uniforms = new double[size * steps];
    Arrays.fill(stops, -1);
    for (int i = 0; i < rows.size(); i++) {
      SamplingRow row = rows.get(i);
      SampleRequest request = row.request();
      tokens[i] = row.pendingToken();
      positions[i] = row.position();
      limits[i] = row.remaining();
      row.uniforms(uniforms, i * steps, steps);
      if (request.constrained()) {
        nodes[i] = trie.after(roots[i], row.response());
      } else {
        int[] ids = request.stop().ids();
        for (int j = 0; j < ids.length; j++) {
          stops[i * stopWidth + j] = ids[j];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      SamplingRule sampling =
          i < rows.size() ? rows.get(i).request().sampling() : rows.getFirst().request().sampling();
      rules[4 * i] = (float) sampling.temperature();
      rules[4 * i + 1] = sampling.topK();
      rules[4 * i + 2] = (float) sampling.topP();
      rules[4 * i + 3] = (float) sampling.minP();
      if (i >= rows.size()) {
        positions[i] = padding[i - rows.size()];
      }
    }
    return call.tensor(scope.longs(tokens, size))
        .tensor(scope.longs(positions, size))
        .tensor(scope.longs(limits, size))
        .tensor(scope.longs(nodes, size))
        .tensor(scope.longs(stops, size, stopWidth))
        .tensor(scope.floats(rules, size, 4))
        .tensor(scope.doubles(uniforms, size, steps))
        .tensor(scope.longs(trie.edgeTable(), trie.nodes(), trie.width()))
        .tensor(scope.longs(trie.targetTable(), trie.nodes(), trie.width()))
        .integer(Arrays.stream(positions).max().orElse(0))
        .integer(Arrays.stream(positions).distinct().count() == 1 ? 1 : 0)
        .integer(rows.size())
        .integer(leave)
        .integer(way())
        .integer(candidates())
        .integer(every);
  }

  /** The least that draws every row as it asks. */
  private int way() {
    if (rows.stream().allMatch(row -> row.request().sampling().greedy())) {
      return GREEDY;
    }
    if (rows.stream().anyMatch(row -> row.request().sampling().filters())) {
      return FILTERS;
    }
    return rows.stream().allMatch(row -> row.request().sampling().temperature() == 1)
        ? UNIT_TEMPERATURE
        : TEMPERATURES;
  }

  private int candidates() {
    return rows.stream()
        .mapToInt(row -> row.request().sampling().candidates(vocabularySize))
        .max()
        .orElse(0);
  }
}
