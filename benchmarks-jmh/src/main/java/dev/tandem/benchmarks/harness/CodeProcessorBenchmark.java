package dev.tandem.benchmarks.harness;

import dev.tandem.benchmarks.measure.Check;
import dev.tandem.harness.code.CodeAnswer;
import dev.tandem.harness.code.CodeLimits;
import dev.tandem.harness.code.CodeSource;
import dev.tandem.harness.code.CodeWorkers;
import dev.tandem.harness.code.EventJson;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one call of a code processor costs: an event of House's size with a few exchanges of history
 * is written as JSON, sent to a worker process, changed by its code and read back.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class CodeProcessorBenchmark {
  private static final int EXCHANGES = 4;
  private static final CodeSource SOURCE =
      new CodeSource(
          """
          state.calls = (state.calls || 0) + 1;
          const last = event.messages[event.messages.length - 1].content;
          return {outcome: 'transform', content: last + ' places : ' + event.observation.facts.places.length + ' .'};
          """,
          100_000);

  private CodeWorkers workers;
  private Event event;

  @Setup
  public void start() {
    workers = CodeWorkers.start(CodeLimits.DEFAULT);
    Observation seen = new StaticWorld(new StaticWorld.Scenery(1)).reset();
    List<Message> messages =
        IntStream.rangeClosed(0, EXCHANGES)
            .boxed()
            .flatMap(
                i ->
                    i == EXCHANGES
                        ? Stream.of(Message.user(seen.text()))
                        : Stream.of(
                            Message.user("you are at shelf " + i + " . you see mug 1 ."),
                            Message.assistant("go to shelf " + (i + 1))))
            .toList();
    event = new Event.BeforeModel(3, 12, seen, messages, List.of());
  }

  @TearDown
  public void end() {
    workers.close();
  }

  /** One call, state handed in and back. */
  @Benchmark
  public CodeAnswer call() {
    CodeAnswer answer = workers.call(SOURCE, EventJson.write(event), "{\"calls\":1}");
    Check.that(answer instanceof CodeAnswer.Returned, "the code failed: %s", answer);
    return answer;
  }
}
