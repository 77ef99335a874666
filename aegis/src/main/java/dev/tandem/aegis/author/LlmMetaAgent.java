package dev.tandem.aegis.author;

import dev.tandem.aegis.evolve.MetaAccount;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.plan.Landscape;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.spi.ProcessorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A language model that is asked for levers once a round, and once more where its answer cannot be
 * used; then the round goes on without it. It sees what {@link Letter} says, and proposes
 * processors that there are, with parameters in their ranges, and code of its own where the recipe
 * lets it and the code has been played. The models of a recipe retry by themselves what failed on
 * the way.
 */
public final class LlmMetaAgent implements MetaAgent {
  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int LONGEST_FAILURE = 300;

  private final Model model;
  private final String name;
  private final Offer offer;
  private final RedLines redLines;
  private final MetaAgentSettings settings;
  private final Replies replies;

  /**
   * @param name of the model; answers of another are not taken for its own
   * @param redLines which it is told; they are checked by others
   */
  public LlmMetaAgent(
      Model model,
      String name,
      Offer offer,
      RedLines redLines,
      MetaAgentSettings settings,
      Replies replies) {
    this.model = model;
    this.name = name;
    this.offer = offer;
    this.redLines = redLines;
    this.settings = settings;
    this.replies = replies;
  }

  @Override
  public Proposals propose(Landscape landscape, Brief brief) {
    MetaAccount account = brief.account();
    if (account.closed()) {
      return Proposals.none(account);
    }
    int most = Math.min(settings.leversPerRound(), settings.maxLevers() - brief.proposed());
    if (most <= 0) {
      return nothing(
          account.close(),
          "max_levers of %d is reached, so no language model is asked any more"
              .formatted(settings.maxLevers()));
    }
    List<ProcessorType> types = offer.types(brief.start(), brief.incumbent());
    Letter letter = Letter.of(landscape, brief, offer, types, redLines, most);
    return new Correspondence(brief, types, most).about(letter);
  }

  private static Proposals nothing(MetaAccount account, String note) {
    return new Proposals(List.of(), List.of(), account, note);
  }

  /** The one or two letters of a round. */
  private final class Correspondence {
    private final Brief brief;
    private final List<ProcessorType> types;
    private final int most;
    private MetaAccount account;
    private int letters;

    Correspondence(Brief brief, List<ProcessorType> types, int most) {
      this.brief = brief;
      this.types = types;
      this.most = most;
      this.account = brief.account();
    }

    Proposals about(Letter letter) {
      Optional<String> unaffordable = unaffordable(letter);
      if (unaffordable.isPresent()) {
        return nothing(account, unaffordable.get());
      }
      Replies.Reply first = answer(letter);
      if (!first.failure().isEmpty()) {
        return nothing(account, first.failure());
      }
      Reading reading = read(first);
      if (reading.errors().isEmpty()) {
        return proposals(reading, "");
      }
      Letter again = letter.again(first.text(), reading.lines());
      Optional<String> unaffordableNow = unaffordable(again);
      if (unaffordableNow.isPresent()) {
        return proposals(reading, unaffordableNow.get());
      }
      Replies.Reply second = answer(again);
      if (!second.failure().isEmpty()) {
        return proposals(reading, second.failure());
      }
      Reading better = read(second);
      return better.levers().isEmpty() && !better.errors().isEmpty()
          ? proposals(reading, "asked again, it still does not answer as it should")
          : proposals(better, "");
    }

    private Reading read(Replies.Reply reply) {
      return Reading.of(reply, offer, types, brief.start(), brief.incumbent(), most);
    }

    private Proposals proposals(Reading reading, String note) {
      List<Dropped> dropped = new ArrayList<>(reading.dropped());
      dropped.addAll(reading.errors());
      return new Proposals(reading.levers(), dropped, account, note);
    }

    /** Why a letter is not sent, in one sentence; a run's spent budget closes the account. */
    private Optional<String> unaffordable(Letter letter) {
      long more = letter.characters() / CHARACTERS_PER_TOKEN;
      long tokens = account.tokens() - brief.account().tokens();
      double money = account.money() - brief.account().money();
      Double moneyPerRun = settings.moneyPerRun();
      Double moneyPerRound = settings.moneyPerRound();
      if (account.tokens() + more > settings.tokensPerRun()) {
        account = account.close();
        return Optional.of(
            "tokens_per_run of %d is spent but for %d, and the next letter takes about %d, so no language model is asked any more"
                .formatted(
                    settings.tokensPerRun(),
                    Math.max(0, settings.tokensPerRun() - account.tokens()),
                    more));
      }
      if (moneyPerRun != null && account.money() >= moneyPerRun) {
        account = account.close();
        return Optional.of(
            "money_per_run of %s is spent, so no language model is asked any more"
                .formatted(moneyPerRun));
      }
      if (tokens + more > settings.tokensPerRound()) {
        return Optional.of(
            "tokens_per_round of %d has no room for a letter of about %d"
                .formatted(settings.tokensPerRound(), more));
      }
      return moneyPerRound != null && money >= moneyPerRound
          ? Optional.of("money_per_round of %s is spent".formatted(moneyPerRound))
          : Optional.empty();
    }

    /** What was said to the letter before, or is said now. */
    private Replies.Reply answer(Letter letter) {
      String key = letter.key(brief.round(), ++letters, name);
      Optional<Replies.Reply> kept = replies.find(key);
      Replies.Reply reply = kept.isPresent() ? kept.get() : ask(letter);
      if (kept.isEmpty()) {
        replies.keep(key, reply);
      }
      account = account.spent(reply.tokens(), reply.money());
      return reply;
    }
  }

  private Replies.Reply ask(Letter letter) {
    try {
      Model.Completion said = model.complete(letter.request());
      Model.Usage usage = said.usage();
      return new Replies.Reply(
          Texts.wellFormed(said.text(), Reading.MOST_CHARACTERS),
          said.finish() != Model.Finish.STOP || said.text().length() > Reading.MOST_CHARACTERS,
          usage.promptTokens() + usage.responseTokens(),
          usage.money(),
          said.finish() == Model.Finish.CONTEXT_OVERFLOW
              ? "the letter to the language model is longer than it can read"
              : "");
    } catch (Model.ModelException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // the run is being stopped, which is no answer
      }
      return new Replies.Reply(
          "",
          false,
          0,
          0,
          Texts.line("the language model does not answer: " + e.getMessage(), LONGEST_FAILURE));
    }
  }
}
