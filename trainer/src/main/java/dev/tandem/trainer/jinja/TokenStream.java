package dev.tandem.trainer.jinja;

import java.util.List;

/** Tokens with a place to read from. */
final class TokenStream {
  private final List<Token> tokens;
  private int at;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  /** The token before the current one. */
  Token previous() {
    return tokens.get(Math.max(at - 1, 0));
  }

  /** The token after the current one. */
  Token following() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    if (token.kind() != Token.Kind.END) {
      at++;
    }
    return token;
  }

  boolean acceptOperator(String symbol) {
    boolean found = current().isOperator(symbol);
    if (found) {
      next();
    }
    return found;
  }

  boolean acceptName(String name) {
    boolean found = current().isName(name);
    if (found) {
      next();
    }
    return found;
  }

  void expectOperator(String symbol) {
    if (!acceptOperator(symbol)) {
      throw unexpected("'" + symbol + "'");
    }
  }

  String expectName() {
    if (current().kind() != Token.Kind.NAME) {
      throw unexpected("a name");
    }
    return next().text();
  }

  void expect(Token.Kind kind, String shown) {
    if (current().kind() != kind) {
      throw unexpected(shown);
    }
    next();
  }

  JinjaException unexpected(String wanted) {
    return new JinjaException(
        current().line(), "expected %s, found %s".formatted(wanted, current().shown()));
  }
}
