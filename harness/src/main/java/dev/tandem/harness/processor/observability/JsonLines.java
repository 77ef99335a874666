package dev.tandem.harness.processor.observability;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * A trace as a file of one JSON object per line: {@code {"episode":1,"event":{..}}}, episodes
 * numbered as they began. The file has its name once the trace is closed; until then {@code .part}
 * is behind it.
 */
public final class JsonLines implements EventSink, AutoCloseable {
  private final Path file;
  private final Path part;
  private final BufferedWriter out;
  private int episodes;

  /** Creates the file. */
  public JsonLines(Path file) throws IOException {
    this.file = file;
    part = file.resolveSibling(file.getFileName() + ".part");
    out = Files.newBufferedWriter(part, StandardCharsets.UTF_8);
  }

  @Override
  public synchronized Consumer<String> begin() {
    int episode = ++episodes;
    return event -> write("{\"episode\":%d,\"event\":%s}\n".formatted(episode, event));
  }

  private synchronized void write(String line) {
    try {
      out.write(line);
    } catch (IOException e) {
      throw new UncheckedIOException("the trace " + part + " cannot be written", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
