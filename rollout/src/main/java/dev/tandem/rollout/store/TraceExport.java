package dev.tandem.rollout.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/** Rows for other programs. */
public final class TraceExport {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static final String DRIVER = "org.duckdb.DuckDBDriver";

  /** What the columns are called, and DuckDB's types of them. */
  private static final String COLUMNS =
      "round INTEGER, phase VARCHAR, batch VARCHAR, id VARCHAR, task VARCHAR, category VARCHAR,"
          + " split VARCHAR, harness VARCHAR, checkpoint VARCHAR, seed BIGINT, outcome VARCHAR,"
          + " strict DOUBLE, lenient DOUBLE, exit_reason VARCHAR, detail VARCHAR, steps INTEGER,"
          + " turns INTEGER, prompt_tokens BIGINT, response_tokens BIGINT, failures VARCHAR";

  private TraceExport() {}

  /** What can be written. */
  public enum Format {
    PARQUET(".parquet"),
    CSV(".csv"),
    JSON_LINES(".jsonl");

    private final String ending;

    Format(String ending) {
      this.ending = ending;
    }

    /** The format that a file's name asks for. */
    public static Optional<Format> of(Path file) {
      String name = file.toString().toLowerCase(Locale.ROOT);
      return Arrays.stream(values()).filter(one -> name.endsWith(one.ending)).findFirst();
    }
  }

  /** Writes one JSON object a row. */
  public static void jsonLines(List<TraceRow> rows, Path target) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(target)) {
      for (TraceRow row : rows) {
        try {
          writer.write(JSON.writeValueAsString(row));
        } catch (JsonProcessingException e) {
          throw new IllegalStateException("a row could not be written as JSON", e);
        }
        writer.write('\n');
      }
    }
  }

  /** Writes comma-separated values (RFC 4180) under the names of the columns. */
  public static void csv(List<TraceRow> rows, Path target) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(target)) {
      writer.write(COLUMNS.replaceAll(" [A-Z]+", "").replace(", ", ","));
      writer.write('\n');
      for (TraceRow row : rows) {
        writer.write(line(row));
        writer.write('\n');
      }
    }
  }

  private static String line(TraceRow row) {
    String outcome = row.isBroken() ? "broken" : row.success() ? "success" : "failed";
    return String.join(
        ",",
        Integer.toString(row.round()),
        row.phase().id(),
        quoted(row.batch()),
        quoted(row.id()),
        quoted(row.task()),
        quoted(row.category()),
        row.split().id(),
        quoted(row.harness()),
        quoted(row.checkpoint()),
        Long.toString(row.seed()),
        outcome,
        row.isBroken() ? "" : Double.toString(row.strict()),
        row.isBroken() ? "" : Double.toString(row.lenient()),
        row.exitReason().name().toLowerCase(Locale.ROOT),
        quoted(row.detail()),
        Integer.toString(row.steps()),
        Integer.toString(row.turns()),
        Long.toString(row.promptTokens()),
        Long.toString(row.responseTokens()),
        quoted(String.join(" ", row.failures())));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  /**
   * Writes Parquet by a DuckDB in memory, which reads a file of values and is gone when it has
   * written: it suffers no second process at its own files, and so gets none.
   *
   * @param duckdb the jar of its JDBC driver
   * @throws TraceException when it cannot
   */
  public static void parquet(List<TraceRow> rows, Path target, Path duckdb) throws IOException {
    Path values = Files.createTempFile("tandem-rows-", ".csv");
    try (URLClassLoader loader =
            new URLClassLoader(
                new URL[] {duckdb.toUri().toURL()}, TraceExport.class.getClassLoader());
        Connection connection = connect(loader, duckdb);
        Statement statement = connection.createStatement()) {
      csv(rows, values);
      statement.execute("create table episodes (" + COLUMNS + ")");
      statement.execute(
          "copy episodes from %s (header, null_padding false)".formatted(literal(values)));
      statement.execute(
          "copy episodes to %s (format parquet, compression zstd)".formatted(literal(target)));
    } catch (SQLException e) {
      throw new TraceException(
          "%s cannot be written (%s): see that its folder exists and can be written to"
              .formatted(target, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    } finally {
      Files.deleteIfExists(values);
    }
  }

  private static Connection connect(ClassLoader loader, Path duckdb) throws SQLException {
    try {
      Driver driver =
          Class.forName(DRIVER, true, loader)
              .asSubclass(Driver.class)
              .getDeclaredConstructor()
              .newInstance();
      Connection connection = driver.connect("jdbc:duckdb:", new Properties());
      if (connection == null) {
        throw new SQLException("the driver does not know its own address");
      }
      return connection;
    } catch (ReflectiveOperationException e) {
      throw new TraceException(
          "%s is no JDBC driver of DuckDB (%s)".formatted(duckdb, e.getMessage()), e);
    }
  }

  private static String literal(Path file) {
    return "'" + file.toAbsolutePath().toString().replace("'", "''") + "'";
  }
}
