/** The page that shows a run: one offline HTML file made from the files of the run folder. */
@NullMarked
package dev.tandem.trainer.report;

import org.jspecify.annotations.NullMarked;
