package dev.tandem.rollout.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.model.RetryPolicy;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ConcurrentSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A model behind an endpoint, in the words of one API. It speaks, and uses no tools. */
final class ServedModel implements Model, ModelProvider {
  /** What a server that tells no usage is taken to have counted. */
  private static final int CHARACTERS_PER_TOKEN = 4;

  private static final long MOST_TOKENS = 1_000_000_000;

  private final ServerSettings settings;
  private final Api api;
  private final JsonEndpoint endpoint;

  ServedModel(ServerSettings settings, Api api) {
    this.settings = settings;
    this.api = api;
    this.endpoint = new JsonEndpoint(settings, api.path(), api.headers(settings.key()));
  }

  /** How one kind of server is spoken to: functions of their arguments. */
  interface Api {
    /** Below the URL. */
    String path();

    /** Headers, the key among them. */
    Map<String, String> headers(ServerSettings.Key key);

    /** A request as the server reads it. */
    ObjectNode body(Request request, ServerSettings settings);

    /**
     * The answer as it writes it.
     *
     * @throws ModelException when it is none
     */
    Reply read(JsonNode answer);
  }

  /**
   * An answer.
   *
   * @param promptTokens and the others' number, -1 where the server does not tell
   */
  record Reply(String text, Finish finish, long promptTokens, long responseTokens) {}

  @Override
  public Completion complete(Request request) {
    if (!request.tools().isEmpty()) {
      throw ServerSettings.rejected(
          "models behind an endpoint use no tools yet: take the tools out of the harness");
    }
    if (!request.choices().isEmpty()) {
      throw ServerSettings.rejected(
          "a model behind an endpoint cannot be held to a list of answers: take out what masks"
              + " actions");
    }
    ObjectNode body = api.body(request, settings);
    Reply reply = api.read(endpoint.post(body));
    Usage usage =
        new Usage(
            counted(reply.promptTokens(), body.toString()),
            counted(reply.responseTokens(), reply.text()),
            0);
    return new Completion(reply.text(), List.of(), TokenTrace.NONE, usage, reply.finish());
  }

  private static long counted(long told, String text) {
    return told < 0 ? text.length() / CHARACTERS_PER_TOKEN + 1 : Math.min(told, MOST_TOKENS);
  }

  /** Each is asked once; asking again is the business of whoever has a policy for it. */
  @Override
  public List<Answer> complete(List<Request> requests) {
    SortedMap<Long, Answer> answers = new TreeMap<>();
    try (CompletionSession session =
        new ConcurrentSession(
            this, settings.atOnce(), new RetryPolicy(Map.of()), Models.Pause.sleeping())) {
      for (int i = 0; i < requests.size(); i++) {
        session.submit(i, requests.get(i));
      }
      while (answers.size() < requests.size()) {
        session.advance().forEach(one -> answers.put(one.key(), one.answer()));
      }
    }
    return List.copyOf(answers.values());
  }

  @Override
  public CompletionSession session(int concurrency) {
    return new ConcurrentSession(this, Math.min(concurrency, settings.atOnce()));
  }

  @Override
  public String checkpoint() {
    return settings.model();
  }

  @Override
  public void close() {
    endpoint.close();
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ModelException unreadable(String what) {
    return new ModelException(FailureKind.INVALID_RESPONSE, what, new IOException(what));
  }
}
