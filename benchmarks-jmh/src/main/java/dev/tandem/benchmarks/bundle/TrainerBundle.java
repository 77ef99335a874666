package dev.tandem.benchmarks.bundle;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The archive that takes the whole command line to a Linux x86-64 machine with Python's torch and
 * no Java: a runtime, the trainer's jars, DJL's JNI libraries for the libtorch of this build, and
 * two scripts. {@code bin/use-torch} is told once where torch is, and takes a JNI library for
 * another torch than this build's; {@code bin/tandem} is the command line. libtorch itself, which
 * is large, stays behind.
 */
public final class TrainerBundle {
  /** What the trainer's jars ask for, Jackson's and JNA's optional needs among them. */
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.compiler",
          "java.desktop",
          "java.management",
          "java.net.http",
          "java.sql",
          "jdk.httpserver",
          "jdk.incubator.vector",
          "jdk.management",
          "jdk.unsupported",
          "jdk.zipfs");

  private static final String MAIN_CLASS = "dev/tandem/trainer/cli/Tandem.class";

  private static final String GUIDE =
      """
      Tandem with a Java of its own, on the torch of this machine's Python. Needs Linux on x86-64 with
      glibc 2.34 or newer, bash, and a torch; for a GPU one made for CUDA, and NVIDIA's driver.

        bin/use-torch TORCH [LIBRARY]    once: TORCH is the folder of the Python package torch, which
                                         python3 -c 'import torch; print(torch.__path__[0])' prints
        bin/tandem doctor                what was found
        bin/tandem train recipe.yaml     and every other verb

      LIBRARY is DJL's JNI library, libdjl_torch.so, compiled for that torch. Folder jni holds those
      that DJL publishes; for another torch it must be given.
      """;

  private TrainerBundle() {}

  /**
   * Writes the archive, whole or not at all.
   *
   * @param file ends in {@code .tar.gz}
   * @param javaHome the JDK whose runtime is put in
   * @param classPath of the command line: jars and folders of classes
   * @param javaScript whether GraalJS comes along, which code processors need
   * @param step is told what begins, three times
   * @return its size in bytes
   * @throws BundleException if this machine or the class path is none to make the bundle of
   */
  public static long write(
      Path file, Path javaHome, String classPath, boolean javaScript, Consumer<String> step)
      throws IOException, InterruptedException {
    Archive.requireLinux();
    step.accept("trainer");
    Archive archive = withoutRuntime(classPath, javaScript);
    step.accept("Java runtime");
    archive.addRuntime(javaHome, MODULES);
    step.accept("archive");
    return archive.write(file);
  }

  /** All but the Java. */
  static Archive withoutRuntime(String classPath, boolean javaScript) throws IOException {
    Archive archive = new Archive("tandem-trainer");
    addClassPath(archive, classPath, javaScript);
    archive.addScript("bin/use-torch", resource("use-torch.sh"));
    archive.addScript("bin/tandem", resource("tandem.sh"));
    archive.addText("README.txt", GUIDE);
    return archive;
  }

  private static void addClassPath(Archive archive, String classPath, boolean javaScript)
      throws IOException {
    List<Path> paths = Stream.of(classPath.split(File.pathSeparator, -1)).map(Path::of).toList();
    boolean hasMain = false;
    int folders = 0;
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        hasMain |= Files.exists(path.resolve(MAIN_CLASS));
        archive.add("lib/tandem-%d.jar".formatted(++folders), ClassArchive.ofFolder(path));
      } else if (Files.exists(path)) {
        addJar(archive, path, javaScript);
      }
    }
    if (!hasMain) {
      throw new BundleException(
          "the class path has no folder with the command line's classes; run ./tandem from a"
              + " checkout");
    }
  }

  private static void addJar(Archive archive, Path path, boolean javaScript) throws IOException {
    ClassPathEntry jar = ClassPathEntry.of(path);
    if (jar.isJni()) {
      for (ClassPathEntry.JniLibrary library : jar.jniLibraries()) {
        archive.add("jni/%s/libdjl_torch.so".formatted(library.torch()), library.bytes());
      }
    } else if (!jar.isLibTorch() && (javaScript || !jar.isJavaScript())) {
      archive.add("lib/" + path.getFileName(), jar.forLinux());
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream text =
        Objects.requireNonNull(TrainerBundle.class.getResourceAsStream(name), name)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
