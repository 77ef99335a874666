package dev.tandem.benchmarks.kernels;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.Matrix;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** The log-probability of one chosen token per row, by one backend over one set of logits. */
final class LogProbs implements AutoCloseable {
  private final Supplier<float[]> work;
  private final Runnable end;

  private LogProbs(Supplier<float[]> work, Runnable end) {
    this.work = work;
    this.end = end;
  }

  static LogProbs by(ComparedBackend backend, Matrix logits, int[] ids) {
    return switch (backend) {
      case SCALAR, VECTOR_API -> ours(backend.kernels(), logits, ids);
      case LIBTORCH -> libtorch(logits, ids);
      case ND4J -> nd4j(logits, ids);
    };
  }

  /** {@code [tokens]}; the array may be used again. */
  float[] compute() {
    return work.get();
  }

  private static LogProbs ours(Kernels kernels, Matrix logits, int[] ids) {
    float[] logProbs = new float[ids.length];
    SelectedLogProbs operation =
        new SelectedLogProbs(logits, Values.of(ids), 1, Values.of(logProbs), null, null);
    return new LogProbs(
        () -> {
          kernels.run(operation);
          return logProbs;
        },
        () -> {});
  }

  /** What a PyTorch program writes: {@code log_softmax(-1).gather(-1, ids)}. */
  private static LogProbs libtorch(Matrix logits, int[] ids) {
    NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    JniUtils.setNumThreads(1);
    NDArray tensor =
        manager.create(
            logits.segment().asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer(),
            new Shape(logits.rows(), logits.columns()));
    long[] index = new long[ids.length];
    Arrays.setAll(index, row -> ids[row]);
    NDArray chosen = manager.create(index, new Shape(ids.length, 1));
    return new LogProbs(
        () -> {
          try (NDManager scope = manager.newSubManager()) {
            NDArray all = tensor.logSoftmax(1);
            all.attach(scope);
            NDArray selected = all.gather(chosen, 1);
            selected.attach(scope);
            return selected.toFloatArray();
          }
        },
        manager::close);
  }

  private static LogProbs nd4j(Matrix logits, int[] ids) {
    Nd4j.getEnvironment().setMaxThreads(1);
    Nd4j.getEnvironment().setMaxMasterThreads(1);
    float[] copy = new float[Math.toIntExact(logits.rows() * logits.columns())];
    MemorySegment.copy(logits.segment(), ValueLayout.JAVA_FLOAT, 0, copy, 0, copy.length);
    INDArray tensor = Nd4j.create(copy, new long[] {logits.rows(), logits.columns()}, 'c');
    return new LogProbs(
        () -> {
          try (INDArray all = Nd4j.createUninitialized(tensor.dataType(), tensor.shape(), 'c')) {
            Nd4j.exec(
                DynamicCustomOp.builder("log_softmax")
                    .addInputs(tensor)
                    .addOutputs(all)
                    .addIntegerArguments(1)
                    .build());
            float[] selected = new float[ids.length];
            for (int row = 0; row < ids.length; row++) {
              selected[row] = all.getFloat(row, ids[row]);
            }
            return selected;
          }
        },
        tensor::close);
  }

  @Override
  public void close() {
    end.run();
  }
}
