package dev.tandem.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.durable.CrashPoints;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.report.RunReport;
import dev.tandem.trainer.run.Monitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kill at every write: what the disk holds before and in the middle of each write, before each
 * rename and each removal of a round, and of the end of the run, is copied, and each copy is gone
 * on with. With {@code -Dtandem.crashes=all} every copy is, else some.
 */
final class CrashTest {
  private static final int EVERY = 80;

  @TempDir private Path folder;

  /** A moment and the folder as a kill at it would have left it. */
  private record Image(String moment, Path folder) {}

  /** Copies the run at each moment between a note about a round and the end. */
  private static final class Camera implements Monitor {
    private final SilentMonitor silent = new SilentMonitor();
    private final Path run;
    private final Path album;
    private final String from;
    private final List<Image> images = new ArrayList<>();
    private Map<String, String> last = Map.of();
    private volatile boolean on;

    Camera(Path run, Path album, String from) {
      this.run = run;
      this.album = album;
      this.from = from;
    }

    @Override
    public Task begin(String name, long total, String unit) {
      return silent.begin(name, total, unit);
    }

    @Override
    public void note(String text) {
      on |= text.startsWith(from);
    }

    /** Takes a picture, unless it would show what the last one does. */
    synchronized void reached(String moment) {
      if (!on) {
        return;
      }
      try {
        Map<String, String> now = listing(run);
        if (!now.equals(last)) {
          last = now;
          Image image = new Image(moment, album.resolve("image-%03d".formatted(images.size())));
          TinyRun.copy(run, image.folder());
          images.add(image);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Map<String, String> listing(Path run) throws IOException {
      Map<String, String> files = new TreeMap<>();
      try (Stream<Path> all = Files.walk(run)) {
        for (Path file : all.toList()) {
          files.put(
              run.relativize(file).toString(),
              Files.isDirectory(file)
                  ? ""
                  : Files.size(file) + " " + Files.getLastModifiedTime(file));
        }
      }
      return files;
    }
  }

  @Test
  void aKillAtAnyWriteOfARoundLosesNothing() throws IOException {
    killAtWrites(/* lag= */ 0);
  }

  @Test
  @EnabledIfSystemProperty(named = "tandem.crashes", matches = "all")
  void norOfOneThatIsPlayedBesideTheLearning() throws IOException {
    killAtWrites(/* lag= */ 1);
  }

  private void killAtWrites(int lag) throws IOException {
    RunConfig recipe = TinyRun.with("rollout.lag=" + lag);
    Path run = folder.resolve("run");
    Camera camera = new Camera(run, folder.resolve("album"), "round 2:");
    CrashPoints.watched(camera::reached, () -> TinyRun.run(run, recipe, camera));
    camera.reached("the end");
    Map<String, String> undisturbed = RunOutcome.of(run);
    assertThat(camera.images).hasSizeGreaterThan(50);

    boolean all = "all".equals(System.getProperty("tandem.crashes"));
    int tried = 0;
    for (int i = 0; i < camera.images.size(); i++) {
      Image image = camera.images.get(i);
      if (all || i % EVERY == 0 || i > camera.images.size() - 5) {
        RunReport.write(image.folder());
        TinyRun.run(image.folder(), recipe, new SilentMonitor());
        assertThat(RunOutcome.of(image.folder()))
            .as("killed %s, image %d of %d", image.moment(), i, camera.images.size())
            .isEqualTo(undisturbed);
        tried++;
      }
    }
    System.out.printf("%d of %d kills tried%n", tried, camera.images.size());
  }
}
