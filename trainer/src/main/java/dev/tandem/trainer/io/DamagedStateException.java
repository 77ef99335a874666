package dev.tandem.trainer.io;

import java.io.Serial;
import java.nio.file.Path;

/** State on disk that is not what was written; one sentence with the file and the remedy. */
public final class DamagedStateException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Damage damage;

  public DamagedStateException(Damage damage, String remedy) {
    super("%s: %s".formatted(damage.sentence(), remedy));
    this.damage = damage;
  }

  /** The same with another way out. */
  public DamagedStateException withChoice(String choice) {
    String message = String.valueOf(getMessage());
    String remedy = message.substring(damage.sentence().length() + 2);
    return new DamagedStateException(damage, remedy + ", " + choice);
  }

  public Damage damage() {
    return damage;
  }

  public Path file() {
    return damage.file();
  }
}
