package dev.tandem.trainer.doctor;

import dev.tandem.trainer.model.plan.Footprint;
import dev.tandem.trainer.model.plan.MemoryPlan;
import dev.tandem.trainer.model.plan.Microbatch;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.model.torch.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a model takes of a GPU's memory in each mode, and what then fits on cards of 80 and of 141
 * GB.
 *
 * @param spec the model's shape
 * @param lora the adapter of the modes that train one
 * @param microbatchTokens as a recipe's {@code optimiser.microbatch_tokens}
 * @param sequence tokens of a record and of a sampled sequence
 */
public record MemoryTable(ModelSpec spec, LoraSettings lora, int microbatchTokens, int sequence) {

  /** Cards by name, in bytes. A gigabyte of each is the driver's and the libraries'. */
  private static final Map<String, Long> CARDS = cards();

  private static Map<String, Long> cards() {
    Map<String, Long> cards = new LinkedHashMap<>();
    cards.put("80 GB", 79_000_000_000L);
    cards.put("141 GB", 140_000_000_000L);
    return cards;
  }

  /** Sequences of an evaluation at once. */
  private static final int EVALUATED = 64;

  /**
   * A mode's memory.
   *
   * @param resident what stays while sequences are sampled
   * @param plan all of it at the peak
   * @param cachePerSequence bytes of keys and values of a sequence
   * @param perSequence the same with its share of a step's logits
   */
  public record Row(
      String mode,
      Precision precision,
      long resident,
      MemoryPlan plan,
      long cachePerSequence,
      long perSequence) {

    /** Whether the mode fits on a card. */
    public boolean fits(String card) {
      return plan.bytes() <= room(card);
    }

    /** Sequences that fit beside what stays; none where the mode does not fit. */
    public long sequences(String card) {
      return fits(card) ? (room(card) - resident) / perSequence : 0;
    }

    private static long room(String card) {
      return CARDS.getOrDefault(card, 0L);
    }
  }

  /** The modes. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT32)) {
      Footprint answering = Footprint.frozen(spec, execution(precision, false));
      rows.add(row("inference", answering, answering.sampling(1, sequence)));
      rows.add(row("eval, 64 at once", answering, answering.sampling(EVALUATED, sequence)));
      for (boolean recompute : new boolean[] {false, true}) {
        Execution execution = execution(precision, recompute);
        String how = recompute ? ", layers recomputed" : "";
        Microbatch batch = Microbatch.of(microbatchTokens, Math.min(sequence, microbatchTokens));
        Footprint adapter = new Footprint(spec, execution, Optional.of(lora));
        Footprint full = Footprint.frozen(spec, execution);
        rows.add(row("LoRA step" + how, adapter, adapter.step(batch, true)));
        rows.add(row("full step" + how, full, full.step(batch, false)));
        rows.add(row("full step with reference" + how, full, full.step(batch, true)));
      }
    }
    return rows;
  }

  private Row row(String mode, Footprint footprint, MemoryPlan plan) {
    long resident =
        plan.bytes("weights")
            + plan.bytes("adapter")
            + plan.bytes("masters")
            + plan.bytes("moments")
            + plan.bytes("reference")
            + footprint.sampling(1, sequence).bytes("head");
    return new Row(
        mode,
        footprint.execution().precision(),
        resident,
        plan,
        footprint.cache(1, sequence),
        footprint.cache(1, sequence) + footprint.logits(1));
  }

  /** On a GPU as the command line has it. */
  private static Execution execution(Precision precision, boolean recompute) {
    Execution gpu = Execution.gpu(0).withPrecision(precision);
    return gpu.withTrainingMemory(gpu.trainingMemory().withRecomputation(recompute));
  }

  /** The table as text, in GB of a billion bytes. */
  public String text() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d parameters; adapters of rank %d, microbatches of %,d tokens in records of %,d;"
                    + " GB are billions of bytes%n",
                spec.parameters(),
                lora.rank(),
                microbatchTokens,
                sequence));
    text.append(
        "under a card: how many sequences of %,d tokens can be sampled there at once%n%n%-54s  %11s  %10s  %10s  %s"
            .formatted(sequence, "", "peak", "80 GB", "141 GB", "of it"));
    rows()
        .forEach(
            row ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "%n%-54s  %8.2f GB  %10s  %10s  %s",
                        row.precision().name().toLowerCase(Locale.ROOT) + " " + row.mode(),
                        row.plan().bytes() / 1e9,
                        fit(row, "80 GB"),
                        fit(row, "141 GB"),
                        row.plan().text(2))));
    return text.toString();
  }

  private static String fit(Row row, String card) {
    return row.fits(card) ? String.format(Locale.ROOT, "%,d", row.sequences(card)) : "too large";
  }

  /** The same for scripts. */
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("parameters", spec.parameters());
    facts.put("lora_rank", lora.rank());
    facts.put("microbatch_tokens", microbatchTokens);
    facts.put("sequence_tokens", sequence);
    facts.put("modes", rows().stream().map(MemoryTable::facts).toList());
    return facts;
  }

  private static Map<String, Object> facts(Row row) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("mode", row.mode());
    facts.put("precision", row.precision().name().toLowerCase(Locale.ROOT));
    facts.put("bytes", row.plan().bytes());
    Map<String, Object> parts = new LinkedHashMap<>();
    row.plan().parts().forEach(part -> parts.put(part.name(), part.bytes()));
    facts.put("parts", parts);
    facts.put("cache_bytes_per_sequence", row.cachePerSequence());
    Map<String, Object> cards = new LinkedHashMap<>();
    CARDS.keySet().forEach(card -> cards.put(card, card(row, card)));
    facts.put("cards", cards);
    return facts;
  }

  private static Map<String, Object> card(Row row, String card) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("fits", row.fits(card));
    facts.put("sequences", row.sequences(card));
    return facts;
  }
}
