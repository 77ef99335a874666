package dev.tandem.trainer.model;

import java.util.Map;

/**
 * The part of the program that samples: a running batch whose rows own the first slots of a cache.
 *
 * <p>A call of {@code decode} runs as many steps as it may, so a step costs no call from Java. Its
 * rows are slots 0 to n - 1; when many have ended, the living are moved to the front and the batch
 * shrinks. What a row needs between calls is in the cache, apart from its pending token: the last
 * one, sampled or of the prompt, which no step has read yet. So {@code prefill} stops one token
 * short of the prompt's end and never computes a prediction.
 *
 * <p>Shapes in comments, beyond those of {@link DecoderProgram}: S slots, C positions of a slot, n
 * rows of a call, m rows still at work, T most new tokens. Caches are [S, K, C, D]: attention reads
 * a head's keys in one go.
 */
final class SamplingScript {

  /** A packed copy doubles the memory of the weights, which is fine for small ones. */
  private static final long MOST_PACKED = 250_000_000;

  private SamplingScript() {}

  /**
   * Returns the methods.
   *
   * @param oneDnn whether oneDNN multiplies matrices: faster, for few rows, by its own layout
   * @param values what names in the text stand for
   */
  static String emit(ModelSpec spec, boolean oneDnn, Map<String, String> values) {
    values.put("$rotated", String.valueOf(spec.attentionHeads() + spec.keyValueHeads()));
    values.put(
        "$normed_heads",
        spec.architecture().hasQueryKeyNorm()
            ? "(self).scaled(qk, f[3], f[torch.add(g, 2)])"
            : "qk");
    boolean packs = oneDnn && spec.parameters() <= MOST_PACKED;
    return (packs ? PACK : KEEP) + CACHES + PREFILL + STEP + DRAW + DECODE;
  }

  private static final String PACK =
      """
        def packed(self: __torch__.Decoder, weight: Tensor) -> Tensor:
          return ops.mkldnn._reorder_linear_weight(torch.detach(weight), 16)
      """;

  private static final String KEEP =
      """
        def packed(self: __torch__.Decoder, weight: Tensor) -> Tensor:
          return torch.detach(weight)
      """;

