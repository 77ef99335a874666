package dev.tandem.harness.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Code that means harm, or only mischief: it is contained, and the next call is served as ever. */
final class HostileCodeTest {
  private static final CodeLimits LIMITS =
      new CodeLimits(2, Duration.ofSeconds(5), 128, 3072, Duration.ofMinutes(5), 1 << 20);
  private static final int STATEMENTS = 100_000;

  /** Whether what an earlier source of the same worker did can be seen. */
  private static final CodeSource PROBE =
      new CodeSource(
          """
          const found = [];
          if (({}).polluted !== undefined) found.push('Object.prototype');
          if ([].polluted !== undefined || [1, 2].map(x => x).length !== 2) found.push('Array.prototype');
          if (JSON.stringify({a: 1}) !== '{"a":1}') found.push('JSON');
          if (typeof leak !== 'undefined' || globalThis.leak !== undefined) found.push('global');
          if (state.leak !== undefined || event.leak !== undefined) found.push('state');
          return found;
          """,
          STATEMENTS);

  private static final CodeWorkers WORKERS = CodeWorkers.start(LIMITS);

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          for (;;) {}                                             | it ran more than 100000 statements
          let f = () => f(); f();                                 | RangeError: Maximum call stack size exceeded
          while (true) { try { for (;;) {} } catch (e) {} }       | it ran more than 100000 statements
          return 'x'.repeat(2 ** 31)                              | RangeError
          return Java.type('java.lang.System')                    | ReferenceError: Java is not defined
          return Polyglot.eval('js', '1')                         | ReferenceError: Polyglot is not defined
          return load('/etc/passwd')                              | ReferenceError: load is not defined
          return read('/etc/passwd')                              | ReferenceError: read is not defined
          return require('fs')                                    | ReferenceError: require is not defined
          return process.env                                      | ReferenceError: process is not defined
          return fetch('http://localhost')                        | ReferenceError: fetch is not defined
          return new XMLHttpRequest()                             | ReferenceError: XMLHttpRequest is not defined
          return Graal.versionJS                                  | ReferenceError: Graal is not defined
          return new Worker('x')                                  | ReferenceError: Worker is not defined
          Object.prototype.polluted = 1                           | TypeError
          Array.prototype.map = () => []                          | TypeError
          JSON.parse = () => ({})                                 | TypeError
          JSON.stringify = () => 'null'                           | TypeError
          globalThis.leak = 1                                     | TypeError
          leak = 1                                                | ReferenceError
          (0, eval)('var leak = 1')                               | TypeError
          Object.getPrototypeOf(function*(){}).polluted = 1       | TypeError
          Object.setPrototypeOf(Math, {leak: 1})                  | TypeError
          return Math.random()                                    | Error: Math.random is not available
          return new Date()                                       | Error: Date is not available
          return Date.now()                                       | TypeError
          } ); let leak = 0; (function () {                       | SyntaxError
          }, (() => { let n = 0; return () => { n++               | SyntaxError
          return (                                                | SyntaxError
          throw {toString() { throw 1 }}                          | Error
          for (;;) {}; //# sourceURL=lockdown.js                  | it ran more than 100000 statements
          const a = []; a[0] = a; return a                        | TypeError
          """)
  void codeThatFailsSaysWhyAndLeavesNothingBehind(String source, String reason) {
    assertThat(call(source))
        .isInstanceOfSatisfying(
            CodeAnswer.Failed.class, failed -> assertThat(failed.reason()).startsWith(reason));
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const a = []; for (;;) a.push(new Array(10000).fill(7));",
        "const a = []; for (;;) a.push(new ArrayBuffer(1 << 24));",
        "return 'x'.repeat(2 ** 26).split('').join('yy');",
        "return new Array(1e9).fill(1);",
        "return Array.from({length: 1e8}, (_, i) => i).sort();",
        "return (7n ** 50000000n).toString();",
        "return /^(?=(a+))*(a*)*\\2b$/.test('a'.repeat(40));",
        "new Promise(() => {}).then(); const f = () => Promise.resolve().then(f); f();",
        "return JSON.parse('['.repeat(1e6));",
      })
  void codeThatEvadesTheStatementLimitIsStoppedAndThatIsNoAnswer(String source) {
    try {
      assertThat(call(source)).isInstanceOf(CodeAnswer.Failed.class);
    } catch (CodeSandboxException e) {
      assertThat(e).hasMessageStartingWith("a call of code took ");
    }
    assertNothingIsLeft();
  }

  @Test
  void aLostWorkerSaysNothingOfTheCode() {
    assertThatThrownBy(() -> call("return (7n ** 50000000n).toString();"))
        .isInstanceOf(CodeSandboxException.class)
        .hasMessage("a call of code took more than 5000 ms");
    assertThatThrownBy(() -> call("const a = []; for (;;) a.push(new Array(10000).fill(7));"))
        .isInstanceOf(CodeSandboxException.class)
        .hasMessageStartingWith("a call of code took ");
    assertNothingIsLeft();
  }

  @Test
  void aFloodOfOutputIsRefusedByItsLength() {
    assertThat(call("return 'x'.repeat(3000000);"))
        .isInstanceOfSatisfying(
            CodeAnswer.Failed.class,
            failed -> assertThat(failed.reason()).contains("longer than 1048576 bytes"));
    assertThat(call("state.notes = 'x'.repeat(3000000);")).isInstanceOf(CodeAnswer.Failed.class);
    assertNothingIsLeft();
  }

  @Test
  void importsAreRefusedSilentlyAndChangeNothing() {
    CodeAnswer answer = call("import('/etc/passwd').then(m => { state.leak = 1; }); return 1;");
    assertThat(answer).isEqualTo(new CodeAnswer.Returned("1", "{}"));
    assertNothingIsLeft();
  }

  @Test
  void everythingThatCodeCanReachIsFrozen() {
    CodeAnswer answer =
        call(
            """
            const open = [], seen = new Set();
            const visit = (value, path) => {
              if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
              if (seen.has(value)) return;
              seen.add(value);
              if (!Object.isFrozen(value)) open.push(path);
              visit(Object.getPrototypeOf(value), path + '.__proto__');
              for (const key of Reflect.ownKeys(value)) {
                const p = Object.getOwnPropertyDescriptor(value, key);
                visit(p.value, path + '.' + String(key));
                visit(p.get, path + '.get ' + String(key));
                visit(p.set, path + '.set ' + String(key));
              }
            };
            visit(globalThis, 'global');
            for (const made of [function* () {}, async () => {}, async function* () {}, [].keys(), ''.matchAll(/a/g),
                new Map().keys(), new Set().keys(), new Error(), Promise.resolve(), Symbol('x'), 1n]) {
              visit(Object.getPrototypeOf(made), String(typeof made));
            }
            return open;
            """,
            10_000_000);
    assertThat(answer).isEqualTo(new CodeAnswer.Returned("[]", "{}"));
  }

  @Test
  void nothingOfTheHostCanBeRead() {
    CodeAnswer answer =
        call(
            """
            return Object.getOwnPropertyNames(globalThis).filter(
                name => /java|polyglot|graal|load|read|print|console|process|system|file|timer|performance/i.test(name));
            """);
    assertThat(answer).isEqualTo(new CodeAnswer.Returned("[]", "{}"));
  }

  private static CodeAnswer call(String source) {
    return call(source, STATEMENTS);
  }

  private static CodeAnswer call(String source, int statements) {
    return WORKERS.call(new CodeSource(source, statements), "{}", "{}");
  }

  private static void assertNothingIsLeft() {
    assertThat(WORKERS.call(PROBE, "{}", "{}")).isEqualTo(new CodeAnswer.Returned("[]", "{}"));
  }
}
