package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.runtime.ScoringChunk;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorMemory;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.torch.Workers;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The logits of a chunk's tokens, a few rows of them at a time in the same memory: libtorch fills
 * it with products, kernels read it and write derivatives over it, libtorch multiplies those on.
 */
final class LogitRows implements AutoCloseable {
  private final ScriptModule program;
  private final Kernels kernels;
  private final Workers workers;
  private final PtNDArray hidden;
  private final AllowedColumns columns;
  private final TensorScope scope;
  private final PtNDArray ids;
  private final PtNDArray head;
  private final PtNDArray logits;
  private final Arena arena;
  private final Matrix memory;

  /**
   * @param weights that the program reads
   * @param hidden final states of the chunk's tokens and of padding, [tokens or more, hidden]
   */
  LogitRows(
      DecoderRuntime runtime,
      Kernels kernels,
      ScriptModule program,
      PtNDArray[] weights,
      PtNDArray hidden,
      ScoringChunk chunk) {
    this.program = program;
    this.kernels = kernels;
    this.hidden = hidden;
    workers = runtime.workers();
    columns = AllowedColumns.of(chunk.targets(), chunk.allowed());
    int width = columns.ids().length == 0 ? runtime.spec().vocabularySize() : columns.ids().length;
    int rows = Math.min(chunk.tokens(), runtime.execution().trainingMemory().headRows(width));
    scope = program.scope().open();
    ids = scope.longs(Arrays.stream(columns.ids()).asLongStream().toArray(), columns.ids().length);
    List<PtNDArray> made =
        program.inference("head_memory").tensor(ids).integer(rows).tensors(weights).run(scope);
    head = made.get(0);
    logits = made.get(1);
    // To close a shared arena stops all threads for a moment, other workers' too.
    arena = runtime.execution().threadsPerWorker() == 1 ? Arena.ofConfined() : Arena.ofShared();
    memory = TensorMemory.matrix(logits, arena);
  }

  /** Does something for all tokens, while the logits of some are there. */
  void forEach(Workers.Range work) {
    int rows = (int) memory.rows();
    for (int from = 0; from < columns.targets().length; from += rows) {
      int to = Math.min(from + rows, columns.targets().length);
      multiply(from, to);
      work.run(from, to);
    }
  }

  private void multiply(int from, int to) {
    try (TensorScope call = scope.open()) {
      program
          .inference("head_logits")
          .tensor(hidden)
          .tensor(head)
          .tensor(logits)
          .integer(from)
          .integer(to)
          .run(call);
    }
    workers.share(
        to - from,
        (first, end) ->
            columns.forbid(memory.slice(first, end).segment(), from + first, from + end));
  }

  /** From the logits of some tokens to what is wanted of them. */
  void score(int from, int to, RowFigures into) {
    workers.share(
        to - from,
        (first, end) ->
            kernels.run(
                new SelectedLogProbs(
                    memory.slice(first, end),
                    targets(from + first, from + end),
                    /* temperature= */ 1,
                    into.logProbs(from + first, from + end),
                    into.entropies(from + first, from + end),
                    into.logSumExps(from + first, from + end))));
  }

  private Values targets(int from, int to) {
    return Values.of(columns.targets()).slice(from, to);
  }

  /**
   * The way back from some tokens whose logits are there, which are lost by it.
   *
   * @param scored what {@link #score} found
   * @param loss derivatives for these tokens
   * @param lossByHidden written where these tokens are, [tokens or more, hidden]
   * @param sums the loss by the head's matrix is added to its sum, if it learns
   */
  void pullBack(
      int from,
      int to,
      RowFigures scored,
      TokenLoss.Derivatives loss,
      PtNDArray lossByHidden,
      PtNDArray[] sums) {
    Values byLogProb = Values.of(RowFigures.floats(loss.byLogProb()));
    double @Nullable [] spread = loss.byEntropy();
    @Nullable Values byEntropy = spread == null ? null : Values.of(RowFigures.floats(spread));
    workers.share(
        to - from,
        (first, end) ->
            kernels.run(
                new SelectedLogProbsBackward(
                    memory.slice(first, end),
                    targets(from + first, from + end),
                    /* temperature= */ 1,
                    scored.logSumExps(from + first, from + end),
                    byLogProb.slice(first, end),
                    byEntropy == null ? null : byEntropy.slice(first, end),
                    byEntropy == null ? null : scored.entropies(from + first, from + end))));
    try (TensorScope call = scope.open()) {
      program
          .inference("head_back")
          .tensor(hidden)
          .tensor(head)
          .tensor(logits)
          .tensor(lossByHidden)
          .tensor(ids)
          .integer(from)
          .integer(to)
          .tensors(sums)
          .run(call);
    }
  }

  @Override
  public void close() {
    arena.close();
    scope.close();
  }
}