  // The gains that steps multiply by hold the root of the width: x / hypot(|x|, root(width
  // epsilon))
  // is then the RMS norm in four operators, where rms_norm runs eight.
  private static final String CACHES =
      """
        def pack(self: __torch__.Decoder, weights: List[Tensor]) -> List[Tensor]:
          w = torch.list(weights)
          for i in range($layers):
            o = torch.add(1, torch.mul(i, $stride))
            $qkv_weight = (self).packed($qkv_weight)
            $o_weight = (self).packed($o_weight)
            $gate_up_weight = (self).packed($gate_up_weight)
            $down_weight = (self).packed($down_weight)
          return w
        def gain(self: __torch__.Decoder, gain: Optional[Tensor], heads: int, width: int, like: Tensor) -> Tensor:
          # [heads, width], in the precision of statistics
          kind = 6
          if torch.eq(ops.prim.dtype(like), 7):
            kind = 7
          g = torch.ones([width], dtype=kind, device=ops.prim.device(like))
          if torch.__isnot__(gain, None):
            g = torch.to(torch.detach(unchecked_cast(Tensor, gain)), kind)
          return torch.repeat(torch.mul(g, torch.sqrt(width)), [heads, 1])
        def root(self: __torch__.Decoder, width: int, like: Tensor) -> Tensor:
          kind = 6
          if torch.eq(ops.prim.dtype(like), 7):
            kind = 7
          return torch.full([1], torch.sqrt(torch.mul(width, $epsilon)), dtype=kind, device=ops.prim.device(like))
        def constants(self: __torch__.Decoder, w: List[Tensor]) -> List[Tensor]:
          # head, final gain, roots of hidden and head width, then per layer gains of attention, MLP, heads
          hidden = torch.size(w[0], 1)
          f = [(self).packed($head), (self).gain($final_norm, 1, hidden, w[0]), (self).root(hidden, w[0]), (self).root($D, w[0])]
          for i in range($layers):
            o = torch.add(1, torch.mul(i, $stride))
            _0 = torch.append(f, (self).gain($input_norm, 1, hidden, w[0]))
            _1 = torch.append(f, (self).gain($post_norm, 1, hidden, w[0]))
            q = (self).gain($q_norm, $H, $D, w[0])
            _2 = torch.append(f, torch.cat([q, (self).gain($k_norm, $K, $D, w[0])]))
          return f
        def caches(self: __torch__.Decoder, w: List[Tensor], slots: int, positions: int) -> List[Tensor]:
          # keys and values of every layer in turn, [S, K, C, D]
          out = annotate(List[Tensor], [])
          for i in range(torch.mul(2, $layers)):
            _0 = torch.append(out, torch.zeros([slots, $K, positions, $D], dtype=ops.prim.dtype(w[0]), device=ops.prim.device(w[0])))
          return out
        def take_over(self: __torch__.Decoder, old: List[Tensor], new: List[Tensor]) -> int:
          # moves what both have room for
          slots = ops.prim.min(torch.size(old[0], 0), torch.size(new[0], 0))
          positions = ops.prim.min(torch.size(old[0], 2), torch.size(new[0], 2))
          for i in range(torch.len(old)):
            held = torch.slice(torch.slice(old[i], 0, 0, slots), 2, 0, positions)
            _0 = torch.copy_(torch.slice(torch.slice(new[i], 0, 0, slots), 2, 0, positions), held)
          return slots
        def copy_prefixes(self: __torch__.Decoder, source: Tensor, first: int, length: int, caches: List[Tensor]) -> int:
          # slot first + i takes the positions before length of slot source[i]; all are read before one is written
          last = torch.add(first, torch.size(source, 0))
          for i in range(torch.len(caches)):
            rows = torch.index_select(torch.slice(caches[i], 2, 0, length), 0, source)
            _0 = torch.copy_(torch.slice(torch.slice(caches[i], 0, first, last), 2, 0, length), rows)
          return last
        def swap(self: __torch__.Decoder, order: Tensor, holes: Tensor, movers: Tensor, length: int, caches: List[Tensor]) -> int:
          # exchanges slots pairwise; order [n] goes with them
          into = torch.cat([holes, movers])
          out = torch.cat([movers, holes])
          _0 = torch.index_copy_(order, 0, into, torch.index_select(order, 0, out))
          for i in range(torch.len(caches)):
            used = torch.slice(caches[i], 2, 0, length)
            _1 = torch.index_copy_(used, 0, into, torch.index_select(used, 0, out))
          return torch.size(holes, 0)
      """;

