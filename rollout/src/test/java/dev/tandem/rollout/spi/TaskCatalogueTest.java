package dev.tandem.rollout.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TaskCatalogueTest {
  private final AtomicInteger generated = new AtomicInteger();

  private TaskSpec task(int index) {
    generated.incrementAndGet();
    String hash = ContentHash.sha256("task " + index);
    return new TaskSpec("test", Integer.toString(index), "any", Split.byContent(hash), hash, 5);
  }

  @Test
  void askingForTheNextTasksGeneratesNoneTwice() {
    GeneratedTasks tasks = new GeneratedTasks(this::task, 1_000_000);

    for (int from = 0; from < 1_632; from += 48) {
      tasks.tasks(Split.GATE, from, 48);
    }
    int once = generated.get();
    TaskSpec last = tasks.tasks(Split.GATE, 1_631, 1).getFirst();
    tasks.tasks(Split.GATE, 0, 1_632);
    tasks.tasks(Split.TRAIN, 0, 1_632);
    tasks.tasks(Split.SEALED, 0, 1_000);

    assertThat(once).isEqualTo(Integer.parseInt(last.id()) + 1);
    assertThat(generated.get()).as("the other splits came by the way").isEqualTo(once);
  }

  @Test
  void generatedTasksEndWhereTheirNumbersDo() {
    GeneratedTasks endless = new GeneratedTasks(this::task, 100);
    GeneratedTasks finite = GeneratedTasks.finite(this::task, 100);
    int size = finite.size(Split.TRAIN).orElseThrow();

    assertThat(endless.size(Split.TRAIN)).isEmpty();
    assertThat(finite.tasks(Split.TRAIN, 0, size)).isEqualTo(endless.tasks(Split.TRAIN, 0, size));
    assertThat(finite.available(Split.TRAIN, 1_000)).isEqualTo(size);
    for (TaskCatalogue catalogue : List.of(finite, endless)) {
      assertThatThrownBy(() -> catalogue.tasks(Split.TRAIN, size, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "split train has %d tasks, was asked for %d to %d".formatted(size, size, size + 1));
    }
  }

  @Test
  void declaredTasksKeepTheirSplitsAndOrder() {
    List<TaskSpec> all = IntStream.range(0, 60).mapToObj(this::task).toList();
    DeclaredTasks tasks = new DeclaredTasks(all);

    for (Split split : Split.values()) {
      int size = tasks.size(split).orElseThrow();
      assertThat(tasks.tasks(split, 0, size))
          .isEqualTo(all.stream().filter(task -> task.split() == split).toList());
    }
  }

  @Test
  void declaredTasksAreRefusedWhereTheyWouldLeak() {
    TaskSpec train = new TaskSpec("test", "a", "any", Split.TRAIN, "00", 5);
    TaskSpec twin = new TaskSpec("test", "b", "any", Split.SEALED, "00", 5);

    assertThatThrownBy(() -> new DeclaredTasks(List.of(train, train)))
        .hasMessage("task ids must be unique within test, 'a' is there twice");
    assertThatThrownBy(() -> new DeclaredTasks(List.of(train, twin)))
        .hasMessage("task 'b' of test is in two splits under two ids: keep one");
  }
}
