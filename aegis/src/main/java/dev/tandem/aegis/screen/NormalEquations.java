package dev.tandem.aegis.screen;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sums of squares and products within tasks, by cluster: success minus the task's mean on
 * regressors minus their task's mean. How hard a task is, or how good the model was that round,
 * thereby drops out.
 *
 * @param products by cluster: regressors with regressors
 * @param moments by cluster: regressors with success
 * @param squares of success within tasks
 * @param freedom weighted episodes less one per task and round
 * @param tasks share of the weighted tasks, by cluster
 */
@SuppressWarnings("ArrayRecordComponent") // numbers on their way, never compared
record NormalEquations(
    List<String> clusters,
    List<double[][]> products,
    List<double[]> moments,
    double squares,
    double freedom,
    double[] tasks) {

  static NormalEquations of(List<WeightedBlock> blocks, int columns) {
    SortedMap<String, Integer> index = new TreeMap<>();
    blocks.forEach(block -> index.put(block.cluster(), 0));
    List<String> clusters = List.copyOf(index.keySet());
    List<double[][]> products = new ArrayList<>();
    List<double[]> moments = new ArrayList<>();
    for (int c = 0; c < clusters.size(); c++) {
      index.put(clusters.get(c), c);
      products.add(new double[columns][columns]);
      moments.add(new double[columns]);
    }
    double squares = 0;
    double freedom = 0;
    double[] tasks = new double[clusters.size()];
    for (WeightedBlock block : blocks) {
      int cluster = index.getOrDefault(block.cluster(), 0);
      tasks[cluster] += block.weight();
      freedom += block.weight() * (block.attempts() - 1);
      double mean = block.meanSuccess();
      squares += block.weight() * block.attempts() * mean * (1 - mean);
      block.add(products.get(cluster), moments.get(cluster));
    }
    double all = 0;
    for (double one : tasks) {
      all += one;
    }
    for (int c = 0; c < tasks.length; c++) {
      tasks[c] /= all;
    }
    return new NormalEquations(clusters, products, moments, squares, freedom, tasks);
  }

  /** Sum of squares that is left when every cluster has these effects. */
  double residual(List<double[]> effects) {
    double left = squares;
    for (int c = 0; c < clusters.size(); c++) {
      double[] effect = effects.get(c);
      double[][] product = products.get(c);
      for (int i = 0; i < effect.length; i++) {
        double row = 0;
        for (int j = 0; j < effect.length; j++) {
          row += product[i][j] * effect[j];
        }
        left += effect[i] * (row - 2 * moments.get(c)[i]);
      }
    }
    return left;
  }
}
