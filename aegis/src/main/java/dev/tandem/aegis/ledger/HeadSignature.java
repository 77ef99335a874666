package dev.tandem.aegis.ledger;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;

/**
 * A signature of a ledger's head, which the chain ties to every entry before. The chain alone does
 * not tell a ledger that was written anew from its beginning, or one whose end was cut off: both
 * have another head, which nobody without the key can sign.
 *
 * @param head hash of the last entry that was signed; 64 zeros if there was none
 * @param entries how many there were
 * @param publicKey fingerprint of the key
 * @param signature in base 64
 */
public record HeadSignature(
    @JsonProperty("head") String head,
    @JsonProperty("entries") int entries,
    @JsonProperty("public_key") String publicKey,
    @JsonProperty("signature") String signature) {
  private static final JsonMapper JSON = new JsonMapper();

  public HeadSignature {
    for (String part : new String[] {head, publicKey, signature}) {
      Objects.requireNonNull(part, "a signature has a head, a public_key and a signature");
    }
  }

  /** Signs a ledger as it is now. */
  public static HeadSignature of(String head, int entries, SigningKey key) {
    byte[] signature = key.sign(message(head, entries, key.fingerprint()));
    return new HeadSignature(
        head, entries, key.fingerprint(), Base64.getEncoder().encodeToString(signature));
  }

  /** With a name of its own, so that it is a signature of nothing else. */
  private static byte[] message(String head, int entries, String fingerprint) {
    return "tandem ledger head 1\n%s\n%d\n%s\n"
        .formatted(head, entries, fingerprint)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** One line of JSON. */
  public String line() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a signature could not be written", e);
    }
  }

  /**
   * What a signature says about a ledger.
   *
   * @param unsigned entries that were added after it
   * @param fault why it does not vouch for the ledger, as a sentence; empty when it does
   */
  public record Finding(int unsigned, Optional<String> fault) {
    private static Finding fault(String sentence) {
      return new Finding(0, Optional.of(sentence));
    }
  }

  /**
   * Holds a whole ledger against the signature beside it.
   *
   * @param ledger which passed its own check
   * @param keyFile what the key is called in sentences
   */
  public static Finding check(Path file, Verification ledger, PublicKey key, Path keyFile) {
    HeadSignature said;
    try {
      if (Files.notExists(file)) {
        return Finding.fault(
            "%s is missing: the ledger was never signed (aegis.signing_key in a recipe has it signed), or its signature was removed"
                .formatted(file));
      }
      said = JSON.readValue(Files.readAllBytes(file), HeadSignature.class);
    } catch (IOException e) {
      return Finding.fault("%s is no signature of a ledger: put back the file".formatted(file));
    }
    return said.against(file, ledger, key, keyFile);
  }

  private Finding against(Path file, Verification ledger, PublicKey key, Path keyFile) {
    String fingerprint = SigningKey.fingerprint(key);
    if (!fingerprint.equals(publicKey)) {
      return Finding.fault(
          "%s was made with the key %s and not with that of %s (%s)"
              .formatted(file, publicKey, keyFile, fingerprint));
    }
    if (!SigningKey.verifies(key, message(head, entries, publicKey), decoded())) {
      return Finding.fault(
          "%s does not bear the signature of the key of %s: it was changed, or written by somebody without the key"
              .formatted(file, keyFile));
    }
    int there = ledger.entries().size();
    if (there < entries) {
      return Finding.fault(
          "the ledger has %d entries and %d were signed: its end was cut off"
              .formatted(there, entries));
    }
    String signed = entries == 0 ? LedgerEntry.NO_HASH : ledger.entries().get(entries - 1).hash();
    return signed.equals(head)
        ? new Finding(there - entries, Optional.empty())
        : Finding.fault(
            "the ledger was written anew: entry %d, the last that was signed, is another one now"
                .formatted(entries - 1));
  }

  private byte[] decoded() {
    try {
      return Base64.getDecoder().decode(signature);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}
