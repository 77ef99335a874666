package dev.tandem.rollout.store;

import dev.tandem.harness.durable.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * An index that says what the segments say: one that is missing, behind or broken is made again
 * from them. Where the run's folder cannot be written to, it lives in memory.
 *
 * <p>SQLite does not notice a changed byte in a row. So whoever closes an index last puts its hash
 * beside it, and it is believed with that hash only. Without one it is being written, or its writer
 * was killed: its owner makes it again, and others make their own in memory.
 */
final class MendedIndex implements AutoCloseable {
  private static final String NAME = "index.sqlite";
  private static final int NOT_A_DATABASE = 26;
  private static final int CORRUPT = 11;
  private static final int WRONG_SCHEMA = 1;

  private final Path run;
  private final SegmentFolder folder;
  private final NavigableMap<SegmentName, TraceException> damage = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();
  private final IndexSeal seal;
  private boolean inMemory;
  private TraceIndex index;

  /**
   * @param owned whether nobody else writes it
   */
  MendedIndex(Path run, SegmentFolder folder, boolean owned)
      throws SQLException, IOException, IndexSchema.NewerIndexException {
    this.run = run;
    this.folder = folder;
    this.seal = new IndexSeal(file(run));
    this.index = open(owned);
  }

  static Path file(Path run) {
    return run.resolve(NAME);
  }

  /** Takes in a segment that was just written, in place of an earlier one of its name. */
  void put(SegmentName segment, String sha256, List<TraceRow> rows)
      throws SQLException, IOException {
    breakSeal();
    index.put(segment.fileName(), sha256, rows);
    damage.remove(segment);
  }

  /** Forgets a segment. */
  void remove(SegmentName segment) throws SQLException, IOException {
    breakSeal();
    index.remove(segment.fileName());
    damage.remove(segment);
  }

  List<TraceRow> find(TraceQuery query)
      throws SQLException, IOException, IndexSchema.NewerIndexException {
    if (inMemory) {
      reconciled(index); // its writer goes on
    }
    try {
      return index.find(query);
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw e;
      }
      index.close();
      index = madeAgain("cannot be read (%s)".formatted(e.getMessage()));
      return index.find(query);
    }
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** One sentence for each segment that cannot be read. */
  List<String> damage() {
    return damage.values().stream().map(problem -> String.valueOf(problem.getMessage())).toList();
  }

  @Override
  public void close() throws SQLException, IOException {
    index.close();
    if (!inMemory) {
      seal.put();
    }
  }

  private void breakSeal() throws IOException {
    if (!inMemory) {
      seal.breakIt();
    }
  }

  private TraceIndex open(boolean owned)
      throws SQLException, IOException, IndexSchema.NewerIndexException {
    if (!Files.isWritable(run) || (!owned && seal.isInUse())) {
      return inMemory();
    }
    if (Files.notExists(file(run)) || (owned && seal.isInUse())) {
      return madeAgain("");
    }
    if (Files.isDirectory(file(run))) {
      return madeAgain("is a folder where the index was written");
    }
    if (!Files.isReadable(file(run))) {
      notes.add("%s may not be read: the traces are read without it".formatted(file(run)));
      return inMemory();
    }
    try {
      IndexSchema.requireKnown(file(run));
      return seal.isWhole()
          ? reconciled(TraceIndex.open(file(run)))
          : madeAgain("is not what was written");
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw e;
      }
      return madeAgain("cannot be read (%s)".formatted(e.getMessage()));
    }
  }

  private TraceIndex inMemory() throws SQLException, IOException, IndexSchema.NewerIndexException {
    inMemory = true;
    return reconciled(TraceIndex.inMemory());
  }

  private static boolean isBroken(SQLException e) {
    return e.getErrorCode() == NOT_A_DATABASE
        || e.getErrorCode() == CORRUPT
        || e.getErrorCode() == WRONG_SCHEMA;
  }

  /**
   * @param reason a predicate that is told to whoever opened it; empty for what is no damage
   */
  private TraceIndex madeAgain(String reason)
      throws SQLException, IOException, IndexSchema.NewerIndexException {
    if (!reason.isEmpty()) {
      notes.add("%s %s: it is made again from the traces".formatted(file(run), reason));
    }
    seal.breakIt();
    for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
      DurableFiles.deleteTree(run.resolve(NAME + suffix));
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
            breakSeal();
            opened.put(
                segment.fileName(),
                SegmentFile.verified(folder.file(segment)).sha256(),
                SegmentFile.rows(folder.file(segment), trailer));
          }
        } catch (TraceException e) {
          damage.put(segment, e);
          forget(opened, segment.fileName(), known != null);
        } catch (IOException e) {
          damage.put(segment, SegmentFile.damaged(folder.file(segment), "it cannot be read"));
          forget(opened, segment.fileName(), known != null);
        }
      }
      for (String name : gone.keySet()) {
        forget(opened, name, true);
      }
      ready = true;
      return opened;
    } finally {
      if (!ready) {
        opened.close();
      }
    }
  }

  private void forget(TraceIndex opened, String name, boolean known)
      throws SQLException, IOException {
    if (known) {
      breakSeal();
      opened.remove(name);
    }
  }
}
