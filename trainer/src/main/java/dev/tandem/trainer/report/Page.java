package dev.tandem.trainer.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One HTML file that needs no network and no script. */
final class Page {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([a-z_]+)}}");

  private Page() {}

  /**
   * A page in the house style.
   *
   * @param title as plain text
   * @param body as HTML
   */
  static String of(String title, String body) throws IOException {
    Map<String, String> parts =
        Map.of("title", Html.text(title), "body", body, "css", resource("report.css"));
    return PLACEHOLDER
        .matcher(resource("page.html"))
        .replaceAll(
            match -> Matcher.quoteReplacement(parts.getOrDefault(match.group(1), match.group())));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