  // Products see all tokens in one matrix, padded to a size that comes again; attention sees rows.
  private static final String PREFILL =
      """
        def prefill(self: __torch__.Decoder, ids: Tensor, starts: Tensor, first: int, shared: int, length: int, cos: Tensor, sin: Tensor, w: List[Tensor], caches: List[Tensor]) -> int:
          # ids [N] holds R rows of length, then padding; row r goes to slot first + r from position
          # starts[r] on, at most shared, behind what the slot holds already
          rows = torch.size(starts, 0)
          last = torch.add(first, rows)
          tokens = torch.mul(rows, length)
          spare = torch.sub(torch.size(ids, 0), tokens)
          used = torch.add(shared, length)
          most = torch.sub(ops.prim.min(torch.size(caches[0], 2), torch.size(cos, 0)), 1)
          steps = torch.arange(length, dtype=4, device=ops.prim.device(ids))
          at = torch.clamp_max(torch.add(torch.unsqueeze(starts, 1), steps), most)
          used = ops.prim.min(used, torch.add(most, 1))
          if torch.eq(shared, 0):
            c = torch.unsqueeze(torch.slice(cos, 0, 0, length), 1)
            s = torch.unsqueeze(torch.slice(sin, 0, 0, length), 1)
            seen = torch.unsqueeze(torch.repeat_interleave(steps, $G), 0)
          else:
            c = torch.view(torch.index_select(cos, 0, torch.reshape(at, [-1])), [rows, length, 1, $D])
            s = torch.view(torch.index_select(sin, 0, torch.reshape(at, [-1])), [rows, length, 1, $D])
            seen = torch.repeat_interleave(at, $G, 1)
          mask = torch.ge(torch.unsqueeze(seen, -1), torch.arange(used, dtype=4, device=ops.prim.device(ids)))
          mask = torch.unsqueeze(mask, 1)
          x = torch.embedding(w[0], ids)
          for i in range(torch.sub($layers, 1)):
            o = torch.add(1, torch.mul(i, $stride))
            keys = caches[torch.mul(2, i)]
            values = caches[torch.add(torch.mul(2, i), 1)]
            p = torch.slice((self).qkv((self).norm(x, $input_norm), w, o), 0, 0, tokens)
            q, k, v, = torch.split_with_sizes(torch.view(p, [rows, length, $HKK, $D]), [$H, $K, $K], 2)
            q = (self).rotate((self).head_norm(q, $q_norm), c, s)
            k = (self).rotate((self).head_norm(k, $k_norm), c, s)
            _0 = (self).store(keys, first, at, k, shared)
            _1 = (self).store(values, first, at, v, shared)
            k = torch.slice(torch.slice(keys, 0, first, last), 2, 0, used)
            v = torch.slice(torch.slice(values, 0, first, last), 2, 0, used)
            a = (self).attend(q, torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), mask)
            a = torch.constant_pad_nd(a, [0, 0, 0, spare])
            x = torch.add(x, (self).attention_out(a, w, o))
            x = (self).mlp(x, w, o)
          i = torch.sub($layers, 1)
          o = torch.add(1, torch.mul(i, $stride))
          p = torch.slice((self).keys_values((self).norm(x, $input_norm), w, o), 0, 0, tokens)
          k, v, = torch.chunk(torch.view(p, [rows, length, $KK, $D]), 2, 2)
          k = (self).rotate((self).head_norm(k, $k_norm), c, s)
          _2 = (self).store(caches[torch.mul(2, i)], first, at, k, shared)
          _3 = (self).store(caches[torch.add(torch.mul(2, i), 1)], first, at, v, shared)
          return used
        def store(self: __torch__.Decoder, cache: Tensor, first: int, at: Tensor, rows: Tensor, shared: int) -> int:
          # rows [R, L, K, D] go to the slots from first on, at positions at [R, L]
          last = torch.add(first, torch.size(at, 0))
          if torch.eq(shared, 0):
            into = torch.slice(torch.slice(cache, 0, first, last), 2, 0, torch.size(at, 1))
            _0 = torch.copy_(into, torch.transpose(rows, 1, 2))
          else:
            slot = torch.unsqueeze(torch.arange(first, last, dtype=4, device=ops.prim.device(at)), 1)
            _1 = torch.index_put_(cache, annotate(List[Optional[Tensor]], [slot, None, at]), rows)
          return shared
      """;

