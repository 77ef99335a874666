package dev.tandem.harness.config;

import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Applies edits and finds their inverses; whether the result is valid is not looked at. */
public final class EditApplication {
  private final HarnessConfig config;
  private final ProcessorRegistry registry;

  private EditApplication(HarnessConfig config, ProcessorRegistry registry) {
    this.config = config;
    this.registry = registry;
  }

  /**
   * @throws HarnessException when the edit names what is not there
   */
  static HarnessConfig apply(HarnessConfig config, HarnessEdit edit, ProcessorRegistry registry) {
    return new EditApplication(config, registry).edited(edit);
  }

  /**
   * The edit that leads back from the edited configuration to one of the same behaviour.
   *
   * @throws HarnessException when the edit cannot be applied
   */
  static HarnessEdit inverse(HarnessConfig config, HarnessEdit edit, ProcessorRegistry registry) {
    return new EditApplication(config, registry).inverse(edit);
  }

  private HarnessConfig edited(HarnessEdit edit) {
    List<ProcessorSpec> edited = new ArrayList<>(config.processors());
    switch (edit) {
      case HarnessEdit.Insert(ProcessorSpec processor, int position) ->
          edited.add(position == HarnessEdit.END ? edited.size() : within(position), processor);
      case HarnessEdit.Remove(String type) -> edited.remove(indexOf(type));
      case HarnessEdit.Replace(ProcessorSpec processor) ->
          edited.set(indexOfGroup(registry.resolve(processor).group()), processor);
      case HarnessEdit.Configure(String type, String parameter, Object value) -> {
        int index = indexOf(type);
        edited.set(index, edited.get(index).with(parameter, value));
      }
      case HarnessEdit.Move(String type, int position) -> {
        ProcessorSpec moved = edited.remove(indexOf(type));
        edited.add(Math.min(within(position), edited.size()), moved);
      }
      case HarnessEdit.Equip(Slots slots) -> {
        return config.withSlots(slots);
      }
      case HarnessEdit.Sequence(List<HarnessEdit> edits) -> {
        HarnessConfig current = config;
        for (HarnessEdit one : edits) {
          current = apply(current, one, registry);
        }
        return current;
      }
    }
    return config.withProcessors(edited);
  }

  private HarnessEdit inverse(HarnessEdit edit) {
    return switch (edit) {
      case HarnessEdit.Insert(ProcessorSpec processor, int _) ->
          new HarnessEdit.Remove(registry.resolve(processor).id());
      case HarnessEdit.Remove(String type) -> {
        int index = indexOf(type);
        yield new HarnessEdit.Insert(config.processors().get(index), index);
      }
      case HarnessEdit.Replace(ProcessorSpec processor) ->
          new HarnessEdit.Replace(
              config.processors().get(indexOfGroup(registry.resolve(processor).group())));
      case HarnessEdit.Configure(String type, String parameter, Object _) -> {
        int index = indexOf(type);
        Object was = registry.complete(config.processors().get(index)).parameters().get(parameter);
        if (was == null) {
          throw new HarnessException(
              "processor '%s' has no parameter '%s' to put back".formatted(type, parameter));
        }
        String name = name(edited(edit).processors().get(index));
        yield new HarnessEdit.Configure(name, parameter, was);
      }
      case HarnessEdit.Move(String type, int _) -> new HarnessEdit.Move(type, indexOf(type));
      case HarnessEdit.Equip(Slots _) -> new HarnessEdit.Equip(config.slots());
      case HarnessEdit.Sequence(List<HarnessEdit> edits) -> {
        List<HarnessEdit> back = new ArrayList<>();
        HarnessConfig current = config;
        for (HarnessEdit one : edits) {
          back.add(inverse(current, one, registry));
          current = apply(current, one, registry);
        }
        Collections.reverse(back);
        yield new HarnessEdit.Sequence(back);
      }
    };
  }

  private int within(int position) {
    int size = config.processors().size();
    if (position < 0 || position > size) {
      throw new HarnessException(
          "position %d is outside the harness: it has %d processors, counted from 0"
              .formatted(position, size));
    }
    return position;
  }

  private int indexOf(String type) {
    List<String> names = config.processors().stream().map(this::name).toList();
    int index = names.indexOf(type);
    if (index < 0) {
      throw new HarnessException(
          "the harness has no processor '%s'%s"
              .formatted(type, Suggestion.forUnknown(type, names)));
    }
    return index;
  }

  private int indexOfGroup(String group) {
    List<Optional<String>> groups =
        config.processors().stream().map(spec -> resolved(spec).map(ProcessorType::group)).toList();
    int index = groups.indexOf(Optional.of(group));
    if (index < 0) {
      throw new HarnessException(
          "no processor of the harness holds the group '%s': insert one instead of replacing it"
              .formatted(group));
    }
    return index;
  }

  private String name(ProcessorSpec spec) {
    return resolved(spec).map(ProcessorType::id).orElse(spec.type());
  }

  /** What is not valid has no type, and is told by whoever looks at the result. */
  private Optional<ProcessorType> resolved(ProcessorSpec spec) {
    return HarnessCheck.problems(List.of(spec), registry).isEmpty()
        ? Optional.of(registry.resolve(spec))
        : Optional.empty();
  }
}
