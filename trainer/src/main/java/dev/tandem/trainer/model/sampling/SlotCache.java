package dev.tandem.trainer.model.sampling;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Keys and values of a lane's sequences: slots of equal capacity, and the tokens that each slot
 * holds. A sequence that has ended stays until its slot is needed, so that a later prompt may begin
 * with it.
 *
 * <p>Capacity doubles as long as that is within the bound, so that what is held is copied a few
 * times and not every few positions, and grows layer by layer, so that only one is there twice.
 */
final class SlotCache implements AutoCloseable {

  private static final int[] NOTHING = {};
  private static final int POSITION_STEP = 64;

  private final SamplingProgram program;
  private final int mostSlots;
  private final long mostPositions;
  private final List<int[]> held = new ArrayList<>();
  private PtNDArray[] tensors = {};
  private int positions;

  SlotCache(SamplingProgram program, int mostSlots, long bytes) {
    this.program = program;
    this.mostSlots = mostSlots;
    mostPositions = bytes / program.bytesPerPosition();
  }

  PtNDArray[] tensors() {
    return tensors;
  }

  int slots() {
    return held.size();
  }

  /** Positions of a slot. */
  int positions() {
    return positions;
  }

  /** The tokens that each slot holds. */
  List<int[]> held() {
    return Collections.unmodifiableList(held);
  }

  void hold(int slot, int[] tokens) {
    held.set(slot, tokens);
  }

  /** How many sequences of so many tokens fit at once, at least one. */
  int room(int tokens) {
    return Math.clamp(mostPositions / capacity(tokens), 1, mostSlots);
  }

  private int capacity(int tokens) {
    return Math.max(positions, roundedUp(tokens));
  }

  /** Twice what there is, where it fits; never less than what is needed. */
  private int ahead(int needed, int slots) {
    long most = Math.min(mostPositions / slots, roundedUp(program.mostPositions()));
    return needed == positions ? needed : (int) Math.max(needed, Math.min(2L * positions, most));
  }

  private static int roundedUp(int positions) {
    return Math.ceilDiv(positions, POSITION_STEP) * POSITION_STEP;
  }

  /** Makes slots that hold so many tokens; the first {@code kept} keep what they hold. */
  void reserve(int tokens, int kept) {
    int capacity = capacity(tokens);
    int slots = room(tokens);
    if (capacity <= positions && slots == held.size()) {
      return;
    }
    if (tensors.length == 0) {
      tensors = program.caches(slots, capacity);
    } else {
      capacity = ahead(capacity, slots);
      for (int i = 0; i < tensors.length; i++) {
        PtNDArray before = tensors[i];
        tensors[i] = program.resized(before, slots, capacity);
        before.close();
      }
    }
    positions = capacity;
    while (held.size() < slots) {
      held.add(NOTHING);
    }
    if (kept > slots) {
      throw new IllegalStateException("%d sequences do not fit %d slots".formatted(kept, slots));
    }
    held.subList(slots, held.size()).clear();
  }

  /** Notes that a call has moved slots: slot i now holds what slot {@code order[i]} held. */
  void reorder(long[] order) {
    List<int[]> before = List.copyOf(held.subList(0, order.length));
    for (int slot = 0; slot < order.length; slot++) {
      held.set(slot, before.get((int) order[slot]));
    }
  }

  @Override
  public void close() {
    Arrays.stream(tensors).forEach(PtNDArray::close);
    tensors = new PtNDArray[0];
  }
}
