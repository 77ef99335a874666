/** Models behind an HTTP endpoint: OpenAI-compatible ones and Anthropic's. */
@NullMarked
package dev.tandem.rollout.server;

import org.jspecify.annotations.NullMarked;
