package dev.tandem.rollout.store;

import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.value.Suggestion;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.Trajectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Every episode of a run on disk: one segment for all that were played together, which is the
 * truth, and an index to find them by. Reading needs neither the environment nor its family: what
 * the agent saw is stored, each thing once. A segment is there whole or not at all, and an index
 * that is missing, behind or broken is made again from the segments.
 */
public final class TraceStore implements AutoCloseable {
  /** Of a run: where its segments are. */
  public static final String FOLDER = SegmentFolder.NAME;

  private final Path run;
  private final SegmentFolder folder;
  private final MendedIndex index;

  private TraceStore(Path run, boolean owned)
      throws SQLException, IOException, IndexSchema.NewerIndexException {
    this.run = run;
    this.folder = SegmentFolder.of(run);
    this.index = new MendedIndex(run, folder, owned);
  }

  /** Opens the store of a run that nobody else writes, making it if there is none. */
  public static TraceStore open(Path run) {
    try {
      Files.createDirectories(SegmentFolder.of(run).path());
    } catch (IOException e) {
      throw new TraceException(
          "the trace store in %s cannot be made (%s): check that the folder can be written to"
              .formatted(run, e.getMessage()),
          e);
    }
    return open(run, true);
  }

  /**
   * Opens the store of a run that may be going on in another process.
   *
   * @throws TraceException when there is none
   */
  public static TraceStore openExisting(Path run) {
    return open(run, false);
  }

  private static TraceStore open(Path run, boolean owned) {
    if (!SegmentFolder.of(run).exists()) {
      throw new TraceException("%s has no traces: name the folder of a run".formatted(run));
    }
    try {
      return new TraceStore(run, owned);
    } catch (IndexSchema.NewerIndexException e) {
      throw new TraceException(
          "%s: %s; use the build that wrote it, or delete the file to have it made again"
              .formatted(MendedIndex.file(run), e.getMessage()),
          e);
    } catch (SQLException | IOException e) {
      throw new TraceException(
          "the trace store in %s cannot be opened (%s)".formatted(run, e.getMessage()), e);
    }
  }

  /**
   * Every segment's file of a run, by its path below the run's folder with slashes, in the order of
   * the segments.
   */
  public static List<String> files(Path run) throws IOException {
    SegmentFolder folder = SegmentFolder.of(run);
    if (!folder.exists()) {
      return List.of();
    }
    return folder.segments().stream()
        .map(segment -> SegmentFolder.NAME + "/" + segment.fileName())
        .toList();
  }

  /** The segment that a file of a run holds, by its path below the run's folder; if it is one. */
  public static Optional<SegmentName> segment(String file) {
    return file.startsWith(SegmentFolder.NAME + "/")
        ? SegmentName.ofFile(file.substring(SegmentFolder.NAME.length() + 1))
        : Optional.empty();
  }

  /**
   * Stores episodes that were played together, in place of an earlier attempt at them.
   *
   * @param failures episodes that failed for reasons outside the agent
   * @param categories what went wrong in an episode, to find it by
   */
  public void write(
      SegmentName segment,
      List<Trajectory> trajectories,
      List<FailedEpisode> failures,
      Function<Trajectory, ? extends Collection<FailureCategory>> categories) {
    List<StoredEpisode> episodes = new ArrayList<>();
    List<TraceRow> rows = new ArrayList<>();
    for (Trajectory trajectory : trajectories) {
      rows.add(TraceRow.of(segment, rows.size(), trajectory, categories.apply(trajectory)));
      episodes.add(new StoredEpisode.Judged(trajectory));
    }
    for (FailedEpisode failure : failures) {
      rows.add(TraceRow.of(segment, rows.size(), failure));
      episodes.add(new StoredEpisode.Broken(failure));
    }
    try {
      SegmentFile.Trailer written = SegmentFile.write(folder.file(segment), episodes, rows);
      index.put(segment, written.sha256(), rows);
    } catch (SQLException | IOException e) {
      throw new TraceException(
          "the %s episodes of round %d cannot be stored in %s (%s): free some space there, then resume"
              .formatted(segment.phase().id(), segment.round(), folder.path(), e.getMessage()),
          e);
    }
  }

  /**
   * The train episodes of a round that were judged, in the order they were played in.
   *
   * @throws TraceException when there are none, or they are damaged
   */
  public List<Trajectory> read(int round) {
    List<Trajectory> trajectories = new ArrayList<>();
    trained(round).forEach(trajectories::add);
    return List.copyOf(trajectories);
  }

  /**
   * The same, from disk each time they are gone through, one in memory at a time.
   *
   * @throws TraceException when there are none; and later, when they are damaged
   */
  public Trajectories trained(int round) {
    List<SegmentName> played =
        segments().stream()
            .filter(segment -> segment.round() == round && segment.phase() == Phase.TRAIN)
            .toList();
    if (played.isEmpty()) {
      throw new TraceException(
          "round %d has no train episodes in %s: copy its file again, or begin the run anew in another folder"
              .formatted(round, folder.path()));
    }
    return reader ->
        played.forEach(
            segment ->
                forEach(
                    segment,
                    episode -> {
                      if (episode instanceof StoredEpisode.Judged(Trajectory trajectory)) {
                        reader.accept(trajectory);
                      }
                    }));
  }

