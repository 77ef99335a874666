package dev.tandem.benchmarks.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A jar of the trainer's class path, known by what it holds: repositories name jars as they like.
 */
final class ClassPathEntry {
  private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|a)");
  private static final Pattern OURS = Pattern.compile(".*linux[-/](x86[-_]64|amd64)/.*");
  private static final Pattern JNI =
      Pattern.compile("jnilib/linux-x86_64/([^/]+)/libdjl_torch\\.so");
  private static final String JNI_PROPERTIES = "jnilib/pytorch.properties";
  private static final List<String> JAVASCRIPT = List.of("org/graalvm/", "com/oracle/truffle/");
  private static final LocalDateTime DATE = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Path file;
  private final List<String> names;

  private ClassPathEntry(Path file, List<String> names) {
    this.file = file;
    this.names = List.copyOf(names);
  }

  /**
   * A library that stands between DJL and one build of libtorch.
   *
   * @param torch version and flavour of that build, such as {@code 2.7.1-cpu}
   * @param bytes the library
   */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way into the archive
  record JniLibrary(String torch, byte[] bytes) {}

  static ClassPathEntry of(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return new ClassPathEntry(jar, zip.stream().map(ZipEntry::getName).toList());
    }
  }

  /** Whether it carries libtorch itself, which the node has. */
  boolean isLibTorch() {
    return names.stream().anyMatch(name -> name.endsWith("/libtorch_cpu.so"));
  }

  /** Whether it carries DJL's JNI libraries. */
  boolean isJni() {
    return names.contains(JNI_PROPERTIES);
  }

  /** Whether only processors that are code need it. */
  boolean isJavaScript() {
    return names.stream().anyMatch(name -> JAVASCRIPT.stream().anyMatch(name::startsWith));
  }

  /** DJL's JNI libraries for Linux on x86-64. */
  List<JniLibrary> jniLibraries() throws IOException {
    List<JniLibrary> libraries = new ArrayList<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Properties properties = new Properties();
      try (InputStream text = zip.getInputStream(zip.getEntry(JNI_PROPERTIES))) {
        properties.load(text);
      }
      // Such as 2.7.1-0.35.1: libtorch's version, then DJL's.
      String version = properties.getProperty("jni_version", "").replaceFirst("-.*", "");
      for (String name : names) {
        Matcher library = JNI.matcher(name);
        if (library.matches()) {
          try (InputStream bytes = zip.getInputStream(zip.getEntry(name))) {
            libraries.add(new JniLibrary(version + "-" + library.group(1), bytes.readAllBytes()));
          }
        }
      }
    }
    return libraries;
  }

  /** The jar without native libraries for other machines than Linux on x86-64. */
  byte[] forLinux() throws IOException {
    if (names.stream().noneMatch(ClassPathEntry::isForeign)) {
      return Files.readAllBytes(file);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipFile zip = new ZipFile(file.toFile());
        ZipOutputStream slim = new ZipOutputStream(bytes)) {
      for (String name : names.stream().filter(one -> !isForeign(one)).toList()) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(DATE);
        slim.putNextEntry(entry);
        try (InputStream content = zip.getInputStream(zip.getEntry(name))) {
          content.transferTo(slim);
        }
        slim.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static boolean isForeign(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NATIVE.matcher(lower).matches() && !OURS.matcher(lower).matches();
  }
}
