// Evaluated first in every realm; its value makes the caller of a processor's source.
//
// A realm serves many calls of many episodes, so nothing may outlive a call: what tells the time or depends on chance
// or on garbage collection is taken away, and every object that a source can reach is frozen, the global object
// included. The source itself is compiled as a function body (new Function parses parameters and body apart, so no
// source can close the function and run beside it), and each call has variables of its own. What is to be kept from
// one call to the next goes through `state`.
'use strict';
(function () {
  const parse = JSON.parse;
  const stringify = JSON.stringify;
  const compile = Function;

  const refuse = (name) => function () {
    throw new Error(name + ' is not available: a processor must be deterministic');
  };
  Math.random = refuse('Math.random');
  globalThis.Date = refuse('Date');
  for (const name of ['WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer', 'WebAssembly', 'Intl',
      'Temporal', 'performance', 'console', 'print', 'printErr', 'load', 'loadWithNewGlobal', 'read', 'readbuffer',
      'readline', 'write', 'quit', 'exit', 'Java', 'Packages', 'Polyglot', 'Graal', 'setTimeout', 'queueMicrotask']) {
    delete globalThis[name];
  }

  const reached = new Set();
  const waiting = [globalThis];
  // Prototypes that no property leads to.
  for (const instance of [function* () {}, async function () {}, async function* () {}, (function* () {})(),
      (async function* () {})(), [].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](),
      /a/[Symbol.matchAll]('a')]) {
    waiting.push(Object.getPrototypeOf(instance));
  }
  if (typeof Iterator === 'function') {
    waiting.push(Object.getPrototypeOf([].values().map((x) => x)));
    waiting.push(Object.getPrototypeOf(Iterator.from({ next() {} })));
  }
  while (waiting.length > 0) {
    const object = waiting.pop();
    if (object === null || (typeof object !== 'object' && typeof object !== 'function') || reached.has(object)) {
      continue;
    }
    reached.add(object);
    waiting.push(Object.getPrototypeOf(object));
    for (const key of Reflect.ownKeys(object)) {
      const property = Object.getOwnPropertyDescriptor(object, key);
      waiting.push(property.value, property.get, property.set);
    }
    Object.freeze(object);
  }

  return function (source) {
    const processor = compile('event', 'state', '"use strict";\n' + source + '\n');
    return function (eventText, stateText) {
      const state = parse(stateText);
      const outcome = stringify(processor(parse(eventText), state));
      // JSON escapes control characters, so the separator occurs in neither text.
      return (outcome === undefined ? 'null' : outcome) + '\u0000' + stringify(state);
    };
  };
})()
