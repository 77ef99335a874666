package dev.tandem.rollout.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.harness.model.Model.FailureKind;
import dev.tandem.harness.model.Model.ModelException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One address that takes JSON and answers with JSON. What goes wrong is a failure of the kind that
 * says whether to ask again; asking again is the caller's.
 */
final class JsonEndpoint implements AutoCloseable {
  /** More than any answer has; a server that goes on and on must not fill the memory. */
  private static final int MOST_BYTES = 8 << 20;

  private static final int SHOWN = 200;
  private static final JsonMapper JSON = new JsonMapper();

  private final URI uri;
  private final Map<String, String> headers;
  private final ServerSettings settings;
  private final HttpClient client;

  /**
   * @param path below the settings' URL
   * @param headers beside those of JSON; they hold the key
   */
  JsonEndpoint(ServerSettings settings, String path, Map<String, String> headers) {
    this.settings = settings;
    this.uri = URI.create(settings.url() + path);
    this.headers = Map.copyOf(headers);
    // A redirect would take the key somewhere else.
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout())
            .build();
  }

  /**
   * The answer to a body.
   *
   * @throws ModelException naming the address and never the key
   */
  JsonNode post(ObjectNode body) {
    HttpResponse<byte[]> response = send(body.toString());
    int status = response.statusCode();
    if (status < 200 || status >= 300) {
      throw new ModelException(
          kind(status),
          "%s answered with status %d: %s".formatted(uri, status, shown(response.body())),
          new IOException("status " + status));
    }
    try {
      return JSON.readTree(text(response.body()));
    } catch (CharacterCodingException e) {
      throw failure(FailureKind.INVALID_RESPONSE, "answered with what is not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw failure(
          FailureKind.INVALID_RESPONSE,
          "answered with what is not JSON: " + shown(response.body()),
          e);
    }
  }

  /** The timeout is for the whole answer, so that one that drips does not hold a round up. */
  private HttpResponse<byte[]> send(String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      return answer.get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw failure(
          FailureKind.TIMEOUT,
          "did not answer within %s seconds".formatted(settings.timeout().toMillis() / 1000.0),
          e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw failure(FailureKind.OTHER, "was not waited for: interrupted", e);
    } catch (ExecutionException e) {
      throw failure(FailureKind.CONNECTION, "cannot be reached, or broke off: " + e.getCause(), e);
    }
  }

  private ModelException failure(FailureKind kind, String what, Exception cause) {
    return new ModelException(kind, settings.key().hiddenIn("%s %s".formatted(uri, what)), cause);
  }

  private static FailureKind kind(int status) {
    return switch (status) {
      case 429 -> FailureKind.RATE_LIMITED;
      case 408, 504 -> FailureKind.TIMEOUT;
      default -> status >= 500 ? FailureKind.OVERLOADED : FailureKind.REJECTED;
    };
  }

  private static String text(byte[] body) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
  }

  /** The beginning of what a server says, on one line and without the key. */
  private String shown(byte[] body) {
    String text =
        settings
            .key()
            .hiddenIn(new String(body, StandardCharsets.UTF_8))
            .replaceAll("[\\p{Cntrl}\\s]+", " ")
            .strip();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + " ...";
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