  private static final String STEP =
      """
        def scaled(self: __torch__.Decoder, x: Tensor, root: Tensor, gain: Tensor) -> Tensor:
          # RMS norm over the last dimension; gain holds the root of its size
          length = torch.linalg_vector_norm(x, 2, [-1], True, dtype=ops.prim.dtype(root))
          y = torch.mul(torch.div(x, torch.hypot(length, root)), gain)
          return torch.to(y, ops.prim.dtype(x))
        def step(self: __torch__.Decoder, tokens: Tensor, positions: Tensor, at: int, used: int, cos: Tensor, sin: Tensor, w: List[Tensor], f: List[Tensor], caches: List[Tensor]) -> Tensor:
          # reads one token per row, tokens and positions [m]; all positions are at, if it is not
          # negative, and no row sees position used; result [m, V]
          m = torch.size(tokens, 0)
          mask = annotate(Optional[Tensor], None)
          where = annotate(List[Optional[Tensor]], [])
          if torch.ge(at, 0):
            c = torch.slice(cos, 0, at, torch.add(at, 1))
            s = torch.slice(sin, 0, at, torch.add(at, 1))
          else:
            c = torch.index_select(cos, 0, positions)
            s = torch.index_select(sin, 0, positions)
            row = torch.arange(m, dtype=4, device=ops.prim.device(tokens))
            where = annotate(List[Optional[Tensor]], [row, None, positions])
            seen = torch.arange(used, dtype=4, device=ops.prim.device(tokens))
            hidden = torch.lt(torch.unsqueeze(positions, 1), seen)
            far = torch.zeros([m, used], dtype=ops.prim.dtype(cos), device=ops.prim.device(tokens))
            mask = torch.view(torch.masked_fill_(far, hidden, -1e30), [m, 1, 1, used])
          c = torch.unsqueeze(c, 1)
          s = torch.unsqueeze(s, 1)
          x = torch.embedding(w[0], tokens)
          for i in range($layers):
            o = torch.add(1, torch.mul(i, $stride))
            g = torch.add(4, torch.mul(i, 3))
            keys = torch.slice(caches[torch.mul(2, i)], 0, 0, m)
            values = torch.slice(caches[torch.add(torch.mul(2, i), 1)], 0, 0, m)
            p = torch.view((self).qkv((self).scaled(x, f[2], f[g]), w, o), [m, $HKK, $D])
            qk = torch.slice(p, 1, 0, $rotated)
            qk = (self).rotate($normed_heads, c, s)
            q, k, = torch.split_with_sizes(qk, [$H, $K], 1)
            v = torch.slice(p, 1, $rotated)
            if torch.ge(at, 0):
              _0 = torch.copy_(torch.select(keys, 2, at), k)
              _1 = torch.copy_(torch.select(values, 2, at), v)
            else:
              _2 = torch.index_put_(keys, where, k)
              _3 = torch.index_put_(values, where, v)
            keys = torch.slice(keys, 2, 0, used)
            values = torch.slice(values, 2, 0, used)
            q = torch.reshape(q, [m, $K, $G, $D])
            a = torch.scaled_dot_product_attention(q, keys, values, mask)
            a = torch.reshape(a, [m, $query_width])
            x = torch.add(x, (self).attention_out(a, w, o))
            h = (self).gate_up((self).scaled(x, f[2], f[torch.add(g, 1)]), w, o)
            gate, up, = torch.chunk(h, 2, 1)
            x = torch.add(x, (self).down(torch.mul(torch.silu(gate), up), w, o))
          return (self).linear((self).scaled(x, f[2], f[1]), f[0], None)
      """;

