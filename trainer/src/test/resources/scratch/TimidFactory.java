package scratch;

import dev.tandem.harness.model.*;
import dev.tandem.harness.value.*;
import dev.tandem.rollout.spi.*;
import java.util.List;

/** A model that goes where it is told, and to the left if nobody tells. */
public final class TimidFactory implements ModelProviderFactory {
  @Override
  public String id() {
    return "timid";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter.Text("habit", "step left"));
  }

  @Override
  public ModelProvider open(Arguments arguments) {
    String habit = arguments.text("habit");
    return new ModelProvider() {
      @Override
      public String checkpoint() {
        return "timid";
      }

      @Override
      public List<Model.Answer> complete(List<Model.Request> requests) {
        return requests.stream().map(this::answer).toList();
      }

      private Model.Answer answer(Model.Request request) {
        boolean told = request.messages().toString().contains("the door is right");
        return Model.Answer.of(new Model.Completion(told ? "step right" : habit, TokenTrace.NONE));
      }
    };
  }
}
