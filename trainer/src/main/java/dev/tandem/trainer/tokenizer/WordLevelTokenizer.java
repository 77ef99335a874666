package dev.tandem.trainer.tokenizer;

import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.JsonFiles;
import dev.tandem.trainer.model.shape.DecoderInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A word-level tokenizer in pure Java, equal to Hugging Face's for the files that {@link
 * TextTokenizer#load} gives it.
 *
 * <p>Thousands of short prompts a second are its purpose: a native call for each would cost more
 * than the work.
 */
public final class WordLevelTokenizer implements TextTokenizer {

  /** The padding token of files that {@link #json} makes; id 0. */
  public static final String PAD = "<|pad|>";

  /** The token of unknown words in files that {@link #json} makes; id 1. */
  public static final String UNKNOWN = "<|unk|>";

  private final Map<String, Integer> ids;
  private final @Nullable String[] texts;
  private final Map<String, Integer> special;
  private final int unknown;

  /** Added tokens by their first character, longest first. */
  private final Map<Character, List<String>> added = new HashMap<>();

  WordLevelTokenizer(TokenizerFile file) {
    ids = new HashMap<>(file.vocabulary());
    ids.putAll(file.added());
    special = Map.copyOf(file.special());
    Integer unknownId = ids.get(file.unknownToken());
    if (unknownId == null) {
      throw new CheckpointException(
          file.path(),
          "unk_token \"%s\" is not in the vocabulary; add it".formatted(file.unknownToken()));
    }
    unknown = unknownId;
    texts = new String[file.vocabularySize()];
    ids.forEach((text, id) -> texts[id] = text);
    for (String token : file.added().keySet()) {
      if (!token.isEmpty()) {
        added.merge(
            token.charAt(0),
            List.of(token),
            (some, more) ->
                Stream.concat(some.stream(), more.stream())
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList());
      }
    }
  }

  /**
   * Returns tokenizer.json's bytes for a tokenizer that knows {@code words}, split at white space.
   *
   * @param specials special tokens; they get ids 2 and up, after {@link #PAD} and {@link #UNKNOWN}
   * @param words ordinary words, in the order of their ids
   */
  public static byte[] json(List<String> specials, List<String> words) {
    return JsonFiles.bytes(TokenizerFile.wordLevel(specials, words));
  }

  /** The tokenizer that {@link #json} describes. */
  public static WordLevelTokenizer of(List<String> specials, List<String> words) {
    return new WordLevelTokenizer(TokenizerFile.ofWords(specials, words));
  }

  /** What a text has between white space. */
  public static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= text.length(); at++) {
      if (at == text.length() || isSpace(text.charAt(at))) {
        if (at > start) {
          words.add(text.substring(start, at));
        }
        start = at + 1;
      }
    }
    return words;
  }

  @Override
  public int[] encode(String text) {
    return place(text).ids();
  }

  @Override
  public PlacedTokens place(String text) {
    Places places = new Places(text);
    int wordStart = -1;
    int at = 0;
    while (at < text.length()) {
      String token = addedTokenAt(text, at);
      if (token != null || isSpace(text.charAt(at))) {
        if (wordStart >= 0) {
          places.add(wordStart, at);
          wordStart = -1;
        }
        if (token == null) {
          at++;
        } else {
          places.add(at, at + token.length());
          at += token.length();
        }
      } else {
        if (wordStart < 0) {
          wordStart = at;
        }
        at++;
      }
    }
    if (wordStart >= 0) {
      places.add(wordStart, at);
    }
    return places.tokens();
  }

  /** Words and added tokens that were found, in their order. */
  private final class Places {
    private final String text;
    private final int[] found;
    private final int[] starts;
    private final int[] ends;
    private int count;

    Places(String text) {
      this.text = text;
      found = new int[text.length()];
      starts = new int[text.length()];
      ends = new int[text.length()];
    }

    void add(int start, int end) {
      found[count] = ids.getOrDefault(text.substring(start, end), unknown);
      starts[count] = start;
      ends[count++] = end;
    }

    PlacedTokens tokens() {
      return new PlacedTokens(
          Arrays.copyOf(found, count), Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }
  }

  private @Nullable String addedTokenAt(String text, int at) {
    for (String token : added.getOrDefault(text.charAt(at), List.of())) {
      if (text.startsWith(token, at)) {
        return token;
      }
    }
    return null;
  }

  /**
   * Unicode's White_Space property, which is what the tokenizers library splits at; all are single
   * chars.
   */
  static boolean isSpace(int character) {
    return (character >= 0x9 && character <= 0xD)
        || character == 0x20
        || character == 0x85
        || character == 0xA0
        || character == 0x1680
        || (character >= 0x2000 && character <= 0x200A)
        || character == 0x2028
        || character == 0x2029
        || character == 0x202F
        || character == 0x205F
        || character == 0x3000;
  }

  @Override
  public String decode(int[] tokens) {
    StringBuilder text = new StringBuilder();
    for (int id : tokens) {
      if (id < 0 || id >= texts.length || texts[id] == null) {
        throw new DecoderInputException(
            "token id %d is outside the tokenizer's vocabulary of %d".formatted(id, texts.length));
      }
      if (!text.isEmpty()) {
        text.append(' ');
      }
      text.append(texts[id]);
    }
    return text.toString();
  }

  @Override
  public int vocabularySize() {
    return texts.length;
  }

  @Override
  public Map<String, Integer> specialTokens() {
    return special;
  }

  @Override
  public void close() {}
}