  private static final String DRAW =
      """
        def filtered(self: __torch__.Decoder, scores: Tensor, rules: Tensor, candidates: int) -> Tensor:
          # scores [m, V] are log-probabilities but for a constant; what a row's rules leave out gets
          # -inf; rules [m, 4] of temperature, top-k, top-p, min-p; candidates: how many need sorting
          edge = torch.amax(scores, [1], True)
          floor = torch.add(edge, torch.log(torch.slice(rules, 1, 3, 4)))
          if torch.gt(candidates, 0):
            k = torch.slice(rules, 1, 1, 2)
            top_p = torch.slice(rules, 1, 2, 3)
            top, _i = torch.topk(scores, candidates)
            rank = torch.arange(candidates, dtype=6, device=ops.prim.device(scores))
            cut = torch.logical_and(torch.ge(rank, k), torch.gt(k, 0.))
            p = torch.softmax(torch.masked_fill(top, cut, -inf), -1, dtype=7)
            before = torch.sub(torch.cumsum(p, -1), p)
            cut = torch.logical_or(cut, torch.ge(before, top_p))
            last = torch.sub(torch.sum(torch.logical_not(cut), [1], True), 1)
            edge = torch.gather(top, 1, torch.clamp_min(last, 0))
            open = torch.logical_and(torch.eq(k, 0.), torch.ge(top_p, 1.))
            floor = torch.maximum(floor, torch.masked_fill(edge, open, -inf))
          return torch.masked_fill(scores, torch.lt(scores, floor), -inf)
        def draw(self: __torch__.Decoder, logps: Tensor, rules: Tensor, uniform: Tensor, way: int, candidates: int) -> Tensor:
          # way 0: every row at temperature 1; 1: every row greedy; 2: temperatures; 3: filters too
          # inverse CDF in the vocabulary's order; result [m, 1]
          if torch.eq(way, 1):
            chosen = torch.argmax(logps, 1, True)
          else:
            scores = logps
            temperature = torch.slice(rules, 1, 0, 1)
            greedy = torch.eq(temperature, 0.)
            if torch.gt(way, 1):
              scores = torch.div(logps, torch.masked_fill(temperature, greedy, 1.))
            if torch.gt(way, 2):
              scores = (self).filtered(scores, rules, candidates)
            if torch.gt(way, 0):
              scores = torch.softmax(scores, -1)
            else:
              scores = torch.exp(scores)
            cdf = torch.cumsum(scores, -1, dtype=7)
            chosen = torch.searchsorted(cdf, torch.mul(uniform, torch.slice(cdf, 1, -1)), right=True)
            chosen = torch.clamp_max(chosen, torch.sub(torch.size(logps, 1), 1))
            if torch.gt(way, 1):
              chosen = torch.where(greedy, torch.argmax(logps, 1, True), chosen)
          return chosen
        def only(self: __torch__.Decoder, logits: Tensor, edge: Tensor, nodes: Tensor) -> Tensor:
          # leaves each row the tokens edge [m, A], padded with -1; a row at node 0 is free
          v = torch.size(logits, 1)
          banned = torch.ones([torch.size(logits, 0), torch.add(v, 1)], dtype=11, device=ops.prim.device(logits))
          edge = torch.masked_fill(edge, torch.lt(edge, 0), v)
          banned = torch.slice(torch.scatter(banned, 1, edge, False), 1, 0, v)
          banned = torch.logical_and(banned, torch.unsqueeze(torch.gt(nodes, 0), 1))
          return torch.masked_fill(logits, banned, -inf)
      """;

