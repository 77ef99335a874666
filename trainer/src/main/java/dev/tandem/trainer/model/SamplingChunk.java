package dev.tandem.trainer.model;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Requests of similar prompt length that one native call serves.
 *
 * @param requests the chunk's requests
 * @param indices their places in the whole batch
 */
@SuppressWarnings("ArrayRecordComponent") // bulk token data, never compared
record SamplingChunk(List<SampleRequest> requests, int[] indices) {

  /** Cuts a batch; requests with and without choices never share a chunk. */
  static List<SamplingChunk> cut(List<SampleRequest> batch, int chunkTokens) {
    return ChunkPlan.cut(
            batch.size(),
            i -> batch.get(i).prompt().length,
            i -> batch.get(i).constrained(),
            chunkTokens)
        .stream()
        .map(
            members ->
                new SamplingChunk(IntStream.of(members).mapToObj(batch::get).toList(), members))
        .toList();
  }

  /** Most positions a row of this chunk can reach. */
  int positions() {
    return longestPrompt() + room();
  }

  private int longestPrompt() {
    return requests.stream().mapToInt(request -> request.prompt().length).max().orElseThrow();
  }

  /** Most new tokens of a row. */
  private int room() {
    return requests.stream().mapToInt(SampleRequest::maxNewTokens).max().orElseThrow();
  }

  /** Runs the chunk; the samples keep the order of {@link #requests}. */
  List<Sample> run(ScriptModule module, RotaryTable rotary, PtNDArray[] weights) {
    ChoiceTrie trie = new ChoiceTrie();
    int[] roots = new int[requests.size()];
    for (int row = 0; row < roots.length; row++) {
      SampleRequest request = requests.get(row);
      roots[row] = request.constrained() ? trie.add(request.choices()) : 0;
    }
    try (Scope scope = module.scope().open()) {
      ScriptModule.Call call = arguments(module.inference("generate"), scope, trie, roots);
      List<PtNDArray> result =
          call.tensor(rotary.cosines()).tensor(rotary.sines()).tensors(weights).run(scope);
      long[] tokens = result.get(0).toLongArray();
      float[] logProbs = result.get(1).toFloatArray();
      int room = room();
      List<Sample> samples = new ArrayList<>(requests.size());
      for (int row = 0; row < requests.size(); row++) {
        int length = 0;
        while (length < room && tokens[row * room + length] >= 0) {
          length++;
        }
        int[] response = new int[length];
        for (int i = 0; i < length; i++) {
          response[i] = (int) tokens[row * room + i];
        }
        int[][] allowed =
            requests.get(row).constrained()
                ? trie.allowedAlong(roots[row], response)
                : new int[0][];
        samples.add(
            new Sample(
                response, Arrays.copyOfRange(logProbs, row * room, row * room + length), allowed));
      }
      return samples;
    }
  }

  private ScriptModule.Call arguments(
      ScriptModule.Call call, Scope scope, ChoiceTrie trie, int[] roots) {
    int rows = ChunkPlan.paddedRows(requests.size());
    int length = ChunkPlan.paddedLength(longestPrompt());
    int room = room();
    int stopWidth =
        Math.max(
            1, requests.stream().mapToInt(request -> request.stopIds().length).max().orElse(0));
    long[] ids = new long[rows * length];
    long[] lengths = new long[rows];
    long[] limits = new long[rows]; // zero for padding rows: they end at once
    float[] temperatures = new float[rows];
    double[] uniforms = new double[rows * room];
    long[] stops = new long[rows * stopWidth];
    long[] nodes = new long[rows];
    Arrays.fill(lengths, 1);
    Arrays.fill(stops, -1);
    for (int row = 0; row < requests.size(); row++) {
      SampleRequest request = requests.get(row);
      for (int i = 0; i < request.prompt().length; i++) {
        ids[row * length + i] = request.prompt()[i];
      }
      nodes[row] = roots[row];
      lengths[row] = request.prompt().length;
      limits[row] = request.maxNewTokens();
      temperatures[row] = (float) request.temperature();
      SplittableRandom random = new SplittableRandom(request.seed());
      for (int i = 0; i < request.maxNewTokens(); i++) {
        uniforms[row * room + i] = random.nextDouble();
      }
      for (int i = 0; i < request.stopIds().length; i++) {
        stops[row * stopWidth + i] = request.stopIds()[i];
      }
    }
    return call.tensor(scope.longs(ids, rows, length))
        .tensor(scope.longs(lengths, rows))
        .tensor(scope.longs(limits, rows))
        .tensor(scope.floats(temperatures, rows, 1))
        .tensor(scope.doubles(uniforms, rows, room))
        .tensor(scope.longs(stops, rows, stopWidth))
        .tensor(scope.longs(nodes, rows))
        .tensor(scope.longs(trie.edgeTable(), trie.nodes(), trie.width()))
        .tensor(scope.longs(trie.targetTable(), trie.nodes(), trie.width()));
  }
}
