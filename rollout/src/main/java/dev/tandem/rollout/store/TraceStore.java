package dev.tandem.rollout.store;

import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.spi.EnvironmentFamily;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run's trajectories on disk: one JSONL file a round, which is the truth, and a SQLite index over
 * them (write-ahead log, so that another process may read while a run writes). A round is there
 * whole or not at all.
 */
public final class TraceStore implements AutoCloseable {
  private static final String SCHEMA =
      """
      create table if not exists trajectories (
        round integer not null,
        id text primary key,
        task text not null,
        category text not null,
        split text not null,
        harness text not null,
        checkpoint text not null,
        success integer not null,
        strict real not null,
        lenient real not null,
        exit_reason text not null,
        steps integer not null,
        turns integer not null,
        prompt_tokens integer not null,
        response_tokens integer not null)
      """;

  private final Path folder;
  private final Connection index;

  private TraceStore(Path folder, Connection index) {
    this.folder = folder;
    this.index = index;
  }

  /** Opens the store of a run, making it if there is none. */
  public static TraceStore open(Path runFolder) {
    Path folder = runFolder.resolve("traces");
    Connection connection = null;
    try {
      Files.createDirectories(folder);
      connection = DriverManager.getConnection("jdbc:sqlite:" + runFolder.resolve("index.sqlite"));
      try (Statement statement = connection.createStatement()) {
        statement.execute("pragma journal_mode = wal");
        statement.execute("pragma synchronous = normal");
        statement.execute(SCHEMA);
        statement.execute("create index if not exists by_task on trajectories (task, round)");
      }
      connection.setAutoCommit(false);
      return new TraceStore(folder, connection);
    } catch (SQLException | IOException e) {
      close(connection);
      throw new TraceException(
          "the trace store in %s cannot be opened (%s): check that the folder can be written to"
              .formatted(runFolder, e.getMessage()),
          e);
    }
  }

  /** Stores a round, in place of an earlier attempt at it. */
  public void write(int round, List<Trajectory> trajectories) {
    try {
      writeLines(file(round), trajectories);
      try (PreparedStatement delete =
              index.prepareStatement("delete from trajectories where round = ?");
          PreparedStatement insert =
              index.prepareStatement(
                  "insert into trajectories values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                      + " ?)")) {
        delete.setInt(1, round);
        delete.executeUpdate();
        for (Trajectory trajectory : trajectories) {
          bind(insert, trajectory);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      index.commit();
    } catch (SQLException | IOException e) {
      throw new TraceException(
          "round %d cannot be stored in %s (%s): free some space or choose another --out, then resume"
              .formatted(round, folder, e.getMessage()),
          e);
    }
  }

  /** Reads a round back, playing its episodes again. */
  public List<Trajectory> read(int round, EnvironmentFamily family) {
    try (Stream<String> lines = Files.lines(file(round))) {
      return lines.map(line -> TrajectoryCodec.read(line, family)).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new TraceException(
          "round %d cannot be read from %s (%s): copy its file again, or begin the run anew in another folder"
              .formatted(round, folder, e.getMessage()),
          e);
    }
  }

  /**
   * Forgets every round after this one: what a killed run may have left of a round that was never
   * finished.
   */
  public void truncateAfter(int round) {
    try (PreparedStatement delete =
            index.prepareStatement("delete from trajectories where round > ?");
        Stream<Path> files = Files.list(folder)) {
      delete.setInt(1, round);
      delete.executeUpdate();
      index.commit();
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".tmp") || (name.endsWith(".jsonl") && roundOf(name) > round)) {
          Files.delete(file);
        }
      }
    } catch (SQLException | IOException e) {
      throw new TraceException(
          "rounds after %d cannot be removed from %s (%s)".formatted(round, folder, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    close(index);
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new TraceException("the trace index cannot be closed: " + e.getMessage(), e);
      }
    }
  }

  private static void writeLines(Path file, List<Trajectory> trajectories) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (var writer = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
      for (Trajectory trajectory : trajectories) {
        writer.write(TrajectoryCodec.write(trajectory));
        writer.write('\n');
      }
    }
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void bind(PreparedStatement insert, Trajectory trajectory) throws SQLException {
    int column = 1;
    insert.setInt(column++, trajectory.round());
    insert.setString(column++, trajectory.id());
    insert.setString(column++, trajectory.task().key());
    insert.setString(column++, trajectory.task().category());
    insert.setString(column++, trajectory.task().split().id());
    insert.setString(column++, trajectory.harnessHash());
    insert.setString(column++, trajectory.checkpoint());
    insert.setInt(column++, trajectory.verdict().success() ? 1 : 0);
    insert.setDouble(column++, trajectory.verdict().strict());
    insert.setDouble(column++, trajectory.verdict().lenient());
    insert.setString(column++, trajectory.episode().exitReason().name().toLowerCase(Locale.ROOT));
    insert.setInt(column++, trajectory.episode().steps().size());
    insert.setInt(column++, trajectory.episode().turns().size());
    insert.setInt(column++, trajectory.promptTokens());
    insert.setInt(column, trajectory.responseTokens());
  }

  private Path file(int round) {
    return folder.resolve("round-%04d.jsonl".formatted(round));
  }

  private static int roundOf(String fileName) {
    return Integer.parseInt(fileName.substring("round-".length(), fileName.indexOf('.')));
  }
}
