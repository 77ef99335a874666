package dev.tandem.trainer.model.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source text into the archive that libtorch loads.
 *
 * <p>The archive is a zip without compression. Its pickle builds one instance of the module class
 * whose only attribute is {@code training}; a module without parameters needs nothing else, so the
 * opcodes are written by hand.
 */
final class TorchScriptArchive {

  private static final int PICKLE_PROTOCOL = 0x80;
  private static final int PICKLE_VERSION = 2;

  private TorchScriptArchive() {}

  /**
   * Returns the archive's bytes.
   *
   * @param className the class in {@code source} to instantiate, at most 255 bytes
   * @param source text in the dialect that {@code torch.jit.save} writes
   */
  static byte[] pack(String className, String source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "m/data.pkl", instancePickle(className));
      store(zip, "m/code/__torch__.py", utf8(source));
      store(zip, "m/constants.pkl", emptyTuplePickle());
      store(zip, "m/version", utf8("10\n"));
      store(zip, "m/byteorder", utf8("little"));
    } catch (IOException e) {
      throw new UncheckedIOException("an archive in memory cannot fail to be written", e);
    }
    return bytes.toByteArray();
  }

  /** {@code object.__new__(__torch__.<className>)} with the state {@code {"training": False}}. */
  private static byte[] instancePickle(String className) {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(PICKLE_PROTOCOL);
    pickle.write(PICKLE_VERSION);
    pickle.writeBytes(utf8("c__torch__\n" + className + "\n")); // GLOBAL
    pickle.writeBytes(
        new byte[] {')', (byte) 0x81, '}', '('}); // EMPTY_TUPLE NEWOBJ EMPTY_DICT MARK
    byte[] attribute = utf8("training");
    pickle.writeBytes(new byte[] {'X', (byte) attribute.length, 0, 0, 0}); // BINUNICODE
    pickle.writeBytes(attribute);
    pickle.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'}); // NEWFALSE SETITEMS BUILD STOP
    return pickle.toByteArray();
  }

  private static byte[] emptyTuplePickle() {
    return new byte[] {(byte) PICKLE_PROTOCOL, PICKLE_VERSION, ')', '.'};
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
