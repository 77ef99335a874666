package dev.tandem.aegis.gate;

/** The gate's checks, in their order. */
public enum Check {
  /** The manifest is complete and says exactly what the edit changes. */
  MANIFEST,
  /** The harness survives its canonical form and differs from the incumbent. */
  CANONICAL_FORM,
  /** It crosses no red line. */
  RED_LINES,
  /** The harness compiles, and its signature appeared in the training episodes. */
  BUILD_AND_SMOKE,
  /** Its first gate episodes end regularly, show its signature and game no verifier. */
  REHEARSAL,
  /** It gains overall and loses nowhere. */
  SEESAW
}
