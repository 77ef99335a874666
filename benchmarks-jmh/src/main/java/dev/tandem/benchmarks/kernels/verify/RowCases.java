package dev.tandem.benchmarks.kernels.verify;

import static dev.tandem.kernels.operation.ArrayElement.BF16;
import static dev.tandem.kernels.operation.ArrayElement.BOOL;
import static dev.tandem.kernels.operation.ArrayElement.F32;
import static dev.tandem.kernels.operation.ArrayElement.F64;
import static dev.tandem.kernels.operation.ArrayElement.I32;
import static dev.tandem.kernels.operation.ArrayElement.I64;

import dev.tandem.benchmarks.kernels.verify.Trial.Output;
import dev.tandem.kernels.operation.ArrayElement;
import dev.tandem.kernels.operation.ClipBounds;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.KlEstimator;
import dev.tandem.kernels.operation.KlPenalty;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.PolicyTerms;
import dev.tandem.kernels.operation.PolicyTokens;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SamplingRule;
import dev.tandem.kernels.operation.SamplingRule.Draw;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import dev.tandem.kernels.operation.Values;
import dev.tandem.kernels.scalar.ScalarKernels;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/** Operations over rows of logits. */
final class RowCases {
  /** What the logits of a case are like. */
  private enum Logits {
    /** As a model's. */
    USUAL,
    /** Up to 1e4 either way, where a careless exponential overflows or loses all digits. */
    EXTREME,
    /** With impossible tokens, and with rows of nothing else, with NaN and with +infinity. */
    WITHOUT_MEANING
  }

  private static final List<SamplingRule> RULES =
      List.of(
          SamplingRule.GREEDY,
          SamplingRule.PLAIN,
          new SamplingRule(0.7, 0, 1, 0, Draw.GUMBEL_MAX),
          new SamplingRule(1.3, 5, 1, 0, Draw.INVERSE_CDF),
          new SamplingRule(1, 0, 0.9, 0, Draw.INVERSE_CDF),
          new SamplingRule(0.8, 50, 0.95, 0.02, Draw.GUMBEL_MAX),
          new SamplingRule(2, 3, 0.5, 0.1, Draw.INVERSE_CDF));

  private RowCases() {}

  static void add(List<Case> cases, int columns, int rows) {
    for (ArrayElement type : List.of(F32, F64, BF16)) {
      for (Logits kind : Logits.values()) {
        cases.add(forward(type, rows, columns, kind));
        cases.add(backward(type, rows, columns, kind));
      }
      cases.add(fused(type, rows, columns, Logits.USUAL));
      cases.add(fused(type, rows, columns, Logits.EXTREME));
      for (SamplingRule rule : RULES) {
        cases.add(sample(type, rows, columns, rule));
      }
    }
  }

  private static String detail(ArrayElement type, int rows, int columns, Object special) {
    return "%s %d x %d, %s".formatted(type, rows, columns, special);
  }

  private static Matrix logits(
      Stage stage, ArrayElement type, int rows, int columns, Logits kind, RandomGenerator random) {
    return stage.rows(
        type,
        rows,
        columns,
        rows % 2 * 3,
        cell -> {
          long row = cell / columns;
          double usual = random.nextGaussian(0, 3);
          return switch (kind) {
            case USUAL -> usual;
            case EXTREME -> random.nextInt(4) == 0 ? usual : 1e4 * (2 * random.nextDouble() - 1);
            case WITHOUT_MEANING ->
                switch ((int) row % 5) {
                  case 0 -> random.nextInt(3) == 0 ? Double.NEGATIVE_INFINITY : usual;
                  case 1 -> Double.NEGATIVE_INFINITY;
                  case 2 -> cell % columns == columns / 2 ? Double.NaN : usual;
                  case 3 -> cell % columns == columns / 3 ? Double.POSITIVE_INFINITY : usual;
                  default -> usual;
                };
          };
        });
  }

  private static Values ids(Stage stage, int rows, int columns, RandomGenerator random) {
    return stage.integers(
        I32, LongStream.range(0, rows).map(row -> random.nextInt(columns)).toArray());
  }

  private static ArrayElement perToken(ArrayElement logits) {
    return logits == F64 ? F64 : F32;
  }

  private static Case forward(ArrayElement type, int rows, int columns, Logits kind) {
    return new Case(
        "selected log-probs",
        detail(type, rows, columns, kind),
        (stage, random) -> {
          Values logProbs = stage.poisoned(perToken(type), rows);
          boolean alone = kind == Logits.EXTREME;
          Values entropies = alone ? null : stage.poisoned(perToken(type), rows);
          Values logSumExps = alone ? null : stage.poisoned(F64, rows);
          Tolerance tolerance = Tolerance.of(perToken(type), columns);
          Trial trial =
              new Trial(
                  new SelectedLogProbs(
                      logits(stage, type, rows, columns, kind, random),
                      ids(stage, rows, columns, random),
                      kind == Logits.USUAL ? 1 : 0.7,
                      logProbs,
                      entropies,
                      logSumExps),
                  entropies == null || logSumExps == null
                      ? List.of(new Output("logProbs", logProbs, tolerance))
                      : List.of(
                          new Output("logProbs", logProbs, tolerance),
                          new Output("entropies", entropies, tolerance),
                          new Output("logSumExps", logSumExps, tolerance)));
          return trial;
        });
  }

