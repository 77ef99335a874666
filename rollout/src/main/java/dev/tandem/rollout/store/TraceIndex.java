package dev.tandem.rollout.store;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Split;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sqlite.NativeLibraryNotFoundException;

/**
 * The rows of all segments in SQLite (write-ahead log, so that another process may read while a run
 * writes). It holds nothing that the segments do not, so that it may be made again at any time.
 */
final class TraceIndex implements AutoCloseable {
  private static final String COLUMNS =
      "round, phase, batch, position, id, task, category, split, harness, checkpoint, seed,"
          + " success, strict, lenient, exit_reason, detail, steps, turns, prompt_tokens,"
          + " response_tokens, failures";

  /** Between the fields of a row; texts have a space in its place. */
  private static final String SEPARATOR = "\u001f";

  /**
   * A row in one text: a column costs a call into SQLite, of which a list of many rows would take
   * millions. Scores stay numbers, because their texts would be rounded.
   */
  private static final String ROW =
      COLUMNS.replace(" strict, lenient,", "").replace(", ", " || char(31) || ")
          + ", strict, lenient";

  /** Phases in the order of a round happen to be that of their names, backwards. */
  private static final String ORDER = " order by round, phase desc, batch, position limit ?";

  private final Connection connection;

  private TraceIndex(Connection connection) {
    this.connection = connection;
  }

  static TraceIndex open(Path file) throws SQLException, IndexSchema.NewerIndexException {
    return open("jdbc:sqlite:" + file);
  }

  static TraceIndex inMemory() throws SQLException, IndexSchema.NewerIndexException {
    return open("jdbc:sqlite::memory:");
  }

  private static TraceIndex open(String url) throws SQLException, IndexSchema.NewerIndexException {
    Properties settings = new Properties();
    settings.setProperty("journal_mode", "WAL");
    settings.setProperty("synchronous", "NORMAL");
    settings.setProperty("busy_timeout", "10000");
    settings.setProperty("transaction_mode", "IMMEDIATE");
    Connection connection = connection(url, settings);
    boolean ready = false;
    try {
      IndexSchema.migrate(connection);
      ready = true;
      return new TraceIndex(connection);
    } finally {
      if (!ready) {
        connection.close();
      }
    }
  }

  private static Connection connection(String url, Properties settings) throws SQLException {
    try {
      return DriverManager.getConnection(url, settings);
    } catch (SQLException e) {
      if (e.getCause() instanceof NativeLibraryNotFoundException) {
        String common = System.getProperty("java.io.tmpdir", "");
        throw new TraceException(
            "SQLite, which lists the episodes, cannot unpack its library into %s: free a few MB there, see that its files may be written and executed, or name another folder with TMPDIR (-Djava.io.tmpdir)"
                .formatted(System.getProperty("org.sqlite.tmpdir", common)),
            e);
      }
      throw e;
    }
  }

