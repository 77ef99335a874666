package dev.tandem.benchmarks.kernels.program;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The same loss by PyTorch's own operators, timed by the script beside this class. */
final class PyTorch {
  private static final String SCRIPT = "compare_torch.py";

  private PyTorch() {}

  /**
   * Runs the script and answers the JSON object that it prints.
   *
   * @param python the interpreter
   * @throws IOException in one sentence, if it does not run or has no torch
   */
  static String compare(String python, int tokens, int vocabulary) throws IOException {
    Path script = Files.createTempFile("compare-torch-", ".py");
    try (InputStream source = PyTorch.class.getResourceAsStream(SCRIPT)) {
      if (source == null) {
        throw new IOException(SCRIPT + " is missing beside the classes; build the bundle again");
      }
      Files.write(script, source.readAllBytes());
      Process process =
          new ProcessBuilder(
                  python, script.toString(), Integer.toString(tokens), Integer.toString(vocabulary))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IOException(
            "%s could not run the comparison; name a Python that imports torch".formatted(python));
      }
      return output;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("the comparison was interrupted", interrupted);
    } finally {
      Files.delete(script);
    }
  }
}
