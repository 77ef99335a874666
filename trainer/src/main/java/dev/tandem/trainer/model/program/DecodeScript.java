package dev.tandem.trainer.model.program;

/**
 * The part of the program that draws tokens, and the loop around a step. Shapes in comments as in
 * {@link SamplingScript}.
 */
final class DecodeScript {

  private DecodeScript() {}

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

  private static final String LOOP =
      """
        def decode(self: __torch__.Decoder, tokens: Tensor, positions: Tensor, limits: Tensor, nodes: Tensor, stops: Tensor, rules: Tensor, uniforms: Tensor, edges: Tensor, targets: Tensor, longest: int, even: int, live: int, leave: int, way: int, candidates: int, every: int, cos: Tensor, sin: Tensor, w: List[Tensor], f: List[Tensor], caches: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor]:
          # pending tokens, their positions, most new tokens (0: padding) and choice nodes [n]; stops
          # [n, P]; rules [n, 4]; uniforms [n, T]; edges, targets [nodes, A], A = 0: all rows are free;
          # longest: greatest position; even: whether all are; live: rows with a limit; leave: how many
          # must end before the call does; every: steps between two looks at who has ended, each of which
          # waits for the device: a row that has ended goes on until then and writes nothing. Result:
          # tokens [n, T], -1 after the end; log-probabilities; order [n]: the row that each slot holds in
          # the end, living ones first
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
            _0 = torch.index_copy_(torch.select(out, 1, step), 0, row, torch.masked_fill(tokens, done, -1))
            _1 = torch.index_copy_(torch.select(scores, 1, step), 0, row, torch.masked_fill(logp, done, 0.))
            step = torch.add(step, 1)
            done = torch.logical_or(done, torch.logical_or(ended, torch.le(limits, step)))
            positions = torch.clamp_max(torch.add(positions, 1), most)
            if torch.__or__(torch.eq(torch.remainder(step, every), 0), torch.ge(step, steps)):
              left = int(torch.sum(torch.logical_not(done)))
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

  static final String TEXT = DRAW + LOOP;
}
