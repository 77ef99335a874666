package dev.tandem.aegis.screen;

/** Small dense symmetric algebra, without a copy for every step: a fit makes hundreds of them. */
final class Matrices {
  private Matrices() {}

  /**
   * Inverse of a symmetric positive definite matrix, by Cholesky; only its lower triangle is read.
   *
   * @throws IllegalArgumentException if it is not positive definite
   */
  static double[][] inverse(double[][] matrix) {
    int n = matrix.length;
    double[][] root = cholesky(matrix);
    // The inverse of the root, then its transpose times itself.
    double[][] half = new double[n][n];
    for (int j = 0; j < n; j++) {
      half[j][j] = 1 / root[j][j];
      for (int i = j + 1; i < n; i++) {
        double sum = 0;
        for (int k = j; k < i; k++) {
          sum -= root[i][k] * half[k][j];
        }
        half[i][j] = sum / root[i][i];
      }
    }
    double[][] inverse = new double[n][n];
    for (int k = 0; k < n; k++) {
      double[] row = half[k];
      for (int i = 0; i <= k; i++) {
        for (int j = 0; j <= i; j++) {
          inverse[i][j] += row[i] * row[j];
        }
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        inverse[j][i] = inverse[i][j];
      }
    }
    return inverse;
  }

  private static double[][] cholesky(double[][] matrix) {
    int n = matrix.length;
    double[][] root = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= root[i][k] * root[j][k];
        }
        if (i == j && !(sum > 0)) {
          throw new IllegalArgumentException("matrix is not positive definite at row " + i);
        }
        root[i][j] = i == j ? Math.sqrt(sum) : sum / root[j][j];
      }
    }
    return root;
  }

  static double[] times(double[][] matrix, double[] vector) {
    double[] product = new double[matrix.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = dot(matrix[i], vector);
    }
    return product;
  }

  /** The transposed matrix times a vector. */
  static double[] transposedTimes(double[][] matrix, double[] vector) {
    double[] product = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      if (vector[i] != 0) {
        for (int j = 0; j < product.length; j++) {
          product[j] += matrix[i][j] * vector[i];
        }
      }
    }
    return product;
  }

  /** {@code vector' matrix vector}. */
  static double quadratic(double[][] matrix, double[] vector) {
    double sum = 0;
    for (int i = 0; i < vector.length; i++) {
      if (vector[i] != 0) {
        sum += vector[i] * dot(matrix[i], vector);
      }
    }
    return sum;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
