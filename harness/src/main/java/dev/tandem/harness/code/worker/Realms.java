package dev.tandem.harness.code.worker;

import dev.tandem.harness.code.worker.Wire.Frame;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;

/** The realms of a worker, one for each source, the least recently used given up first. */
final class Realms {
  private static final int MOST_REALMS = 8;
  private static final int WARM_UP_CALLS = 50;
  private static final int LONGEST_REASON = 500;
  private static final long LOCKDOWN_STATEMENTS = 1_000_000;

  private final Engine engine = Realm.newEngine();
  private final Map<String, String> sources = new HashMap<>();
  private final SequencedMap<Key, Realm> realms = new LinkedHashMap<>();

  /** A realm's statement limit is fixed when it is made. */
  private record Key(String hash, long statements) {}

  void load(String hash, String source) {
    sources.put(hash, source);
  }

  /** Has the interpreter see the code of every call once before the first one is waited for. */
  void warmUp() {
    String event = "{\"hook\":\"before_model\",\"step\":0,\"messages\":[{\"content\":\"a\"}]}";
    load("", "state.n = (state.n || 0) + 1; return {outcome: 'transform', content: event.hook};");
    for (int i = 0; i < WARM_UP_CALLS; i++) {
      Frame answer = call("", LOCKDOWN_STATEMENTS, event, "{}");
      if (answer.kind() != Wire.RETURNED) {
        throw new IllegalStateException(answer.texts().getFirst());
      }
    }
    realms.values().forEach(Realm::close);
    realms.clear();
    sources.clear();
  }

  /** Never throws for anything that the source does, short of what ends the process. */
  Frame call(String hash, long statements, String event, String state) {
    Key key = new Key(hash, statements);
    try {
      Realm realm = realms.remove(key);
      if (realm == null) {
        realm =
            new Realm(
                engine,
                Objects.requireNonNull(sources.get(hash), "a source is loaded before its calls"),
                statements);
      }
      realms.putLast(key, realm);
      String answer = realm.call(event, state);
      while (realms.size() > MOST_REALMS) {
        realms.pollFirstEntry().getValue().close();
      }
      int separator = answer.indexOf('\0');
      return Frame.of(
          Wire.RETURNED, answer.substring(0, separator), answer.substring(separator + 1));
    } catch (PolyglotException e) {
      giveUp(key);
      return Frame.of(Wire.FAILED, reason(e, statements));
    } catch (StackOverflowError e) {
      giveUp(key);
      return Frame.of(Wire.FAILED, "the stack overflowed");
    }
  }

  /** Whatever a failed call left behind, such as promises to be kept, goes with its realm. */
  private void giveUp(Key key) {
    Realm realm = realms.remove(key);
    if (realm != null) {
      realm.close();
    }
  }

  private static String reason(PolyglotException e, long statements) {
    if (e.isResourceExhausted() && e.isCancelled()) {
      return "it ran more than " + statements + " statements";
    }
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
    return message.length() <= LONGEST_REASON ? message : message.substring(0, LONGEST_REASON);
  }
}
