package dev.tandem.trainer.model.torch;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.kernels.operation.ArrayElement;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.EnumMap;
import java.util.Map;

/**
 * Where a tensor's elements lie, on the processor or on a device, as libtorch itself answers: DJL's
 * handle of a tensor is an {@code at::Tensor*}, and {@code at::TensorBase::mutable_data_ptr<T>()
 * const} is exported for every element type, with the pointer to the tensor as its only argument.
 *
 * <p>The function throws a C++ exception, which would end the JVM, when the element type is not T:
 * the caller has asked DJL for it before. Tried on CPU tensors; on a device it is the same
 * function.
 */
final class TensorAddress {
  private static final Map<ArrayElement, MethodHandle> FUNCTIONS =
      new EnumMap<>(ArrayElement.class);

  private TensorAddress() {}

  /**
   * The address of the first element, 0 for a tensor of none.
   *
   * @param type the tensor's element type
   * @throws UnsupportedOperationException if this libtorch does not export the function
   */
  static synchronized long of(PtNDArray tensor, ArrayElement type) {
    MethodHandle function = FUNCTIONS.computeIfAbsent(type, TensorAddress::bind);
    try {
      return (long) function.invokeExact((long) tensor.getHandle());
    } catch (Throwable thrown) {
      throw new IllegalStateException("a call into libtorch failed", thrown);
    }
  }

  @SuppressWarnings("restricted") // the signature is that of libtorch's header
  private static MethodHandle bind(ArrayElement type) {
    // The mangled name around the mangled element type.
    String symbol = "_ZNK2at10TensorBase16mutable_data_ptrI%sEEPT_v".formatted(mangled(type));
    return Linker.nativeLinker()
        .downcallHandle(
            SymbolLookup.loaderLookup()
                .find(symbol)
                .orElseThrow(
                    () ->
                        new UnsupportedOperationException(
                            "this libtorch does not export "
                                + symbol
                                + ": leave the work to the decoder's own program")),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
  }

  /** The element type as C++ compilers for Linux write it. */
  private static String mangled(ArrayElement type) {
    return switch (type) {
      case F32 -> "f";
      case F64 -> "d";
      case BF16 -> "N3c108BFloat16E";
      case I32 -> "i";
      case I64 -> "l";
      case BOOL -> "b";
    };
  }
}
