package dev.tandem.harness.processor.evaluation;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Outcome;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.processor.support.FinalAnswer;
import dev.tandem.harness.processor.support.Notes;
import dev.tandem.harness.spi.Dimension;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.Processor;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.spi.Requirement;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Has another model look at what the agent is about to do. What the judge costs is on the episode's
 * account, and its random stream the episode's.
 */
public final class ModelJudge implements Processor {
  public static final ProcessorType TYPE =
      new ProcessorType(
              "model_judge",
              "Asks the judge whether a response is right, and has the model asked again with the"
                  + " judge's objection.",
              "model_judge",
              Dimension.EVALUATION_AND_REWARD,
              Set.of(Hook.AFTER_MODEL),
              ProcessorType.POST,
              List.of("self_verification"),
              Set.of(FailureCategory.PREMATURE_FINISH, FailureCategory.BEYOND_THE_MODEL),
              List.of(
                  new Parameter.Choice("when", "final", List.of("final", "every")),
                  new Parameter.Texts("finish", FinalAnswer.DEFAULT),
                  new Parameter.Count("objections", 2, 1, 50),
                  new Parameter.Text(
                      "question",
                      "is this the right thing to do now ? answer yes , or no and why in one line"
                          + " .")),
              ModelJudge::new)
          .requiring(Requirement.ROLES, Requirement.OPEN_VOCABULARY);

  private final Model judge;
  private final boolean every;
  private final List<String> finish;
  private final int most;
  private final String question;
  private int objections;

  private ModelJudge(ProcessorType.Arguments arguments) {
    judge =
        arguments
            .services()
            .require(Models.class)
            .find(ModelRole.JUDGE)
            .orElseThrow(
                () ->
                    new HarnessException(
                        "'model_judge' needs a model in the role 'judge': name a provider for it"));
    every = arguments.text("when").equals("every");
    finish = arguments.texts("finish");
    most = arguments.count("objections");
    question = arguments.text("question");
  }

  @Override
  public Outcome on(Event event) {
    if (!(event instanceof Event.ModelResponse response)
        || objections >= most
        || !(every || FinalAnswer.is(response, finish))) {
      return Outcome.PASS;
    }
    String verdict = ask(response).strip();
    if (!verdict.toLowerCase(Locale.ROOT).startsWith("no")) {
      return Outcome.PASS;
    }
    objections++;
    String why = verdict.substring(2).replaceFirst("^[\\s,.:;-]+", "");
    return new Outcome.Intercept(Notes.join("a judge says this is not right .", why));
  }

  private String ask(Event.ModelResponse response) {
    List<Message> messages =
        List.of(
            Message.system("you judge what an agent does . " + question),
            Message.user(
                "goal : %s\nsituation : %s\nproposed : %s"
                    .formatted(
                        response.observation().goal(),
                        response.observation().text(),
                        response.toolUses().isEmpty()
                            ? response.content()
                            : response.toolUses().toString())));
    return judge.complete(new Model.Request(messages, List.of(), 0)).text();
  }
}
