package dev.tandem.aegis.critique;

/**
 * What the critic makes of a challenger's training episodes.
 *
 * @param endorsed whether it goes on to the gate
 * @param reason why, in one sentence
 * @param fired episodes in which the edited processor acted
 * @param episodes the challenger's episodes
 * @param wins tasks that it solved more often than the incumbent did in the same round
 * @param losses tasks that it solved less often
 * @param hits predictions of its manifest that came true
 * @param predictions predictions that could be checked
 */
public record Assessment(
    boolean endorsed,
    String reason,
    long fired,
    int episodes,
    int wins,
    int losses,
    int hits,
    int predictions) {}
