package dev.tandem.rollout.testkit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A model server on this machine that says what a test tells it to. */
public final class ScriptedServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** What somebody asked: the header names are lower-case. */
  public record Asked(String path, Map<String, List<String>> headers, String body) {}

  /** What is done about it. */
  public sealed interface Line {
    /** An answer, whatever it is. */
    record Says(int status, byte[] body) implements Line {}

    /** Nothing, until the server closes. */
    record Waits() implements Line {}

    /** The beginning of an answer, and then the line is dead. */
    record BreaksOff(byte[] begun) implements Line {}

    static Line says(int status, String body) {
      return new Says(status, body.getBytes(StandardCharsets.UTF_8));
    }

    /** A model's text as an OpenAI-compatible server sends it. */
    static Line openAi(String text, long promptTokens, long responseTokens) {
      ObjectNode answer = JSON.createObjectNode();
      answer
          .putArray("choices")
          .addObject()
          .put("finish_reason", "stop")
          .putObject("message")
          .put("role", "assistant")
          .put("content", text);
      answer
          .putObject("usage")
          .put("prompt_tokens", promptTokens)
          .put("completion_tokens", responseTokens);
      return says(200, answer.toString());
    }
  }

  /** Answers by the book, in order; whoever asks more often is told so with status 500. */
  public ScriptedServer(Line... script) {
    this(byTheBook(List.of(script).iterator()));
  }

  private static Function<Asked, Line> byTheBook(Iterator<Line> script) {
    return asked -> {
      synchronized (script) {
        return script.hasNext() ? script.next() : Line.says(500, "the script is over");
      }
    };
  }

  /** Answers as it sees fit. */
  public ScriptedServer(Function<Asked, Line> answers) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, answers));
    server.start();
  }

  private void handle(HttpExchange exchange, Function<Asked, Line> answers) throws IOException {
    try (exchange) {
      Map<String, List<String>> headers =
          exchange.getRequestHeaders().entrySet().stream()
              .collect(
                  Collectors.toMap(
                      header -> header.getKey().toLowerCase(Locale.ROOT), Map.Entry::getValue));
      Asked one =
          new Asked(
              exchange.getRequestURI().getPath(),
              headers,
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      asked.add(one);
      switch (answers.apply(one)) {
        case Line.Says(int status, byte[] body) -> {
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
        }
        case Line.Waits() -> over.await();
        case Line.BreaksOff(byte[] begun) -> {
          exchange.sendResponseHeaders(200, begun.length + 1L);
          exchange.getResponseBody().write(begun);
          exchange.getResponseBody().flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where it is, without a path. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What it was asked so far, oldest first. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
