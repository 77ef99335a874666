package dev.tandem.rollout.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of an index. A file carries the number of its schema: an older one is brought up to
 * date in place, one of a later build is refused.
 */
final class IndexSchema {
  /**
   * What turns an index of version n into one of n + 1. The first index had no number and is taken
   * for version 0 or 1 alike. Rows that a step drops come back from the segments.
   */
  private static final List<List<String>> MIGRATIONS =
      List.of(
          List.of(
              """
              create table if not exists trajectories (
                round integer not null, id text primary key, task text not null,
                category text not null, split text not null, harness text not null,
                checkpoint text not null, success integer not null, strict real not null,
                lenient real not null, exit_reason text not null, steps integer not null,
                turns integer not null, prompt_tokens integer not null,
                response_tokens integer not null)
              """),
          List.of(
              "drop table trajectories",
              "create table segments (name text primary key, sha256 text not null) without rowid",
              """
              create table episodes (
                segment text not null, position integer not null,
                round integer not null, phase text not null, batch text not null,
                id text not null, task text not null, category text not null,
                split text not null, harness text not null, checkpoint text not null,
                seed integer not null, success integer not null, strict real not null,
                lenient real not null, exit_reason text not null, broken integer not null,
                detail text not null, steps integer not null, turns integer not null,
                prompt_tokens integer not null, response_tokens integer not null,
                failures text not null)
              """,
              "create index episodes_in_order on episodes (round, phase desc, batch, position)",
              "create index episodes_by_segment on episodes (segment)",
              "create index episodes_by_id on episodes (id)",
              "create index episodes_by_task on episodes (task, round)"));

  static final int VERSION = MIGRATIONS.size();

  /** Where SQLite's file format has the number that is ours to set. */
  private static final int USER_VERSION_AT = 60;

  private static final String SQLITE = "SQLite format 3\0";

  private IndexSchema() {}

  /** An index of a later build, which this one must not touch. */
  static final class NewerIndexException extends Exception {
    private static final long serialVersionUID = 1L;

    NewerIndexException(int version) {
      super("the index is of version %d, this build reads at most %d".formatted(version, VERSION));
    }
  }

  /** Refuses an index of a later build, whatever else it holds. */
  static void requireKnown(Path file) throws IOException, NewerIndexException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] begin = new byte[SQLITE.length()];
      if (in.length() >= USER_VERSION_AT + Integer.BYTES) {
        in.readFully(begin);
      }
      if (new String(begin, StandardCharsets.US_ASCII).equals(SQLITE)) {
        in.seek(USER_VERSION_AT);
        int version = in.readInt();
        if (version > VERSION) {
          throw new NewerIndexException(version);
        }
      }
    }
  }

  /** Brings an index to {@link #VERSION}, in one transaction. */
  static void migrate(Connection connection) throws SQLException, NewerIndexException {
    int version = version(connection);
    if (version > VERSION) {
      throw new NewerIndexException(version);
    }
    if (version == VERSION) {
      return;
    }
    connection.setAutoCommit(false);
    // The number is read once more, inside the transaction: another process may have done the same.
    for (int step = version(connection); step < VERSION; step++) {
      try (Statement statement = connection.createStatement()) {
        for (String change : MIGRATIONS.get(step)) {
          statement.execute(change);
        }
        statement.execute("pragma user_version = " + (step + 1));
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("pragma user_version")) {
      return result.getInt(1);
    }
  }
}
