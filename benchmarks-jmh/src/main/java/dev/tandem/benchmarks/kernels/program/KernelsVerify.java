package dev.tandem.benchmarks.kernels.program;

import dev.tandem.benchmarks.kernels.verify.Finding;
import dev.tandem.benchmarks.kernels.verify.Verification;
import dev.tandem.kernels.operation.KernelProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Verifies every operation against the scalar oracle in float64; prints a table. */
public final class KernelsVerify {
  private static final int FAILURES_SHOWN = 20;

  private KernelsVerify() {}

  /** Runs the program. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return Program.run(
        "kernels-verify",
        "[--sizes N,N,..]",
        "  --sizes      only these sizes, such as 1,207\n",
        arguments,
        KernelsVerify::verify);
  }

  private static boolean verify(Arguments arguments, KernelProvider provider) throws IOException {
    Verification.Extent extent =
        arguments.quick() ? Verification.Extent.QUICK : Verification.Extent.FULL;
    List<Finding> failures = new ArrayList<>();
    List<Finding> findings =
        new Verification(provider)
            .run(
                extent,
                arguments.sizes(),
                finding -> {
                  if (!finding.passed()) {
                    failures.add(finding);
                  }
                });
    System.out.print(table(findings));
    failures.stream().limit(FAILURES_SHOWN).forEach(System.out::println);
    System.out.printf(
        "%d of %d checks passed%n", findings.size() - failures.size(), findings.size());
    if (arguments.json().isPresent()) {
      Program.write(arguments.json().get(), json(provider, findings, failures.size()));
    }
    return failures.isEmpty() && !findings.isEmpty();
  }

  /** A line per operation and place. */
  private static String table(List<Finding> findings) {
    Map<String, List<Finding>> byLine = new LinkedHashMap<>();
    for (Finding finding : findings) {
      byLine
          .computeIfAbsent(
              "%-28s %-18s".formatted(finding.operation(), finding.setting()),
              absent -> new ArrayList<>())
          .add(finding);
    }
    StringBuilder table =
        new StringBuilder(
            "%-28s %-18s %8s %8s   %s%n"
                .formatted("operation", "arrays", "checks", "failed", "worst, share of tolerance"));
    byLine.forEach(
        (line, group) ->
            table.append(
                "%s %8d %8d   %.3g%n"
                    .formatted(
                        line,
                        group.size(),
                        group.stream().filter(finding -> !finding.passed()).count(),
                        group.stream().mapToDouble(Finding::worstShare).max().orElse(0))));
    return table.toString();
  }

  private static String json(KernelProvider provider, List<Finding> findings, int failed) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("provider", provider.name());
    report.put("checks", findings.size());
    report.put("failed", failed);
    report.put(
        "findings",
        findings.stream()
            .map(
                finding -> {
                  Map<String, Object> one = new LinkedHashMap<>();
                  one.put("operation", finding.operation());
                  one.put("detail", finding.detail());
                  one.put("arrays", finding.setting());
                  one.put("passed", finding.passed());
                  one.put("worst_share", finding.worstShare());
                  one.put("problem", finding.problem());
                  return one;
                })
            .toList());
    return Json.of(report) + "\n";
  }
}
