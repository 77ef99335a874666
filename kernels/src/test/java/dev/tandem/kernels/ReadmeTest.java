package dev.tandem.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that the module's page shows compiles and does what it says. */
final class ReadmeTest {
  @TempDir private Path folder;

  @Test
  void theExampleScoresTheChosenTokens() throws Exception {
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(block.find()).isTrue();
    Path source = folder.resolve("Example.java");
    Files.writeString(
        source,
        """
        import dev.tandem.kernels.Kernels;
        import dev.tandem.kernels.operation.*;
        import java.lang.foreign.MemorySegment;

        public final class Example {
          public static float[] run() {
            %s
            return logProbs;
          }
        }
        """
            .formatted(block.group(1)));
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, errors, errors, "-proc:none", "-d", folder.toString(), source.toString());
    assertThat(status).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      float[] logProbs = (float[]) loader.loadClass("Example").getMethod("run").invoke(null);
      // log softmax of (0, 1, 2) at 2 and at 0.
      assertThat(logProbs)
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(-0.4076059f, -2.407606f);
    }
  }
}