  /** The rows of the episodes that meet a query. */
  public List<TraceRow> find(TraceQuery query) {
    try {
      return index.find(query);
    } catch (SQLException | IOException | IndexSchema.NewerIndexException e) {
      throw new TraceException(
          "%s cannot be read (%s)".formatted(MendedIndex.file(run), e.getMessage()), e);
    }
  }

  /**
   * The row of one episode.
   *
   * @param id as it has it, or {@code BATCH/id} behind round and phase where several have it, as in
   *     {@code round-0003-gate-002/g0003-00001}
   * @throws TraceException when there is none, or more than one
   */
  public TraceRow row(String id) {
    List<TraceRow> found =
        find(TraceQuery.ALL.withId(id.substring(id.lastIndexOf('/') + 1))).stream()
            .filter(row -> row.id().equals(id) || qualified(row).equals(id))
            .toList();
    if (found.isEmpty()) {
      Set<String> ids = new TreeSet<>();
      find(TraceQuery.ALL).forEach(row -> ids.add(row.id()));
      throw new TraceException("no episode is called '%s'%s".formatted(id, nearest(id, ids)));
    }
    if (found.size() > 1) {
      throw new TraceException(
          "%d episodes are called '%s': say which, such as %s"
              .formatted(found.size(), id, qualified(found.getLast())));
    }
    return found.getFirst();
  }

  /** An id that no other episode of the run has. */
  private static String qualified(TraceRow row) {
    String file = row.segment().fileName();
    return file.substring(0, file.lastIndexOf('.')) + "/" + row.id();
  }

  private static String nearest(String id, Set<String> known) {
    String suggestion = Suggestion.forUnknown(id, known);
    return suggestion.startsWith(": known are") ? ": list them to see which there are" : suggestion;
  }

  /** The kinds of tasks that were played. */
  public List<String> categories() {
    return find(TraceQuery.ALL).stream().map(TraceRow::category).distinct().sorted().toList();
  }

  /** The kinds of failures that were found. */
  public List<String> failures() {
    return find(TraceQuery.ALL).stream()
        .flatMap(row -> row.failures().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** The episode of a row. */
  public StoredEpisode load(TraceRow row) {
    List<StoredEpisode> found = new ArrayList<>(1);
    forEach(
        row.segment(),
        (position, episode) -> {
          if (position == row.position()) {
            found.add(episode);
          }
        });
    if (found.isEmpty()) {
      throw SegmentFile.damaged(folder.file(row.segment()), "it has no episode " + row.position());
    }
    return found.getFirst();
  }

  /** Goes through the episodes that meet a query, one segment after the other. */
  public void forEach(TraceQuery query, BiConsumer<TraceRow, StoredEpisode> action) {
    SortedMap<SegmentName, Map<Integer, TraceRow>> wanted = new TreeMap<>();
    for (TraceRow row : find(query)) {
      wanted.computeIfAbsent(row.segment(), name -> new TreeMap<>()).put(row.position(), row);
    }
    wanted.forEach(
        (segment, rows) ->
            forEach(
                segment,
                (position, episode) ->
                    Optional.ofNullable(rows.get(position))
                        .ifPresent(row -> action.accept(row, episode))));
  }

  /**
   * Goes through the episodes of a segment, in the order they were stored in.
   *
   * @throws TraceException when it is not there or damaged
   */
  public void forEach(SegmentName segment, Consumer<StoredEpisode> action) {
    forEach(segment, (position, episode) -> action.accept(episode));
  }

  /** One sentence for each thing that was put right when the store was opened. */
  public List<String> notes() {
    return index.notes();
  }

  /** One sentence for each segment that cannot be read. */
  public List<String> damage() {
    return index.damage();
  }

  /**
   * Forgets every round after this one: what a killed run may have left of a round that was never
   * finished.
   */
  public void truncateAfter(int round) {
    try {
      for (SegmentName segment : segments()) {
        if (segment.round() > round) {
          DurableFiles.deleteTree(folder.file(segment));
          index.remove(segment);
        }
      }
      for (Path leftOver : folder.leftOvers()) {
        DurableFiles.delete(leftOver);
      }
      folder.force();
    } catch (SQLException | IOException e) {
      throw new TraceException(
          "rounds after %d cannot be removed from %s (%s)"
              .formatted(round, folder.path(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    try {
      index.close();
    } catch (SQLException | IOException e) {
      throw new TraceException("the trace index cannot be closed: " + e.getMessage(), e);
    }
  }

  private void forEach(SegmentName segment, BiConsumer<Integer, StoredEpisode> action) {
    Path file = folder.file(segment);
    try {
      SegmentFile.verified(file);
      try (EpisodeReader reader = SegmentFile.episodes(file)) {
        int position = 0;
        for (Optional<StoredEpisode> next = reader.next(); next.isPresent(); next = reader.next()) {
          action.accept(position++, next.get());
        }
      }
    } catch (IOException e) {
      throw new TraceException(
          "%s cannot be read (%s): copy it again from where it is whole"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private List<SegmentName> segments() {
    try {
      return folder.segments();
    } catch (IOException e) {
      throw new TraceException(
          "%s cannot be read (%s)".formatted(folder.path(), e.getMessage()), e);
    }
  }
}
