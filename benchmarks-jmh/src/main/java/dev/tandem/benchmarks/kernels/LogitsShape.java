package dev.tandem.benchmarks.kernels;

/** A number of tokens and a vocabulary, written as in {@code 1024x32000}. */
record LogitsShape(int tokens, int vocabulary) {
  static LogitsShape parse(String text) {
    int cross = text.indexOf('x');
    return new LogitsShape(
        Integer.parseInt(text.substring(0, cross)), Integer.parseInt(text.substring(cross + 1)));
  }

  long size() {
    return (long) tokens * vocabulary;
  }

  long bytes() {
    return size() * Float.BYTES;
  }
}
