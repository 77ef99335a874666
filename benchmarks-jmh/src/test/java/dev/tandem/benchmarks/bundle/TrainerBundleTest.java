package dev.tandem.benchmarks.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the archive, and its scripts against folders that look like Python's torch. */
final class TrainerBundleTest {
  private static final String VERSION_27 = "__version__ = '2.7.1+cu128'\ncuda = '12.8'\n";
  private static final String VERSION_213 =
      "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\n";

  @TempDir private Path folder;

  /** What a process said and how it ended. */
  private record Ended(int status, String output) {}

  @BeforeEach
  void unpack() throws Exception {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"),
        "the bundle is made on Linux x86-64 only");
    Path archive = folder.resolve("trainer.tar.gz");
    TrainerBundle.withoutRuntime(classPath(folder), false).write(archive);
    unpack(archive);
    // In the place of Java, what shows how it is called.
    Path java = Files.createDirectories(bundle("runtime/bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        echo "$PYTORCH_LIBRARY_PATH $PYTORCH_VERSION $PYTORCH_FLAVOR"
        echo "$@"
        """);
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void bringsARuntimeThatRuns() throws Exception {
    Path archive = folder.resolve("whole.tar.gz");
    List<String> steps = new ArrayList<>();
    long bytes =
        TrainerBundle.write(
            archive,
            Path.of(System.getProperty("java.home")),
            classPath(folder),
            false,
            steps::add);
    assertThat(steps).containsExactly("trainer", "Java runtime", "archive");
    assertThat(bytes).isEqualTo(Files.size(archive));
    unpack(archive);
    assertThat(execute(bundle("runtime/bin/java").toString(), "--list-modules").output())
        .contains("jdk.incubator.vector@", "java.sql@");
  }

  @Test
  void holdsScriptsJarsAndJniLibrariesAndNoLibTorch() throws IOException {
    assertThat(bundle("bin/tandem")).isExecutable();
    assertThat(bundle("bin/use-torch")).isExecutable();
    assertThat(bundle("README.txt")).content().contains("bin/use-torch");
    assertThat(names(bundle("lib"))).containsExactly("store.jar", "tandem-1.jar");
    assertThat(bundle("jni/2.7.1-cu128/libdjl_torch.so")).hasContent("for cu128");
    assertThat(names(bundle("jni"))).containsExactly("2.7.1-cpu", "2.7.1-cu128");
    try (ZipFile store = new ZipFile(bundle("lib/store.jar").toFile())) {
      assertThat(store.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrder(
              "store/Store.class",
              "store/native/Linux/x86_64/libstore.so",
              "com/sun/jna/linux-x86-64/libjna.so");
      assertThat(store.getInputStream(store.getEntry("store/Store.class")).readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("class");
    }
  }

  @Test
  void bringsJavaScriptWhenAsked() throws Exception {
    Path archive = folder.resolve("with.tar.gz");
    TrainerBundle.withoutRuntime(classPath(folder), true).write(archive);
    assertThat(execute("tar", "tzf", archive.toString()).output())
        .contains("tandem-trainer/lib/script.jar");
  }

  @Test
  void refusesAClassPathWithoutTheCommandLine() {
    assertThatThrownBy(
            () ->
                TrainerBundle.write(
                    folder.resolve("x.tar.gz"), folder, folder.toString(), false, step -> {}))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("run ./tandem from a checkout");
    assertThat(folder.resolve("x.tar.gz")).doesNotExist();
  }

  @Test
  void saysWhatIsMissingOnAJavaWithoutJlink() throws IOException {
    String classPath = classPath(folder);
    assertThatThrownBy(
            () ->
                TrainerBundle.write(
                    folder.resolve("x.tar.gz"), folder, classPath, false, step -> {}))
        .isInstanceOf(BundleException.class)
        .hasMessageContaining("has no bin/jlink");
  }

  @Test
  void theScriptsParse() throws Exception {
    for (String script : List.of("bin/tandem", "bin/use-torch")) {
      assertThat(execute("bash", "-n", bundle(script).toString())).isEqualTo(new Ended(0, ""));
    }
  }

  @Test
  void namesWhatIsNotTorch() throws Exception {
    Ended ended = useTorch(folder.toString());
    assertThat(ended.status()).isEqualTo(69);
    assertThat(ended.output())
        .startsWith("use-torch: " + folder + " is not the folder")
        .hasLineCount(1);
    assertThat(useTorch().status()).isEqualTo(2);
  }

  @Test
  void asksForALibraryWhereItHasNone() throws Exception {
    Ended ended = useTorch(torch(VERSION_213).toString());
    assertThat(ended.status()).isEqualTo(69);
    assertThat(ended.output())
        .contains("torch 2.13.0 (cpu) needs a libdjl_torch.so")
        .contains("2.7.1-cpu 2.7.1-cu128");
    assertThat(useTorch(torch(VERSION_213).toString(), "/absent.so").output())
        .contains("/absent.so cannot be read");
    assertThat(bundle("torch")).doesNotExist();
  }

  @Test
  void refusesALibraryThatIsNone() throws Exception {
    Path library = Files.writeString(folder.resolve("libdjl_torch.so"), "text");
    Ended ended = useTorch(torch(VERSION_213).toString(), library.toString());
    assertThat(ended.status()).isEqualTo(69);
    assertThat(ended.output()).contains("was not compiled for torch 2.13.0").hasLineCount(1);
    assertThat(bundle("torch")).doesNotExist();
    assertThat(bundle("torch.new")).doesNotExist();
  }

  @Test
  void setsWhatDjlReads() throws Exception {
    Path torch = torch(VERSION_27);
    Path cudart = Files.createDirectories(folder.resolve("site/nvidia/cuda_runtime/lib"));
    Files.writeString(cudart.resolve("libcudart.so.12"), "");
    choose(torch);
    assertThat(names(bundle("torch/lib")))
        .containsExactly("libc10.so", "libdjl_torch.so", "libtorch.so", "libtorch_cpu.so");
    assertThat(bundle("torch/cudart/libcudart.so").toRealPath())
        .isEqualTo(cudart.resolve("libcudart.so.12").toRealPath());

    Ended ended = execute(bundle("bin/tandem").toString(), "doctor", "--json");
    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains(bundle("torch/lib").toRealPath() + " 2.7.1 cu128")
        .contains("-Dai.djl.offline=true")
        .contains("-Djna.library.path=" + bundle("torch/cudart").toRealPath())
        .endsWith("dev.tandem.trainer.cli.Tandem doctor --json\n");
  }

  @Test
  void saysWhenNoTorchIsChosenAndWhenItChanged() throws Exception {
    Ended none = execute(bundle("bin/tandem").toString(), "doctor");
    assertThat(none.status()).isEqualTo(69);
    assertThat(none.output()).contains("no torch is chosen yet").hasLineCount(1);

    Path torch = torch(VERSION_27);
    choose(torch);
    Files.writeString(torch.resolve("version.py"), VERSION_213);
    Ended changed = execute(bundle("bin/tandem").toString(), "doctor");
    assertThat(changed.status()).isEqualTo(69);
    assertThat(changed.output()).contains("is not 2.7.1 any more").hasLineCount(1);
  }

  private void unpack(Path archive) throws Exception {
    Ended ended = execute("tar", "xzf", archive.toString(), "-C", folder.toString());
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  /** The JNI library here is text, which only a machine without ldd takes. */
  private void choose(Path torch) throws Exception {
    Path ldd = Files.createDirectories(folder.resolve("path")).resolve("ldd");
    Files.writeString(ldd, "#!/bin/sh\n");
    assertThat(ldd.toFile().setExecutable(true)).isTrue();
    Ended ended =
        execute(
            "env",
            "PATH=" + ldd.getParent() + ":" + System.getenv("PATH"),
            bundle("bin/use-torch").toString(),
            torch.toString());
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  private Ended useTorch(String... arguments) throws Exception {
    return execute(
        Stream.concat(Stream.of(bundle("bin/use-torch").toString()), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private Path bundle(String name) {
    return folder.resolve("tandem-trainer").resolve(name);
  }

  private Path torch(String version) throws IOException {
    Path torch = folder.resolve("site/torch");
    Files.createDirectories(torch.resolve("lib"));
    Files.writeString(torch.resolve("version.py"), version);
    for (String name : List.of("c10", "torch", "torch_cpu", "torch_python")) {
      Files.writeString(torch.resolve("lib/lib" + name + ".so"), "");
    }
    return torch;
  }

  /** A class path with one of each kind of entry. */
  private static String classPath(Path folder) throws IOException {
    Path classes = Files.createDirectories(folder.resolve("classes/dev/tandem/trainer/cli"));
    Files.writeString(classes.resolve("Tandem.class"), "class");
    jar(
        folder.resolve("store.jar"),
        Map.of(
            "store/Store.class", "class",
            "store/native/Linux/x86_64/libstore.so", "ours",
            "store/native/Linux-Musl/x86_64/libstore.so", "foreign",
            "store/native/Windows/x86_64/store.dll", "foreign",
            "com/sun/jna/linux-x86-64/libjna.so", "ours",
            "com/sun/jna/linux-aarch64/libjna.so", "foreign"));
    jar(
        folder.resolve("natives.jar"),
        Map.of("pytorch/cpu/linux-x86_64/native/lib/libtorch_cpu.so", "large"));
    jar(
        folder.resolve("connection.jar"),
        Map.of(
            "jnilib/pytorch.properties", "jni_version=2.7.1-0.35.1\n",
            "jnilib/linux-x86_64/cpu/libdjl_torch.so", "for cpu",
            "jnilib/linux-x86_64/cu128/libdjl_torch.so", "for cu128",
            "jnilib/linux-aarch64/cpu/libdjl_torch.so", "foreign"));
    jar(folder.resolve("script.jar"), Map.of("com/oracle/truffle/js/Language.class", "class"));
    return Stream.of("classes", "store.jar", "natives.jar", "connection.jar", "script.jar")
        .map(name -> folder.resolve(name).toString())
        .reduce((one, other) -> one + File.pathSeparator + other)
        .orElseThrow();
  }

  private static void jar(Path file, Map<String, String> contents) throws IOException {
    try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var one : contents.entrySet()) {
        jar.putNextEntry(new ZipEntry(one.getKey()));
        new ByteArrayInputStream(one.getValue().getBytes(StandardCharsets.UTF_8)).transferTo(jar);
      }
    }
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Ended execute(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
