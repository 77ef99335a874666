/** Holds the single class that reaches DJL's package-private native entry point. */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