  private static Case backward(ArrayElement type, int rows, int columns, Logits kind) {
    return new Case(
        "selected log-probs backward",
        detail(type, rows, columns, kind),
        (stage, random) -> {
          Matrix logits = logits(stage, type, rows, columns, kind, random);
          Values ids = ids(stage, rows, columns, random);
          double temperature = kind == Logits.USUAL ? 1 : 0.7;
          double[][] forward = forward(stage, logits, ids, temperature);
          ArrayElement perToken = perToken(type);
          boolean withEntropy = kind != Logits.EXTREME;
          // Rows without meaning are skipped, as a mask does, but for one that stays NaN.
          Values derivatives =
              stage.filled(
                  perToken,
                  rows,
                  row -> kind == Logits.WITHOUT_MEANING && row % 5 % 3 == 1 ? 0 : 0.7 - row * 0.2);
          return new Trial(
              new SelectedLogProbsBackward(
                  logits,
                  ids,
                  temperature,
                  stage.filled(F64, rows, row -> forward[0][(int) row]),
                  derivatives,
                  withEntropy
                      ? stage.filled(perToken, rows, row -> row % 5 % 3 == 1 ? 0 : 0.3)
                      : null,
                  withEntropy ? stage.filled(perToken, rows, row -> forward[1][(int) row]) : null),
              List.of(new Output("logits", logits, Tolerance.of(type, columns))));
        });
  }

  /** Log-sum-exps and entropies by the oracle over the numbers that a stage holds. */
  private static double[][] forward(Stage stage, Matrix logits, Values ids, double temperature) {
    double[] cells = stage.read(logits);
    double[] chosen = stage.read(ids);
    int rows = (int) logits.rows();
    try (Arena arena = Arena.ofConfined()) {
      Matrix copy = Matrix.allocate(arena, F64, rows, logits.columns());
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < logits.columns(); column++) {
          copy.row(row).set(column, cells[row * (int) logits.columns() + column]);
        }
      }
      Values idCopy = Values.allocate(arena, I32, rows);
      for (int row = 0; row < rows; row++) {
        idCopy.setLong(row, (long) chosen[row]);
      }
      double[] entropies = new double[rows];
      double[] logSumExps = new double[rows];
      new ScalarKernels()
          .run(
              new SelectedLogProbs(
                  copy,
                  idCopy,
                  temperature,
                  Values.allocate(arena, F64, rows),
                  Values.of(entropies),
                  Values.of(logSumExps)));
      return new double[][] {logSumExps, entropies};
    }
  }

  private static Case fused(ArrayElement type, int rows, int columns, Logits kind) {
    return new Case(
        "fused policy loss",
        detail(type, rows, columns, kind),
        (stage, random) -> {
          ArrayElement perToken = perToken(type);
          Matrix logits = logits(stage, type, rows, columns, kind, random);
          Values ids = ids(stage, rows, columns, random);
          double[] cells = stage.read(logits);
          double[] chosen = stage.read(ids);
          double[] logSumExps = forward(stage, logits, ids, 1)[0];
          double[] steps = {0.05, -0.6, 0.6, -0.1};
          PolicyTokens tokens =
              new PolicyTokens(
                  stage.filled(
                      perToken,
                      rows,
                      row ->
                          cells[(int) row * columns + (int) chosen[(int) row]]
                              - logSumExps[(int) row]
                              - steps[(int) row % 4]),
                  stage.filled(perToken, rows, row -> -3),
                  stage.filled(perToken, rows, row -> row % 2 == 0 ? 0.8 : -1.2),
                  stage.integers(
                      BOOL, LongStream.range(0, rows).map(row -> row % 5 == 3 ? 0 : 1).toArray()),
                  stage.filled(perToken, rows, row -> 1.0 / rows),
                  null);
          PolicyTerms terms = TokenCases.terms(stage, perToken, rows);
          Values logProbs = stage.poisoned(perToken, rows);
          KlPenalty kl = new KlPenalty(KlEstimator.K3, kind == Logits.USUAL ? 0.05 : 0);
          // float32 holds a log-probability of -1e4 to 1e-3, and the ratio no better than that.
          double precision = perToken == F32 ? (kind == Logits.EXTREME ? 4e-3 : 1e-4) : 1e-9;
          Tolerance derived = new Tolerance(precision, precision);
          List<Output> outputs = TokenCases.outputs(terms, derived);
          outputs.add(new Output("logProbs", logProbs, Tolerance.of(perToken, columns)));
          outputs.add(
              new Output(
                  "logits",
                  logits,
                  new Tolerance(Math.max(precision, type == BF16 ? 1.0 / 128 : 0), precision)));
          return new Trial(
              new FusedPolicyLoss(
                  logits,
                  ids,
                  1,
                  new ClippedPolicyLoss(logProbs, tokens, new ClipBounds(0.2, 0.28, 3), kl, terms)),
              outputs);
        });
  }

  private static Case sample(ArrayElement type, int rows, int columns, SamplingRule rule) {
    return new Case(
        "sample tokens",
        detail(type, rows, columns, rule),
        (stage, random) -> {
          Matrix logits = logits(stage, type, rows, columns, Logits.WITHOUT_MEANING, random);
          Values tokens = stage.poisoned(I32, rows);
          Values logProbs = stage.poisoned(perToken(type), rows);
          return new Trial(
              new SampleTokens(
                  logits,
                  stage.integers(I64, random.longs(rows).toArray()),
                  stage.integers(I64, random.longs(rows).toArray()),
                  rule,
                  tokens,
                  logProbs),
              List.of(
                  new Output("tokens", tokens, Tolerance.EXACT),
                  new Output("logProbs", logProbs, Tolerance.of(perToken(type), columns))));
        });
  }
}
