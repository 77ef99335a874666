package dev.tandem.aegis.ledger;

import dev.tandem.harness.durable.DurableFiles;
import dev.tandem.harness.value.ContentHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An Ed25519 key pair for the heads of ledgers. Its signatures are deterministic (RFC 8032), so
 * that a run which was killed and gone on with signs the same bytes. In its file are both halves as
 * PEM, private (PKCS 8) and public (X.509); who checks needs the public one alone.
 */
public final class SigningKey {
  private static final String ALGORITHM = "Ed25519";
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final int LINE = 64;

  /** Who else may do what with a private key's file: nothing. */
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private SigningKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** A new pair from the system's source of randomness. */
  public static SigningKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      return new SigningKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + ALGORITHM, e);
    }
  }

  /**
   * Reads a pair.
   *
   * @throws LedgerException when the file has none, or others may read it
   */
  public static SigningKey read(Path file) {
    requireSecret(file);
    String text = text(file);
    try {
      KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
      SigningKey key =
          new SigningKey(
              keys.generatePrivate(new PKCS8EncodedKeySpec(block(text, PRIVATE, file))),
              keys.generatePublic(new X509EncodedKeySpec(block(text, PUBLIC, file))));
      byte[] probe = {1};
      if (!verifies(key.publicKey, probe, key.sign(probe))) {
        throw new LedgerException(
            "%s holds halves of two different keys: make a pair with tandem ledger keygen"
                .formatted(file));
      }
      return key;
    } catch (GeneralSecurityException e) {
      throw noKey(file, PRIVATE);
    }
  }

  /**
   * Reads the public half, from its own file or from the pair's.
   *
   * @throws LedgerException when the file has none
   */
  public static PublicKey readPublic(Path file) {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePublic(new X509EncodedKeySpec(block(text(file), PUBLIC, file)));
    } catch (GeneralSecurityException e) {
      throw noKey(file, PUBLIC);
    }
  }

  private static void requireSecret(Path file) {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    try {
      if (view != null && Files.exists(file)) {
        Set<PosixFilePermission> shared = EnumSet.copyOf(OTHERS);
        shared.retainAll(view.readAttributes().permissions());
        if (!shared.isEmpty()) {
          throw new LedgerException(
              "%s may be used by others than its owner (%s): run chmod 600 on it"
                  .formatted(
                      file, PosixFilePermissions.toString(view.readAttributes().permissions())));
        }
      }
    } catch (IOException e) {
      throw new LedgerException("%s cannot be read (%s)".formatted(file, e.getMessage()));
    }
  }

  private static String text(Path file) {
    if (Files.notExists(file)) {
      throw new LedgerException(
          file + " does not exist: name a key's file, or make one with tandem ledger keygen");
    }
    try {
      return Files.readString(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw noKey(file, PUBLIC);
    }
  }

  private static byte[] block(String text, String name, Path file) {
    Matcher block =
        Pattern.compile(
                "-----BEGIN %s-----([A-Za-z0-9+/=\\s]*)-----END %s-----".formatted(name, name))
            .matcher(text);
    try {
      if (block.find()) {
        return Base64.getMimeDecoder().decode(block.group(1));
      }
    } catch (IllegalArgumentException e) {
      throw noKey(file, name);
    }
    throw noKey(file, name);
  }

  private static LedgerException noKey(Path file, String name) {
    return new LedgerException(
        "%s has no Ed25519 %s as tandem ledger keygen writes it"
            .formatted(file, name.toLowerCase(Locale.ROOT)));
  }

  /**
   * Writes the pair into a file that only its owner may read, and the public half into another.
   *
   * @throws FileAlreadyExistsException when one of them is there: a key is never overwritten
   */
  public void write(Path pair, Path publicHalf) throws IOException {
    for (Path file : new Path[] {pair, publicHalf}) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
    }
    create(pair, pem(PRIVATE, privateKey.getEncoded()) + publicPem(), "rw-------");
    create(publicHalf, publicPem(), "rw-r--r--");
  }

  private static void create(Path file, String text, String permissions) throws IOException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
            }
            : new FileAttribute<?>[0];
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      DurableFiles.writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
    DurableFiles.forceFolderOf(file);
  }

  private String publicPem() {
    return pem(PUBLIC, publicKey.getEncoded());
  }

  private static String pem(String name, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            name, Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes), name);
  }

  /** What a public key is called: SHA-256 of its encoding. */
  public String fingerprint() {
    return fingerprint(publicKey);
  }

  /** What a public key is called: SHA-256 of its encoding. */
  public static String fingerprint(PublicKey key) {
    return ContentHash.sha256(key.getEncoded());
  }

  byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(privateKey);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the ledger's head could not be signed", e);
    }
  }

  static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(message);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // not even the form of a signature
    }
  }
}
