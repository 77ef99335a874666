package dev.tandem.trainer.io;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a finished folder holds: length and SHA-256 of every file, written last. A folder that has
 * one was finished, and whether it still is as it was can be told from it alone, because the
 * manifest also carries a hash of itself. It may vouch for files elsewhere, by their paths below
 * some other root.
 *
 * <p>The name is not {@code manifest.json}: other programs write files of that name, and a folder
 * of theirs must not count as damaged.
 *
 * @param files the folder's own, by path below it with slashes; all that it holds but the manifest
 *     and what begins with a dot, which operating systems strew about
 * @param elsewhere whole files, by path below a root that the reader knows
 * @param beginnings of files below that root that may have grown since
 */
public record Manifest(
    SortedMap<String, FileSeal> files,
    SortedMap<String, FileSeal> elsewhere,
    SortedMap<String, FileSeal> beginnings) {
  /** Its name in the folder. */
  public static final String NAME = "tandem-manifest.json";

  static final int FORMAT = 1;

  /** Stands in the place of the manifest's own hash while that is computed. */
  private static final String NO_HASH = "0".repeat(64);

  private static final String HEAD = "{\n  \"sha256\" : \"";
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Lines end the same way on every system. */
  private static final ObjectWriter PRETTY =
      JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  public Manifest {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    elsewhere = Collections.unmodifiableSortedMap(new TreeMap<>(elsewhere));
    beginnings = Collections.unmodifiableSortedMap(new TreeMap<>(beginnings));
  }

  /** The manifest as its file has it. */
  private record Page(
      @JsonProperty("sha256") String sha256,
      @JsonProperty("format") int format,
      @JsonProperty("files") SortedMap<String, FileSeal> files,
      @JsonProperty("elsewhere") SortedMap<String, FileSeal> elsewhere,
      @JsonProperty("beginnings") SortedMap<String, FileSeal> beginnings) {}

  /** Seals all that a folder holds, which is finished with that. */
  public static Manifest seal(Path folder) throws IOException {
    return seal(folder, new TreeMap<>(), new TreeMap<>());
  }

  /** Seals all that a folder holds, and vouches for files elsewhere. */
  public static Manifest seal(
      Path folder, SortedMap<String, FileSeal> elsewhere, SortedMap<String, FileSeal> beginnings)
      throws IOException {
    Manifest manifest = new Manifest(seals(folder, list(folder)), elsewhere, beginnings);
    manifest.write(folder);
    return manifest;
  }

  /** Length and hash of some files, by their paths below a root. */
  public static SortedMap<String, FileSeal> seals(Path root, Collection<String> names)
      throws IOException {
    try {
      return names.parallelStream()
          .collect(
              Collectors.toMap(
                  name -> name,
                  name -> sealed(root.resolve(name)),
                  (one, other) -> one,
                  TreeMap::new));
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static FileSeal sealed(Path file) {
    try {
      return FileSeal.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a folder claims to have one. */
  public static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(NAME), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The manifest of a folder, whose files are not looked at.
   *
   * @throws DamagedStateException when it is missing, damaged or of a later build
   */
  public static Manifest read(Path folder) {
    Path file = folder.resolve(NAME);
    String text = text(file);
    String stated = "";
    if (text.startsWith(HEAD) && text.length() >= HEAD.length() + NO_HASH.length()) {
      stated = text.substring(HEAD.length(), HEAD.length() + NO_HASH.length());
    }
    if (stated.isEmpty() || !FileSeal.of(bytes(withHash(text, NO_HASH))).sha256().equals(stated)) {
      throw damaged(file, "is damaged: its own checksum does not fit");
    }
    try {
      JsonNode page = JSON.readTree(text);
      int format = page.path("format").asInt();
      if (format != FORMAT) {
        throw new DamagedStateException(
            new Damage(
                file, "has format %d and this build reads at most %d".formatted(format, FORMAT)),
            "use the build that wrote it, or a newer one");
      }
      Page content = JSON.treeToValue(page, Page.class);
      return new Manifest(content.files(), content.elsewhere(), content.beginnings());
    } catch (JsonProcessingException e) {
      throw damaged(file, "is damaged: it is no manifest");
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw damaged(file, "is missing");
    } catch (AccessDeniedException e) {
      throw damaged(file, "may not be read");
    } catch (IOException e) {
      throw damaged(
          file,
          Files.isDirectory(file)
              ? "is a folder where a file was written"
              : "cannot be read (%s)".formatted(e.getMessage()));
    }
  }

  private static DamagedStateException damaged(Path file, String what) {
    return new Damage(file, what).exception();
  }

  /**
   * Compares a folder with its manifest.
   *
   * @throws DamagedStateException naming the first file that differs
   */
  public static Manifest verify(Path folder) {
    Manifest manifest = read(folder);
    manifest
        .damage(folder)
        .findFirst()
        .ifPresent(
            damage -> {
              throw damage.exception();
            });
    return manifest;
  }

  /** Everything in which a folder differs from what this says, in the order of names. */
  public Stream<Damage> damage(Path folder) {
    return damage(folder, name -> true);
  }

  /** The same of those files only that are of interest. */
  public Stream<Damage> damage(Path folder, Predicate<String> ofInterest) {
    SortedMap<String, FileSeal> some = new TreeMap<>(files);
    some.keySet().removeIf(ofInterest.negate());
    return Stream.concat(damage(folder, some), strangers(folder, ofInterest));
  }

  /** What is wrong with those of some files that should be whole, in the order of names. */
  public static Stream<Damage> damage(Path root, Map<String, FileSeal> seals) {
    return List.copyOf(seals.entrySet()).parallelStream()
        .map(seal -> seal.getValue().damage(root.resolve(seal.getKey())))
        .toList()
        .stream()
        .flatMap(Optional::stream);
  }

  /** Files that were not there when the folder was finished: a loader might prefer them. */
  private Stream<Damage> strangers(Path folder, Predicate<String> ofInterest) {
    try {
      return list(folder).stream()
          .filter(name -> !files.containsKey(name) && ofInterest.test(name))
          .map(name -> new Damage(folder.resolve(name), "is not known to " + NAME + " beside it"));
    } catch (IOException e) {
      return Stream.of(new Damage(folder, "cannot be listed (%s)".formatted(e.getMessage())));
    }
  }

  /** Writes the manifest into a folder, in one step. */
  public void write(Path folder) throws IOException {
    AtomicFiles.write(folder.resolve(NAME), text());
  }

  private String text() {
    try {
      String open =
          PRETTY.writeValueAsString(new Page(NO_HASH, FORMAT, files, elsewhere, beginnings)) + "\n";
      return withHash(open, FileSeal.of(bytes(open)).sha256());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest can always be written as JSON", e);
    }
  }

  private static String withHash(String text, String hash) {
    return text.substring(0, HEAD.length())
        + hash
        + text.substring(HEAD.length() + NO_HASH.length());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> !Files.isDirectory(file))
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(
              name ->
                  !name.equals(NAME) && !name.substring(name.lastIndexOf('/') + 1).startsWith("."))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }
}
