package dev.tandem.trainer.cli;

import dev.tandem.trainer.compare.Cell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Plays cells, so many at once, each in a process of its own. One that fails stops no other.
 *
 * @param commands what a process is told, by its cell
 */
record CellQueue(
    Console console, ComparisonFolder folder, int jobs, Function<Cell, List<String>> commands) {

  /**
   * Plays all.
   *
   * @return the names of those that failed
   */
  List<String> play(String what, List<Cell> cells) throws InterruptedException {
    if (cells.isEmpty()) {
      return List.of();
    }
    int processors = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
    List<String> failed = new ArrayList<>();
    try (Progress progress = console.progress(what, cells.size(), "runs");
        ExecutorService pool = Executors.newFixedThreadPool(jobs)) {
      List<Future<Integer>> ends =
          cells.stream()
              .map(
                  cell ->
                      pool.submit(
                          () -> {
                            int status = play(cell, processors);
                            progress.advance(1);
                            return status;
                          }))
              .toList();
      for (int i = 0; i < cells.size(); i++) {
        if (status(ends.get(i)) != 0) {
          failed.add(cells.get(i).name());
        }
      }
    }
    return failed;
  }

  private int play(Cell cell, int processors) throws IOException, InterruptedException {
    Path log = folder.log(cell);
    Process process = SelfProcess.start(processors, log, commands.apply(cell));
    try {
      int status = process.waitFor();
      console.note(
          status == 0
              ? "%s is complete".formatted(cell.name())
              : "%s failed: %s (all of it in %s)".formatted(cell.name(), lastLine(log), log));
      return status;
    } finally {
      process.destroy();
    }
  }

  private static String lastLine(Path log) throws IOException {
    return Files.readString(log).lines().reduce((_, last) -> last).orElse("without a word");
  }

  private static int status(Future<Integer> end) throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof IOException io
          ? new UncheckedIOException(io)
          : new IllegalStateException(failure.getCause());
    }
  }
}
