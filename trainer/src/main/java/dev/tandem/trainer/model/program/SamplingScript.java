package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.shape.ModelSpec;
import dev.tandem.trainer.model.torch.Precision;
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
 * rows of a call, m rows still at work, T most new tokens. A layer's cache is [S, 2 K, C, D], keys
 * before values: attention reads a head's keys in one go.
 */
final class SamplingScript {

  private SamplingScript() {}

  /**
   * Returns the methods.
   *
   * @param oneDnn whether oneDNN multiplies matrices: faster, for few rows, by its own layout,
   *     which is a second copy of the weights
   * @param precision whose logits are as wide as reductions are
   * @param values what names in the text stand for
   */
  static String emit(
      ModelSpec spec, boolean oneDnn, Precision precision, Map<String, String> values) {
    values.put("$rotated", String.valueOf(spec.attentionHeads() + spec.keyValueHeads()));
    values.put(
        "$normed_heads",
        spec.architecture().hasQueryKeyNorm()
            ? "(self).scaled(qk, f[3], f[torch.add(g, 2)])"
            : "qk");
    values.put("$narrowed", precision.copiesMasters() ? "torch.to(y, ops.prim.dtype(x))" : "y");
    return (oneDnn ? PACK : KEEP)
        + (precision.copiesMasters() ? WIDE_HEAD : PACKED_HEAD)
        + CACHES
        + PREFILL
        + STEP
        + DecodeScript.TEXT;
  }

  private static final String PACK =
      """
        def packed(self: __torch__.Decoder, weight: Tensor) -> Tensor:
          return ops.mkldnn._reorder_linear_weight(torch.detach(weight), 16)
      """;

  private static final String PACKED_HEAD =
      """
        def packed_head(self: __torch__.Decoder, w: List[Tensor]) -> Tensor:
          return (self).packed($head)
      """;

  private static final String WIDE_HEAD =
      """
        def packed_head(self: __torch__.Decoder, w: List[Tensor]) -> Tensor:
          return torch.detach((self).head(w))
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
          f = [(self).packed_head(w), (self).gain($final_norm, 1, hidden, w[0]), (self).root(hidden, w[0]), (self).root($D, w[0])]
          for i in range($layers):
            o = torch.add(1, torch.mul(i, $stride))
            _0 = torch.append(f, (self).gain($input_norm, 1, hidden, w[0]))
            _1 = torch.append(f, (self).gain($post_norm, 1, hidden, w[0]))
            q = (self).gain($q_norm, $H, $D, w[0])
            _2 = torch.append(f, torch.cat([q, (self).gain($k_norm, $K, $D, w[0])]))
          return f
        def caches(self: __torch__.Decoder, w: List[Tensor], slots: int, positions: int) -> List[Tensor]:
          # of every layer, [S, 2 K, C, D]
          out = annotate(List[Tensor], [])
          for i in range($layers):
            _0 = torch.append(out, torch.zeros([slots, $KK, positions, $D], dtype=ops.prim.dtype(w[0]), device=ops.prim.device(w[0])))
          return out
        def resized(self: __torch__.Decoder, old: Tensor, slots: int, positions: int) -> Tensor:
          # one layer's keys and values, as far as both have room for them
          new = torch.zeros([slots, $KK, positions, $D], dtype=ops.prim.dtype(old), device=ops.prim.device(old))
          s = ops.prim.min(torch.size(old, 0), slots)
          p = ops.prim.min(torch.size(old, 2), positions)
          held = torch.slice(torch.slice(old, 0, 0, s), 2, 0, p)
          _0 = torch.copy_(torch.slice(torch.slice(new, 0, 0, s), 2, 0, p), held)
          return new
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
            keys, values, = torch.chunk(caches[i], 2, 1)
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
          _2 = (self).store(caches[i], first, at, torch.cat([k, v], 2), shared)
          return used
        def store(self: __torch__.Decoder, cache: Tensor, first: int, at: Tensor, rows: Tensor, shared: int) -> int:
          # rows [R, L, K, D], or all 2 K, go to the slots from first on, at positions at [R, L]
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
          y = torch.mul_(torch.div(x, torch.hypot_(length, root)), gain)
          return $narrowed
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
            p = torch.view((self).qkv((self).scaled(x, f[2], f[g]), w, o), [m, $HKK, $D])
            qk = torch.slice(p, 1, 0, $rotated)
            h = $normed_heads
            turned = torch.roll(h, [$half], [-1])
            _0 = torch.addcmul_(torch.mul(h, c, out=qk), turned, s)
            q = torch.view(torch.slice(p, 1, 0, $H), [m, $K, $G, $D])
            cache = torch.slice(caches[i], 0, 0, m)
            if torch.ge(at, 0):
              _1 = torch.copy_(torch.select(cache, 2, at), torch.slice(p, 1, $H))
            else:
              _2 = torch.index_put_(cache, where, torch.slice(p, 1, $H))
            keys, values, = torch.chunk(torch.slice(cache, 2, 0, used), 2, 1)
            a = torch.scaled_dot_product_attention(q, keys, values, mask)
            x = torch.add_(x, (self).attention_out(torch.reshape(a, [m, $query_width]), w, o))
            h = (self).gate_up((self).scaled(x, f[2], f[torch.add(g, 1)]), w, o)
            gate, up, = torch.chunk(h, 2, 1)
            x = torch.add_(x, (self).down(torch.mul_(torch.silu(gate), up), w, o))
          return (self).logits((self).scaled(x, f[2], f[1]), f[0])
      """;
}
