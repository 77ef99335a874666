package dev.tandem.aegis.evolve;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tandem.aegis.plan.EditJson;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.edit.HarnessEdit;

/**
 * A level of a factor that processor metadata does not give.
 *
 * @param lever the factor, which may be one that there is, and the new level's name
 * @param edit that takes the harness that the run began with to it
 * @param reason what it is meant to make possible
 */
public record ProposedLever(
    Lever lever,
    @JsonSerialize(using = EditJson.Writer.class) @JsonDeserialize(using = EditJson.Reader.class)
        HarnessEdit edit,
    String reason) {}
