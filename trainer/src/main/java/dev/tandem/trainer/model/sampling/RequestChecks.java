package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.runtime.InputChecks;
import dev.tandem.trainer.model.shape.ModelSpec;
import java.util.List;

/** What a decoder refuses to sample, checked before anything native runs. */
final class RequestChecks {

  private RequestChecks() {}

  static void requests(ModelSpec spec, List<SampleRequest> requests) {
    for (int i = 0; i < requests.size(); i++) {
      SampleRequest request = requests.get(i);
      InputChecks.length(spec, "request", i, request.prompt().length + request.maxNewTokens());
      InputChecks.ids(spec, "request", i, request.prompt());
      for (int[] choice : request.choices()) {
        InputChecks.ids(spec, "request", i, choice);
      }
      new ChoiceTrie().add(request.choices());
    }
  }
}
