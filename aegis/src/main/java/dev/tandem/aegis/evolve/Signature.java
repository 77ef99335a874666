package dev.tandem.aegis.evolve;

import java.util.Set;

/**
 * What must be seen in traces if a change did what it claims: that a processor it brings acted,
 * which is that it ran, and that an event the model or the world was still to see went on otherwise
 * than it came. That it failed is none: then the event went on as it was. That something did not
 * happen is no signature: it would be found in any trace.
 */
public record Signature(String processor) {
  /**
   * Whether episodes bear the signature; none at all bear none.
   *
   * @param acted processors that changed something in any of them
   */
  public boolean shownBy(Set<String> acted) {
    return acted.contains(processor);
  }
}
