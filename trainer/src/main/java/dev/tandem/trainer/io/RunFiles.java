package dev.tandem.trainer.io;

import java.nio.file.Files;
import java.nio.file.Path;

/** The names of the files in a run folder. */
public final class RunFiles {
  /**
   * The complete configuration, written before anything else; its presence makes a folder a run.
   */
  public static final String CONFIG = "config.yaml";

  /** One JSON object a round. */
  public static final String METRICS = "metrics.jsonl";

  /** One JSON object an optimiser step. */
  public static final String STEPS = "steps.jsonl";

  /** One JSON object a round and task that was learnt from. */
  public static final String GROUPS = "groups.jsonl";

  /** Folder with what TensorBoard reads; made from the three files above. */
  public static final String TENSORBOARD = "tensorboard";

  /** Every decision of the harness evolution, hash-chained, one JSON object a line. */
  public static final String LEDGER = "ledger.jsonl";

  /** The signature of the ledger's head, if the run has a key. */
  public static final String SIGNATURE = "ledger.sig";

  /** Folder with what people said about edits. */
  public static final String WORDS = "approvals";

  /** Folder with what the meta-agent's language model said. */
  public static final String REPLIES = "meta-agent";

  /** The result, written when the run ends. */
  public static final String SUMMARY = "summary.json";

  /** The harness that came out, written when the run ends. */
  public static final String HARNESS = "harness.yaml";

  /** The page a person opens. */
  public static final String REPORT = "report.html";

  /** What the run knew, in each checkpoint. */
  public static final String STATE = "run-state.json";

  /** The optimiser's moments, in each checkpoint. */
  public static final String OPTIMISER = "optimiser.safetensors";

  /** Log-probabilities of the buffered trajectories, in each checkpoint of a run that corrects. */
  public static final String BEHAVIOUR = "behaviour.safetensors";

  /** Folder of a checkpoint that holds its adapter by itself, in PEFT's layout. */
  public static final String ADAPTER = "adapter";

  /** Folder of a checkpoint with copies of the run's growing files, as they were at that time. */
  public static final String COPIES = "run";

  /** Folder with a checkpoint a round. */
  public static final String CHECKPOINTS = "checkpoints";

  /** Held by the process that writes to the folder. */
  public static final String LOCK = ".lock";

  private RunFiles() {}

  /** Whether the folder holds a run, finished or not. */
  public static boolean isRun(Path folder) {
    return Files.exists(folder.resolve(CONFIG))
        || Files.exists(folder.resolve(METRICS))
        || Files.exists(folder.resolve(SUMMARY));
  }
}
