package dev.tandem.trainer.model;

/** The part of the program that samples whole responses in one call. */
final class SamplingScript {

  private SamplingScript() {}

  static final String TEXT =
      """
        def prefill(self: __torch__.Decoder, ids: Tensor, lengths: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], room: int) -> Tuple[Tensor, List[Tensor], List[Tensor]]:
          # the hidden state after each row's last prompt token [B, hidden], and caches [B, S, K, D]
          b = torch.size(ids, 0)
          n = torch.size(ids, 1)
          c = torch.unsqueeze(torch.slice(cos, 0, 0, n), 1)
          s = torch.unsqueeze(torch.slice(sin, 0, 0, n), 1)
          mask = (self).causal(n, ids)
          keys = annotate(List[Tensor], [])
          values = annotate(List[Tensor], [])
          x = torch.embedding(w[0], torch.reshape(ids, [-1]))
          for i in range(torch.sub($layers, 1)):
            x, k, v, = (self).block(x, b, c, s, mask, w, torch.add(1, torch.mul(i, $stride)))
            _0 = torch.append(keys, torch.constant_pad_nd(k, [0, 0, 0, 0, 0, room]))
            _1 = torch.append(values, torch.constant_pad_nd(v, [0, 0, 0, 0, 0, room]))
          last = torch.unsqueeze(torch.sub(lengths, 1), 1)
          keep = torch.arange(b, dtype=4, device=ops.prim.device(ids))
          x, k0, v0, = (self).last_block(x, last, keep, c, s, w, torch.add(1, torch.mul(torch.sub($layers, 1), $stride)))
          _2 = torch.append(keys, torch.constant_pad_nd(k0, [0, 0, 0, 0, 0, room]))
          _3 = torch.append(values, torch.constant_pad_nd(v0, [0, 0, 0, 0, 0, room]))
          return (x, keys, values)
        def advance(self: __torch__.Decoder, tokens: Tensor, position: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], keys: List[Tensor], values: List[Tensor]) -> Tensor:
          # one more token per row: tokens, position [B]; writes into the caches; result [B, hidden]
          b = torch.size(tokens, 0)
          row = torch.arange(b, dtype=4, device=ops.prim.device(tokens))
          c = torch.view(torch.index_select(cos, 0, position), [b, 1, 1, $D])
          s = torch.view(torch.index_select(sin, 0, position), [b, 1, 1, $D])
          at = torch.arange(torch.size(keys[0], 1), dtype=4, device=ops.prim.device(tokens))
          mask = torch.view(torch.ge(torch.unsqueeze(position, 1), at), [b, 1, 1, -1])
          x = torch.embedding(w[0], tokens)
          for i in range($layers):
            o = torch.add(1, torch.mul(i, $stride))
            p = torch.view((self).qkv((self).norm(x, $input_norm), w, o), [b, 1, $HKK, $D])
            q, k, v, = torch.split_with_sizes(p, [$H, $K, $K], 2)
            q = (self).rotate((self).head_norm(q, $q_norm), c, s)
            k = (self).rotate((self).head_norm(k, $k_norm), c, s)
            _0 = torch.index_put_(keys[i], annotate(List[Optional[Tensor]], [row, position]), torch.squeeze(k, 1))
            _1 = torch.index_put_(values[i], annotate(List[Optional[Tensor]], [row, position]), torch.squeeze(v, 1))
            x = torch.add(x, (self).attention_out((self).attend(q, keys[i], values[i], mask), w, o))
            x = (self).mlp(x, w, o)
          return x
        def pick(self: __torch__.Decoder, logps: Tensor, temperature: Tensor, uniform: Tensor) -> Tensor:
          # inverse CDF; a zero temperature takes the most likely; all [B, 1] but logps
          greedy = torch.eq(temperature, 0.)
          tempered = torch.div(logps, torch.masked_fill(temperature, greedy, 1.))
          cdf = torch.cumsum(torch.softmax(tempered, -1), -1, dtype=7)
          drawn = torch.searchsorted(cdf, torch.mul(uniform, torch.slice(cdf, 1, -1)), right=True)
          drawn = torch.clamp_max(drawn, torch.sub(torch.size(logps, 1), 1))
          return torch.where(greedy, torch.argmax(logps, 1, True), drawn)
        def generate(self: __torch__.Decoder, ids: Tensor, lengths: Tensor, limits: Tensor, temperatures: Tensor, uniforms: Tensor, stops: Tensor, nodes: Tensor, edges: Tensor, targets: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # limits, nodes [B]; temperatures [B, 1]; uniforms [B, T]; stops [B, P]; edges, targets [nodes, A], A = 0: free
          room = torch.size(uniforms, 1)
          x, keys, values, = (self).prefill(ids, lengths, cos, sin, w, room)
          out = torch.full([torch.size(ids, 0), room], -1, dtype=4, device=ops.prim.device(ids))
          scores = torch.zeros([torch.size(ids, 0), room], dtype=6, device=ops.prim.device(ids))
          row = torch.arange(torch.size(ids, 0), dtype=4, device=ops.prim.device(ids))
          position = lengths
          free = torch.eq(torch.size(edges, 1), 0)
          done = torch.zeros([torch.size(ids, 0)], dtype=11, device=ops.prim.device(ids))
          step = 0
          go = True
          while go:
            logits = (self).linear((self).norm(x, $final_norm), $head, None)
            u = torch.slice(uniforms, 1, step, torch.add(step, 1))
            if free:
              logps = torch.log_softmax(logits, -1, dtype=6)
              place = (self).pick(logps, temperatures, u)
              chosen = place
              ended = torch.any(torch.eq(chosen, stops), 1)
            else:
              edge = torch.index_select(edges, 0, nodes)
              logps = torch.gather(logits, 1, torch.clamp_min(edge, 0))
              logps = torch.masked_fill(logps, torch.lt(edge, 0), -1e30)
              logps = torch.log_softmax(logps, -1, dtype=6)
              place = (self).pick(logps, temperatures, u)
              chosen = torch.gather(edge, 1, place)
              reached = torch.squeeze(torch.gather(torch.index_select(targets, 0, nodes), 1, place), 1)
              ended = torch.lt(reached, 0)
              nodes = torch.clamp_min(reached, 0)
            column = torch.full_like(row, step)
            token = torch.squeeze(chosen, 1)
            logp = torch.squeeze(torch.gather(logps, 1, place), 1)
            _0 = torch.index_put_(out, annotate(List[Optional[Tensor]], [row, column]), torch.masked_fill(token, done, -1))
            _1 = torch.index_put_(scores, annotate(List[Optional[Tensor]], [row, column]), torch.masked_fill(logp, done, 0.))
            step = torch.add(step, 1)
            done = torch.logical_or(done, torch.logical_or(ended, torch.le(limits, step)))
            left = int(torch.sum(torch.logical_not(done)))
            if torch.eq(left, 0):
              go = False
            else:
              if torch.le(torch.mul(left, 4), torch.mul(torch.size(done, 0), 3)):
                # live rows first; a few ended ones fill up to a size that comes again
                size = torch.mul(torch.floordiv(torch.add(left, 15), 16), 16)
                alive = torch.slice(torch.argsort(torch.to(done, 4), stable=True, dim=0, descending=False), 0, 0, size)
                row = torch.index_select(row, 0, alive)
                position = torch.index_select(position, 0, alive)
                token = torch.index_select(token, 0, alive)
                limits = torch.index_select(limits, 0, alive)
                temperatures = torch.index_select(temperatures, 0, alive)
                uniforms = torch.index_select(uniforms, 0, alive)
                stops = torch.index_select(stops, 0, alive)
                nodes = torch.index_select(nodes, 0, alive)
                done = torch.index_select(done, 0, alive)
                for i in range($layers):
                  keys[i] = torch.index_select(keys[i], 0, alive)
                  values[i] = torch.index_select(values[i], 0, alive)
              x = (self).advance(token, position, cos, sin, w, keys, values)
              position = torch.add(position, 1)
          return (out, scores)
      """;
}
