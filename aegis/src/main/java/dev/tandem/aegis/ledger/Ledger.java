package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tandem.harness.durable.DurableFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Append-only record of decisions: one JSON object a line, each holding the hash of the one before,
 * so that nothing can be changed, removed or moved unnoticed. Only a tail cut off whole leaves a
 * valid chain: who wants to notice that keeps {@link #head()} elsewhere. Nothing in it depends on a
 * clock; an entry is on the disk when {@link #append} returns.
 */
public final class Ledger implements Closeable {
  private final Path path;
  private final List<LedgerEntry> entries;
  private FileChannel channel;

  private Ledger(Path path, List<LedgerEntry> entries, FileChannel channel) {
    this.path = path;
    this.entries = entries;
    this.channel = channel;
  }

  /**
   * Opens a ledger for appending, or begins one. An unfinished last line, left by a kill, is
   * dropped.
   *
   * @throws LedgerException if the chain is broken, or the file cannot be read and written
   */
  public static Ledger open(Path path) {
    try {
      byte[] bytes = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
      int whole = LedgerBytes.wholeLines(bytes);
      Verification verification = LedgerBytes.check(Arrays.copyOf(bytes, whole));
      if (verification.fault().isPresent()) {
        throw new LedgerException(path + ": " + verification.fault().get().sentence());
      }
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(whole);
      channel.position(channel.size());
      return new Ledger(path, new ArrayList<>(verification.entries()), channel);
    } catch (IOException e) {
      throw new LedgerException(unusable(path, "opened", e));
    }
  }

  /**
   * Checks every byte of a ledger's file.
   *
   * @throws LedgerException if it cannot be read
   */
  public static Verification verify(Path path) {
    try {
      return LedgerBytes.check(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new LedgerException(unusable(path, "read", e));
    }
  }

  private static String unusable(Path path, String what, IOException why) {
    return Files.isDirectory(path)
        ? "%s is a folder where a file was written: put back the ledger".formatted(path)
        : "%s cannot be %s (%s): check its permissions, or put back the ledger"
            .formatted(path, what, why.getMessage());
  }

  /**
   * Adds an entry and forces it to the disk.
   *
   * @param payload whatever Jackson writes
   * @throws IllegalArgumentException if the round lies before that of the last entry
   */
  public LedgerEntry append(int round, String kind, Object payload) {
    if (!entries.isEmpty() && round < entries.getLast().round()) {
      throw new IllegalArgumentException(
          "a ledger entry's round must be at least %d, was %d"
              .formatted(entries.getLast().round(), round));
    }
    JsonNode tree = CanonicalText.tree(payload);
    LedgerEntry entry = LedgerEntry.chain(entries.size(), round, kind, tree, head());
    try {
      write(channel, entry.line() + "\n");
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger cannot be written: " + path, e);
    }
    entries.add(entry);
    return entry;
  }

  /** Every entry, oldest first. */
  public List<LedgerEntry> entries() {
    return List.copyOf(entries);
  }

  /** Hash of the last entry; 64 zeros if there is none. */
  public String head() {
    return entries.isEmpty() ? LedgerEntry.NO_HASH : entries.getLast().hash();
  }

  /**
   * Drops the entries of later rounds, those of a run that was killed before it had finished them.
   * The file is replaced in one step.
   */
  public void truncateAfterRound(int lastCompleteRound) {
    List<LedgerEntry> kept =
        entries.stream().filter(entry -> entry.round() <= lastCompleteRound).toList();
    if (kept.size() == entries.size()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    kept.forEach(entry -> text.append(entry.line()).append('\n'));
    try {
      DurableFiles.replace(path, replacement -> write(replacement, text.toString()));
      channel.close();
      channel = FileChannel.open(path, StandardOpenOption.WRITE);
      channel.position(channel.size());
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger cannot be shortened: " + path, e);
    }
    entries.subList(kept.size(), entries.size()).clear();
  }

  private static void write(FileChannel channel, String text) throws IOException {
    DurableFiles.writeFully(channel, StandardCharsets.UTF_8.encode(text));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger cannot be closed: " + path, e);
    }
  }
}
