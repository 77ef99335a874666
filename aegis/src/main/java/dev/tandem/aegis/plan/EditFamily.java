package dev.tandem.aegis.plan;

import dev.tandem.harness.edit.HarnessEdit;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A lever: edits of one kind on one processor type, whatever the parameters. Reputations and
 * portfolio rules are kept by family.
 */
public record EditFamily(Kind kind, String processor) implements Comparable<EditFamily> {
  private static final Comparator<EditFamily> ORDER =
      Comparator.comparing(EditFamily::kind).thenComparing(EditFamily::processor);

  /** What is done to the processor. */
  public enum Kind {
    INSERT,
    CONFIGURE,
    REPLACE,
    REMOVE,
    MOVE,
    EQUIP,
    SEQUENCE;

    /** Whether it changes which processors there are, and not only how they are set. */
    public boolean structural() {
      return this != CONFIGURE && this != EQUIP;
    }
  }

  public static EditFamily of(HarnessEdit edit) {
    return switch (edit) {
      case HarnessEdit.Insert(var processor, int ignored) ->
          new EditFamily(Kind.INSERT, processor.type());
      case HarnessEdit.Configure(String type, String ignored, Object alsoIgnored) ->
          new EditFamily(Kind.CONFIGURE, type);
      case HarnessEdit.Replace(var processor) -> new EditFamily(Kind.REPLACE, processor.type());
      case HarnessEdit.Remove(String type) -> new EditFamily(Kind.REMOVE, type);
      case HarnessEdit.Move(String type, int ignored) -> new EditFamily(Kind.MOVE, type);
      case HarnessEdit.Equip ignored -> new EditFamily(Kind.EQUIP, "slots");
      case HarnessEdit.Sequence(var edits) ->
          new EditFamily(
              Kind.SEQUENCE,
              edits.stream().map(one -> of(one).name()).collect(Collectors.joining("; ")));
    };
  }

  /** Such as {@code insert loop_guard}. */
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT) + " " + processor;
  }

  @Override
  public int compareTo(EditFamily other) {
    return ORDER.compare(this, other);
  }
}
