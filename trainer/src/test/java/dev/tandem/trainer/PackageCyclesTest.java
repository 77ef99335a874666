package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.tandem.trainer.planted.Root;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * No two rooms of this module need each other, whichever floor one looks at: packages with all that
 * is in them, what lies in a package itself, and its subpackages beside it.
 */
final class PackageCyclesTest {
  private static final String HOME = "dev.tandem.trainer";

  @Test
  void noTwoRoomsNeedEachOther() {
    JavaClasses ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importUrl(TrainingRun.class.getProtectionDomain().getCodeSource().getLocation());
    assertThat(houses(ours, HOME)).contains(HOME, HOME + ".model");
    assertThat(cycles(ours, HOME)).isEmpty();
  }

  @Test
  void findsTwoPackagesThatNeedEachOther() {
    assertThat(cycles(planted(), Root.class.getPackageName()))
        .anySatisfy(cycle -> assertThat(cycle).contains("Slice left", "Slice right"));
  }

  @Test
  void findsAPackageAndASubpackageThatNeedEachOther() {
    assertThat(cycles(planted(), Root.class.getPackageName()))
        .anySatisfy(cycle -> assertThat(cycle).contains("Slice itself", "Slice leaf"));
  }

  private static JavaClasses planted() {
    return new ClassFileImporter().importPackages(Root.class.getPackageName());
  }

  /** The cycles on every floor of {@code top}, as sentences. */
  private static List<String> cycles(JavaClasses classes, String top) {
    List<String> cycles = new ArrayList<>();
    for (String house : houses(classes, top)) {
      SlicesRuleDefinition.slices()
          .assignedFrom(new RoomsOf(house))
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .evaluate(classes)
          .getFailureReport()
          .getDetails()
          .forEach(cycles::add);
    }
    return cycles;
  }

  /** {@code top} and every package in it that has packages of its own. */
  private static SortedSet<String> houses(JavaClasses classes, String top) {
    SortedSet<String> houses = new TreeSet<>();
    for (JavaClass one : classes) {
      String name = one.getPackageName();
      for (int dot = name.lastIndexOf('.'); dot >= top.length(); dot = name.lastIndexOf('.')) {
        name = name.substring(0, dot);
        if (name.equals(top) || name.startsWith(top + ".")) {
          houses.add(name);
        }
      }
    }
    return houses;
  }

  /** A package's own classes are one room, each of its subpackages with all below it another. */
  private record RoomsOf(String house) implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      String name = one.getPackageName();
      if (name.equals(house)) {
        return SliceIdentifier.of("itself");
      }
      if (!name.startsWith(house + ".")) {
        return SliceIdentifier.ignore();
      }
      String below = name.substring(house.length() + 1);
      int dot = below.indexOf('.');
      return SliceIdentifier.of(dot < 0 ? below : below.substring(0, dot));
    }

    @Override
    public String getDescription() {
      return "rooms of " + house;
    }
  }
}