  /** The content hashes of the segments it knows, by file name. */
  SortedMap<String, String> segments() throws SQLException {
    SortedMap<String, String> known = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select name, sha256 from segments")) {
      while (result.next()) {
        known.put(result.getString(1), result.getString(2));
      }
    }
    return known;
  }

  /** Takes in a segment, in place of an earlier one of its name. */
  void put(String segment, String sha256, List<TraceRow> rows) throws SQLException {
    inTransaction(
        () -> {
          delete(segment);
          try (PreparedStatement insert =
              connection.prepareStatement("insert into segments values (?, ?)")) {
            insert.setString(1, segment);
            insert.setString(2, sha256);
            insert.executeUpdate();
          }
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "insert into episodes (segment, broken, "
                      + COLUMNS
                      + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                      + " ?, ?)")) {
            for (TraceRow row : rows) {
              bind(insert, segment, row);
              insert.addBatch();
            }
            insert.executeBatch();
          }
        });
  }

  /** Forgets a segment. */
  void remove(String segment) throws SQLException {
    inTransaction(() -> delete(segment));
  }

  private void delete(String segment) throws SQLException {
    for (String table : List.of("episodes where segment", "segments where name")) {
      try (PreparedStatement delete =
          connection.prepareStatement("delete from " + table + " = ?")) {
        delete.setString(1, segment);
        delete.executeUpdate();
      }
    }
  }

  private interface Change {
    void make() throws SQLException;
  }

  private void inTransaction(Change change) throws SQLException {
    connection.setAutoCommit(false);
    try {
      change.make();
      connection.commit();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      undo(e);
      throw e;
    }
  }

  /** SQLite has done so itself where the disk is full; that it was is what there is to say. */
  private void undo(SQLException reason) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  private static void bind(PreparedStatement insert, String segment, TraceRow row)
      throws SQLException {
    int column = 1;
    insert.setString(column++, segment);
    insert.setInt(column++, row.isBroken() ? 1 : 0);
    insert.setInt(column++, row.round());
    insert.setString(column++, row.phase().id());
    insert.setString(column++, row.batch());
    insert.setInt(column++, row.position());
    insert.setString(column++, text(row.id()));
    insert.setString(column++, text(row.task()));
    insert.setString(column++, text(row.category()));
    insert.setString(column++, row.split().id());
    insert.setString(column++, text(row.harness()));
    insert.setString(column++, text(row.checkpoint()));
    insert.setLong(column++, row.seed());
    insert.setInt(column++, row.success() ? 1 : 0);
    insert.setDouble(column++, row.strict());
    insert.setDouble(column++, row.lenient());
    insert.setString(column++, row.exitReason().name().toLowerCase(Locale.ROOT));
    insert.setString(column++, text(row.detail()));
    insert.setInt(column++, row.steps());
    insert.setInt(column++, row.turns());
    insert.setLong(column++, row.promptTokens());
    insert.setLong(column++, row.responseTokens());
    insert.setString(column, String.join(" ", row.failures()));
  }

  private static String text(String any) {
    return any.replace(SEPARATOR, " ");
  }

  /** The rows that meet a query, in the order of their segments. */
  List<TraceRow> find(TraceQuery query) throws SQLException {
    List<String> conditions = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    query.id().ifPresent(id -> add(conditions, values, "id = ?", id));
    query.phase().ifPresent(phase -> add(conditions, values, "phase = ?", phase.id()));
    query.round().ifPresent(round -> add(conditions, values, "round = ?", round));
    query
        .task()
        .ifPresent(
            task ->
                add(
                    conditions,
                    values,
                    "(task = ? or substr(task, instr(task, '/') + 1) = ?)",
                    task,
                    task));
    query.category().ifPresent(one -> add(conditions, values, "category = ?", one));
    query
        .harness()
        .ifPresent(
            begin -> add(conditions, values, "substr(harness, 1, length(?)) = ?", begin, begin));
    query
        .failure()
        .ifPresent(
            one ->
                add(conditions, values, "instr(' ' || failures || ' ', ' ' || ? || ' ') > 0", one));
    query
        .outcome()
        .ifPresent(
            outcome ->
                conditions.add(
                    switch (outcome) {
                      case SUCCESS -> "success = 1";
                      case FAILED -> "success = 0 and broken = 0";
                      case BROKEN -> "broken = 1";
                    }));
    String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    try (PreparedStatement select =
        connection.prepareStatement("select " + ROW + " from episodes" + where + ORDER)) {
      for (int i = 0; i < values.size(); i++) {
        select.setObject(i + 1, values.get(i));
      }
      select.setInt(values.size() + 1, query.limit());
      List<TraceRow> rows = new ArrayList<>();
      try (ResultSet result = select.executeQuery()) {
        while (result.next()) {
          rows.add(row(result));
        }
      }
      return rows;
    }
  }

  private static void add(
      List<String> conditions, List<Object> values, String condition, Object... given) {
    conditions.add(condition);
    values.addAll(List.of(given));
  }

  private static TraceRow row(ResultSet result) throws SQLException {
    String[] fields = result.getString(1).split(SEPARATOR, -1);
    int field = 0;
    return new TraceRow(
        Integer.parseInt(fields[field++]),
        Phase.valueOf(upper(fields[field++])),
        fields[field++],
        Integer.parseInt(fields[field++]),
        fields[field++],
        fields[field++],
        fields[field++],
        Split.valueOf(upper(fields[field++])),
        fields[field++],
        fields[field++],
        Long.parseLong(fields[field++]),
        fields[field++].equals("1"),
        result.getDouble(2),
        result.getDouble(3),
        ExitReason.valueOf(upper(fields[field++])),
        fields[field++],
        Integer.parseInt(fields[field++]),
        Integer.parseInt(fields[field++]),
        Long.parseLong(fields[field++]),
        Long.parseLong(fields[field++]),
        words(fields[field]));
  }

  private static String upper(String id) {
    return id.toUpperCase(Locale.ROOT);
  }

  private static List<String> words(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(" ", -1));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
