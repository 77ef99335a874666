/** Ways to spend a budget of episodes, compared over seeds on tasks that nothing selects on. */
@NullMarked
package dev.tandem.trainer.compare;

import org.jspecify.annotations.NullMarked;
