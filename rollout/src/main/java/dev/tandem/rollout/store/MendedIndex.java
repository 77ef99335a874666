package dev.tandem.rollout.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An index that says what the segments say: one that is missing, behind or broken is made again
 * from them. Where the run's folder cannot be written to, it lives in memory.
 */
final class MendedIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MendedIndex.class);
  private static final String NAME = "index.sqlite";
  private static final int NOT_A_DATABASE = 26;
  private static final int CORRUPT = 11;
  private static final int WRONG_SCHEMA = 1;

  private final Path run;
  private final SegmentFolder folder;
  private final NavigableMap<SegmentName, TraceException> damage = new TreeMap<>();
  private TraceIndex index;

  MendedIndex(Path run, SegmentFolder folder)
      throws SQLException, IOException, TraceIndex.NewerIndexException {
    this.run = run;
    this.folder = folder;
    this.index = open();
  }

  static Path file(Path run) {
    return run.resolve(NAME);
  }

  /** Takes in a segment that was just written, in place of an earlier one of its name. */
  void put(SegmentName segment, String sha256, List<TraceRow> rows) throws SQLException {
    index.put(segment.fileName(), sha256, rows);
    damage.remove(segment);
  }

  /** Forgets a segment. */
  void remove(SegmentName segment) throws SQLException {
    index.remove(segment.fileName());
    damage.remove(segment);
  }

  List<TraceRow> find(TraceQuery query)
      throws SQLException, IOException, TraceIndex.NewerIndexException {
    try {
      return index.find(query);
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw e;
      }
      index.close();
      index = madeAgain(e);
      return index.find(query);
    }
  }

  /** One sentence for each segment that cannot be read. */
  List<String> damage() {
    return damage.values().stream().map(problem -> String.valueOf(problem.getMessage())).toList();
  }

  @Override
  public void close() throws SQLException {
    index.close();
  }

  private TraceIndex open() throws SQLException, IOException, TraceIndex.NewerIndexException {
    if (!Files.isWritable(run)) {
      return reconciled(TraceIndex.inMemory());
    }
    try {
      return reconciled(TraceIndex.open(file(run)));
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw e;
      }
      return madeAgain(e);
    }
  }

  private static boolean isBroken(SQLException e) {
    return e.getErrorCode() == NOT_A_DATABASE
        || e.getErrorCode() == CORRUPT
        || e.getErrorCode() == WRONG_SCHEMA;
  }

  private TraceIndex madeAgain(SQLException reason)
      throws SQLException, IOException, TraceIndex.NewerIndexException {
    LOG.warn(
        "{} could not be used ({}); it is made again from the segments",
        file(run),
        reason.getMessage());
    for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
      Files.deleteIfExists(run.resolve(NAME + suffix));
    }
    return reconciled(TraceIndex.open(file(run)));
  }

  /** Brings an index to what the segments say. */
  private TraceIndex reconciled(TraceIndex opened) throws SQLException, IOException {
    boolean ready = false;
    try {
      damage.clear();
      Map<String, String> gone = opened.segments();
      for (SegmentName segment : folder.segments()) {
        String known = gone.remove(segment.fileName());
        try {
          SegmentFile.Trailer trailer = SegmentFile.trailer(folder.file(segment));
          if (!trailer.sha256().equals(known)) {
            opened.put(
                segment.fileName(),
                SegmentFile.verified(folder.file(segment)).sha256(),
                SegmentFile.rows(folder.file(segment), trailer));
          }
        } catch (TraceException e) {
          damage.put(segment, e);
          opened.remove(segment.fileName());
        }
      }
      for (String name : gone.keySet()) {
        opened.remove(name);
      }
      ready = true;
      return opened;
    } finally {
      if (!ready) {
        opened.close();
      }
    }
  }
}