  private static final String DECODE =
      """
        def decode(self: __torch__.Decoder, tokens: Tensor, positions: Tensor, limits: Tensor, nodes: Tensor, stops: Tensor, rules: Tensor, uniforms: Tensor, edges: Tensor, targets: Tensor, longest: int, even: int, live: int, leave: int, way: int, candidates: int, cos: Tensor, sin: Tensor, w: List[Tensor], f: List[Tensor], caches: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
          # pending tokens, their positions, most new tokens (0: padding) and choice nodes [n]; stops
          # [n, P]; rules [n, 4]; uniforms [n, T]; edges, targets [nodes, A], A = 0: all rows are free;
          # longest: greatest position; even: whether all are; live: rows with a limit; leave: how many
          # must end before the call does. Result: tokens [n, T], -1 after the end; log-probabilities;
          # order [n]: the row that each slot holds in the end, living ones first
          n = torch.size(tokens, 0)
          steps = torch.size(uniforms, 1)
          most = torch.sub(ops.prim.min(torch.size(caches[0], 2), torch.size(cos, 0)), 1)
          out = torch.full([n, steps], -1, dtype=4, device=ops.prim.device(tokens))
          scores = torch.zeros([n, steps], dtype=6, device=ops.prim.device(tokens))
          order = torch.arange(n, dtype=4, device=ops.prim.device(tokens))
          row = order
          done = torch.le(limits, 0)
          constrained = torch.gt(torch.size(edges, 1), 0)
          left = live
          step = 0
          go = True
          while go:
            used = ops.prim.min(torch.add(torch.add(longest, step), 1), torch.add(most, 1))
            at = -1
            if torch.eq(even, 1):
              at = torch.add(longest, step)
            logits = (self).step(tokens, positions, at, used, cos, sin, w, f, caches)
            edge = annotate(Tensor, edges)
            if constrained:
              edge = torch.index_select(edges, 0, nodes)
              logits = (self).only(logits, edge, nodes)
            logps = torch.log_softmax(logits, -1, dtype=6)
            chosen = (self).draw(logps, rules, torch.slice(uniforms, 1, step, torch.add(step, 1)), way, candidates)
            ended = torch.any(torch.eq(chosen, stops), 1)
            if constrained:
              place = torch.argmax(torch.to(torch.eq(edge, chosen), 4), 1, True)
              reached = torch.squeeze(torch.gather(torch.index_select(targets, 0, nodes), 1, place), 1)
              ended = torch.logical_or(ended, torch.lt(reached, 0))
              nodes = torch.clamp_min(reached, 0)
            tokens = torch.squeeze(chosen, 1)
            logp = torch.squeeze(torch.gather(logps, 1, chosen), 1)
            column = torch.full_like(row, step)
            _0 = torch.index_put_(out, annotate(List[Optional[Tensor]], [row, column]), torch.masked_fill(tokens, done, -1))
            _1 = torch.index_put_(scores, annotate(List[Optional[Tensor]], [row, column]), torch.masked_fill(logp, done, 0.))
            step = torch.add(step, 1)
            done = torch.logical_or(done, torch.logical_or(ended, torch.le(limits, step)))
            left = int(torch.sum(torch.logical_not(done)))
            positions = torch.clamp_max(torch.add(positions, 1), most)
            go = torch.__and__(torch.gt(left, torch.sub(live, leave)), torch.lt(step, steps))
            size = (self).rows_for(left)
            crowded = torch.gt(torch.mul(left, 4), torch.mul(torch.size(done, 0), 3))
            shrinks = torch.__and__(torch.__not__(crowded), torch.lt(size, torch.size(done, 0)))
            if torch.__or__(torch.__not__(go), shrinks):
              if torch.gt(left, 0):
                holes = torch.squeeze(torch.nonzero(torch.slice(done, 0, 0, left)), 1)
                movers = torch.squeeze(torch.nonzero(torch.logical_not(torch.slice(done, 0, left))), 1)
                movers = torch.add(movers, left)
                _2 = (self).swap(order, holes, movers, used, caches)
                keep = torch.arange(torch.size(done, 0), dtype=4, device=ops.prim.device(tokens))
                _3 = torch.index_copy_(keep, 0, torch.cat([holes, movers]), torch.cat([movers, holes]))
                keep = torch.slice(keep, 0, 0, size)
                row = torch.slice(order, 0, 0, size)
                tokens = torch.index_select(tokens, 0, keep)
                positions = torch.index_select(positions, 0, keep)
                limits = torch.index_select(limits, 0, keep)
                nodes = torch.index_select(nodes, 0, keep)
                stops = torch.index_select(stops, 0, keep)
                rules = torch.index_select(rules, 0, keep)
                uniforms = torch.index_select(uniforms, 0, keep)
                done = torch.index_select(done, 0, keep)
          return (out, scores, order)
        def rows_for(self: __torch__.Decoder, rows: int) -> int:
          # a number of rows that comes again
          size = 1
          if torch.ge(rows, 8):
            size = torch.mul(torch.floordiv(torch.add(rows, 7), 8), 8)
          else:
            while torch.lt(size, rows):
              size = torch.mul(size, 2)
          return size
      """;
}
