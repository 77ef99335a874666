package dev.tandem.trainer.model.sampling;

import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The prefix trees of many requests' choices in one table, so that a sampling step looks up what
 * may come next.
 *
 * <p>A node is a prefix; its edges are the tokens that continue some choice, in the order in which
 * choices name them.
 */
public final class ChoiceTrie {

  /** The node of a response without choices: no edges, and every token leads back to it. */
  static final int FREE = 0;

  private static final int LEAF = -1;

  private final List<int[]> edges = new ArrayList<>();
  private final List<int[]> targets = new ArrayList<>();

  public ChoiceTrie() {
    newNode();
  }

  /** Adds one request's choices; returns the node of the empty prefix. */
  public int add(List<int[]> choices) {
    int root = newNode();
    for (int[] choice : choices) {
      int node = root;
      for (int i = 0; i < choice.length; i++) {
        boolean last = i == choice.length - 1;
        int at = indexOf(edges.get(node), choice[i]);
        if (at < 0) {
          int target = last ? LEAF : newNode();
          edges.set(node, append(edges.get(node), choice[i]));
          targets.set(node, append(targets.get(node), target));
          node = target;
        } else {
          int target = targets.get(node)[at];
          if (last != (target == LEAF)) {
            throw new DecoderInputException(
                "choice %s is a prefix of another; end every choice with a stop token"
                    .formatted(Arrays.toString(Arrays.copyOf(choice, i + 1))));
          }
          node = target;
        }
      }
    }
    return root;
  }

  /** The allowed ids at every step of a response that started at {@code root}. */
  public int[][] allowedAlong(int root, int[] response) {
    int[][] allowed = new int[response.length][];
    int node = root;
    for (int i = 0; i < response.length; i++) {
      allowed[i] = edges.get(node);
      node = targets.get(node)[indexOf(edges.get(node), response[i])];
    }
    return allowed;
  }

  /** The node that a response from {@code root} on has reached, without having ended. */
  int after(int root, int[] response) {
    int node = root;
    for (int token : response) {
      node = targets.get(node)[indexOf(edges.get(node), token)];
    }
    return node;
  }

  int nodes() {
    return edges.size();
  }

  /** Most edges of a node. */
  int width() {
    return edges.stream().mapToInt(row -> row.length).max().orElse(0);
  }

  /** Edge tokens, [nodes, width] padded with -1. */
  long[] edgeTable() {
    return table(edges);
  }

  /** Where edges lead, [nodes, width] padded with -1; -1 ends the response. */
  long[] targetTable() {
    long[] table = table(targets);
    Arrays.fill(table, 0, width(), FREE);
    return table;
  }

  private long[] table(List<int[]> rows) {
    int width = width();
    long[] table = new long[rows.size() * width];
    Arrays.fill(table, -1);
    for (int row = 0; row < rows.size(); row++) {
      int[] values = rows.get(row);
      for (int i = 0; i < values.length; i++) {
        table[row * width + i] = values[i];
      }
    }
    return table;
  }

  private int newNode() {
    edges.add(new int[0]);
    targets.add(new int[0]);
    return edges.size() - 1;
  }

  private static int indexOf(int[] values, int value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == value) {
        return i;
      }
    }
    return -1;
  }

  private static int[] append(int[] values, int value) {
    int[] longer = Arrays.copyOf(values, values.length + 1);
    longer[values.length] = value;
    return longer;
  }
}
