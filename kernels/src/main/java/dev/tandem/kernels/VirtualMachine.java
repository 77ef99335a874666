package dev.tandem.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * What of a Java virtual machine decides whether lanes become instructions. Only HotSpot's
 * optimising compiler, C2, makes them so; interpreted, compiled by C1, or with JVMCI on, which
 * switches the fast paths off, every vector is an object on the heap, and the Vector API is a
 * hundred times slower than plain Java. Lucene asks the same (its {@code VectorizationProvider}).
 *
 * @param name as {@code java.vm.name} has it
 * @param hotSpot whether it is HotSpot, and can be asked for its options
 * @param information as {@code java.vm.info} has it, such as {@code mixed mode, sharing}
 * @param lastTier the option {@code TieredStopAtLevel}: 4 is C2's
 * @param jvmci the option {@code EnableJVMCI}
 */
record VirtualMachine(
    String name, boolean hotSpot, String information, int lastTier, boolean jvmci) {
  /** The tier that C2 compiles for. */
  private static final int C2_TIER = 4;

  /** The one that runs this. */
  static VirtualMachine ofThisProcess() {
    String name = System.getProperty("java.vm.name", "unknown");
    String information = System.getProperty("java.vm.info", "");
    if (ModuleLayer.boot().findModule("jdk.management").isEmpty()) {
      return new VirtualMachine(name, false, information, 0, false);
    }
    HotSpotDiagnosticMXBean hotSpot =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    return hotSpot == null
        ? new VirtualMachine(name, false, information, 0, false)
        : new VirtualMachine(
            name,
            true,
            information,
            Integer.parseInt(option(hotSpot, "TieredStopAtLevel", "4")),
            Boolean.parseBoolean(option(hotSpot, "EnableJVMCI", "false")));
  }

  private static String option(HotSpotDiagnosticMXBean hotSpot, String name, String absent) {
    try {
      return hotSpot.getVMOption(name).getValue();
    } catch (IllegalArgumentException _) {
      return absent; // a HotSpot that was built without what the option is about
    }
  }

  /** Why vectors would not be instructions, with the fix; empty where they are. */
  Optional<String> refusal() {
    if (!hotSpot) {
      return Optional.of(
          "Vector API kernels need HotSpot's compiler C2 and the module jdk.management to see that"
              + " it is there, and this is %s: run a JDK of OpenJDK.".formatted(name));
    }
    if (jvmci) {
      return Optional.of(
          "Vector API kernels are slow with JVMCI, and this JVM has it: start Java with"
              + " -XX:+UnlockExperimentalVMOptions -XX:-EnableJVMCI.");
    }
    if (lastTier < C2_TIER
        || information.contains("emulated-client")
        || information.contains("interpreted")) {
      return Optional.of(
          "Vector API kernels need the compiler C2, and this JVM runs without it (%s, up to tier"
                  .formatted(information)
              + " %d): start Java without -XX:TieredStopAtLevel, -Xint and the like."
                  .formatted(lastTier));
    }
    return Optional.empty();
  }
}
