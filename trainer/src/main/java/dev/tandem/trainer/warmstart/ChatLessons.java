package dev.tandem.trainer.warmstart;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.jinja.JinjaException;
import dev.tandem.trainer.model.shape.DecoderInputException;
import dev.tandem.trainer.policy.ChatFormat;
import dev.tandem.trainer.policy.Transcript;
import dev.tandem.trainer.policy.Transcripts;
import dev.tandem.trainer.recipe.ChatSettings;
import dev.tandem.trainer.recipe.WarmStartSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Conversations of a file, the same in every pass. Which are held out is drawn from the seed; a
 * conversation is held out whole.
 */
public final class ChatLessons implements Lessons {
  private final String source;
  private final Counts counts;
  private final List<Transcript> taught;
  private final List<Transcript> heldOut;

  /**
   * What became of the file's lines.
   *
   * @param conversations that something is learned from, those held out included
   * @param heldOut conversations of which nothing is learned
   * @param cut conversations of which the end is left out
   * @param leftOut conversations that are too long, or that teach nothing once they are cut
   * @param lostAnswers answers whose place in the chat template's text could not be told
   * @param tokens of all that is learned from
   * @param tokensSaid those of them that the assistant says
   */
  public record Counts(
      int conversations,
      int heldOut,
      int cut,
      int leftOut,
      int lostAnswers,
      long tokens,
      long tokensSaid) {}

  private ChatLessons(
      String source, Counts counts, List<Transcript> taught, List<Transcript> heldOut) {
    this.source = source;
    this.counts = counts;
    this.taught = List.copyOf(taught);
    this.heldOut = List.copyOf(heldOut);
  }

  /**
   * Reads a file.
   *
   * @param positions most tokens that the model reads
   * @throws ChatFileException when a line cannot be used, or too little is left of the file
   */
  public static ChatLessons read(
      ChatFile file, WarmStartSettings settings, long seed, ChatFormat format, int positions)
      throws IOException {
    Reading reading = new Reading(file, settings, format, positions);
    file.read(reading::take);
    int usable = reading.conversations.size();
    if (usable < 2) {
      throw new ChatFileException(file.path(), reading.tooFew());
    }
    Collections.shuffle(
        reading.conversations, new Random(RandomStreams.derive(seed, "held-out chats")));
    int kept = Math.min(usable - 1, settings.heldOutOf(usable));
    return new ChatLessons(
        file.sha256(),
        new Counts(
            usable,
            kept,
            reading.cut,
            reading.leftOut,
            reading.lostAnswers,
            reading.tokens,
            reading.tokensSaid),
        flat(reading.conversations.subList(kept, usable)),
        flat(reading.conversations.subList(0, kept)));
  }

  private static List<Transcript> flat(List<List<Transcript>> conversations) {
    return conversations.stream().flatMap(List::stream).toList();
  }

  /** A file on its way into tokens. */
  private static final class Reading {
    private final ChatFile file;
    private final ChatFormat format;
    private final ChatSettings settings;
    private final boolean observations;
    private final int most;
    private final List<List<Transcript>> conversations = new ArrayList<>();
    private int cut;
    private int leftOut;
    private int lostAnswers;
    private long tokens;
    private long tokensSaid;

    Reading(ChatFile file, WarmStartSettings settings, ChatFormat format, int positions) {
      this.file = file;
      this.format = format;
      this.settings = settings.chats();
      this.observations = settings.worldWeight() > 0;
      int asked = this.settings.maxTokens();
      this.most = asked == 0 ? positions : Math.min(asked, positions);
    }

    void take(ChatFile.Line line) {
      Transcripts found;
      try {
        found = format.transcripts(line.chat(), observations);
      } catch (JinjaException | DecoderInputException refused) {
        throw new ChatFileException(
            file.path(),
            line.line(),
            "the model's chat format does not take it (%s); correct the line, or drop it"
                .formatted(refused.getMessage()));
      }
      lostAnswers += found.parts().isEmpty() ? Math.max(1, found.lost()) : found.lost();
      List<Transcript> kept = new ArrayList<>();
      boolean shortened = false;
      for (Transcript part : found.parts()) {
        boolean tooLong = part.ids().length > most;
        shortened |= tooLong;
        if (!tooLong || settings.tooLong() == ChatSettings.TooLong.CUT) {
          kept.add(tooLong ? beginning(part) : part);
        }
      }
      kept.removeIf(part -> WarmStart.tokensSaid(part) == 0);
      if (kept.isEmpty()) {
        leftOut += shortened ? 1 : 0;
        return;
      }
      cut += shortened ? 1 : 0;
      kept.forEach(
          part -> {
            tokens += part.ids().length;
            tokensSaid += WarmStart.tokensSaid(part);
          });
      conversations.add(kept);
    }

    private Transcript beginning(Transcript part) {
      return new Transcript(
          Arrays.copyOf(part.ids(), most),
          Arrays.copyOf(part.said(), most),
          Arrays.copyOf(part.observed(), most));
    }

    private String tooFew() {
      return "has %d conversations to learn from, and a warm start needs two, one of them held out (%d are longer than %d tokens, %d answers have no place in the chat template's text); %s"
          .formatted(
              conversations.size(),
              leftOut,
              most,
              lostAnswers,
              leftOut > 0
                  ? "add shorter ones, or cut them: warm_start.chats.too_long=cut"
                  : lostAnswers > 0
                      ? "give the template {% generation %} blocks around what the assistant says"
                      : "add some");
    }
  }

  public Counts counts() {
    return counts;
  }

  @Override
  public List<Transcript> pass(int pass) {
    return taught;
  }

  @Override
  public List<Transcript> heldOut() {
    return heldOut;
  }

  @Override
  public String title() {
    StringBuilder title = new StringBuilder();
    title.append(
        "%,d conversations, %,d of them held out; %,d tokens, %,d of them the assistant's"
            .formatted(
                counts.conversations(), counts.heldOut(), counts.tokens(), counts.tokensSaid()));
    if (counts.cut() > 0) {
      title.append("; %,d cut".formatted(counts.cut()));
    }
    if (counts.leftOut() > 0) {
      title.append("; %,d left out as too long".formatted(counts.leftOut()));
    }
    if (counts.lostAnswers() > 0) {
      title.append(
          "; %,d answers left out whose place in the template's text could not be told"
              .formatted(counts.lostAnswers()));
    }
    return title.toString();
  }

  @Override
  public String source() {
    return source;
  }
}
