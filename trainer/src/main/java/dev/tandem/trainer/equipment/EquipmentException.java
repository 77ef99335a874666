package dev.tandem.trainer.equipment;

/** What a recipe names cannot be used. The message is one sentence that says what to do. */
public final class EquipmentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EquipmentException(String message) {
    super(message);
  }

  EquipmentException(String message, Throwable cause) {
    super(message, cause);
  }
}
