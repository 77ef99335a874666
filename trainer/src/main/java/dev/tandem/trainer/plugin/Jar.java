package dev.tandem.trainer.plugin;

import dev.tandem.harness.value.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A plugin's file: what is in it and which services it names. */
final class Jar {
  private final Path path;

  /** Hash of each entry's bytes by its name. */
  private final SortedMap<String, String> entries = new TreeMap<>();

  private final SortedMap<String, List<String>> services = new TreeMap<>();

  /**
   * Reads the file.
   *
   * @param offered names of the services to look for
   * @throws PluginException if it is not there or is no jar
   */
  Jar(Path file, List<String> offered) {
    path = file.toAbsolutePath().normalize();
    if (!Files.isRegularFile(path)) {
      throw new PluginException(
          "the plugin %s does not exist: build it, or correct the path".formatted(path));
    }
    try (ZipFile zip = new ZipFile(path.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory()) {
          try (InputStream in = zip.getInputStream(entry)) {
            read(entry.getName(), in.readAllBytes(), offered);
          }
        }
      }
    } catch (ZipException damaged) {
      throw new PluginException(
          "the plugin %s is not a jar (%s): name a file that the jar tool made"
              .formatted(path, damaged.getMessage()),
          damaged);
    } catch (IOException unreadable) {
      throw new PluginException(
          "the plugin %s cannot be read (%s): check its permissions"
              .formatted(path, unreadable.getMessage()),
          unreadable);
    }
  }

  private void read(String name, byte[] bytes, List<String> offered) {
    entries.put(name, ContentHash.sha256(bytes));
    for (String service : offered) {
      if (name.equals("META-INF/services/" + service)) {
        services.put(service, classes(new String(bytes, StandardCharsets.UTF_8)));
      }
    }
  }

  /** The class names of a service file. */
  private static List<String> classes(String text) {
    List<String> names = new ArrayList<>();
    for (String line : text.lines().toList()) {
      int comment = line.indexOf('#');
      String name = (comment < 0 ? line : line.substring(0, comment)).strip();
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  Path path() {
    return path;
  }

  /** Names of the classes that serve. */
  List<String> classes(Class<?> service) {
    return services.getOrDefault(service.getName(), List.of());
  }

  /** Hash of all that is in it; the order of the entries and their times do not count. */
  String contentHash() {
    StringBuilder text = new StringBuilder();
    entries.forEach((name, hash) -> text.append(hash).append(' ').append(name).append('\n'));
    return ContentHash.sha256(text.toString());
  }
}
