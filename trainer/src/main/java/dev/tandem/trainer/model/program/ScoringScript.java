package dev.tandem.trainer.model.program;

import dev.tandem.trainer.model.torch.TrainingMemory;
import java.util.List;
import java.util.Map;

/**
 * The part of the program that carries a chunk of records from token ids to the final hidden states
 * of the wanted tokens.
 *
 * <p>A chunk comes as one list of tensors, {@link #CHUNK}. Its tokens are one flat sequence [N] for
 * everything but attention, which works on a grid [B, L] of one record per row. Padded, the
 * sequence is the grid. Packed, records follow each other without gaps, and attention alone spreads
 * them over the grid and collects its results; positions restart with every row and causality hides
 * the padding on a row's right, so a record never sees another.
 */
public final class ScoringScript {

  /**
   * The tensors of a chunk: ids [N]; grid [B x L] indices into N and back [N] indices into B x L,
   * both empty where padded; wanted [B, R] positions in the row; source [M] indices into N; slots
   * [B x R] indices into M; keep [M] indices into B x R; targets [M]; allowed [M, A] padded with
   * -1, A = 0 where the whole vocabulary is allowed; the rotary table [positions, D].
   */
  private static final List<String> CHUNK =
      List.of(
          "$ids",
          "$grid",
          "$back",
          "$wanted",
          "$source",
          "$slots",
          "$keep",
          "$targets",
          "$allowed",
          "$cosines",
          "$sines");

  private ScoringScript() {}

  static String emit(TrainingMemory memory, Map<String, String> values) {
    for (int i = 0; i < CHUNK.size(); i++) {
      values.put(CHUNK.get(i), "c[" + i + "]");
    }
    return (memory.packing() ? PACKED : PADDED) + HIDDEN;
  }

  private static final String PADDED =
      """
        def row_length(self: __torch__.Decoder, c: List[Tensor]) -> int:
          return torch.floordiv(torch.size($ids, 0), torch.size($wanted, 0))
        def spread(self: __torch__.Decoder, x: Tensor, c: List[Tensor]) -> Tensor:
          return x
        def collect(self: __torch__.Decoder, x: Tensor, c: List[Tensor]) -> Tensor:
          return x
      """;

  private static final String PACKED =
      """
        def row_length(self: __torch__.Decoder, c: List[Tensor]) -> int:
          return torch.floordiv(torch.size($grid, 0), torch.size($wanted, 0))
        def spread(self: __torch__.Decoder, x: Tensor, c: List[Tensor]) -> Tensor:
          # [N, ..] to [B x L, ..]
          return torch.index_select(x, 0, $grid)
        def collect(self: __torch__.Decoder, x: Tensor, c: List[Tensor]) -> Tensor:
          # [B x L, ..] to [N, ..]
          return torch.index_select(x, 0, $back)
      """;

  private static final String HIDDEN =
      """
        def rotary(self: __torch__.Decoder, c: List[Tensor]) -> Tuple[Tensor, Tensor]:
          n = (self).row_length(c)
          return (torch.unsqueeze(torch.slice($cosines, 0, 0, n), 1), torch.unsqueeze(torch.slice($sines, 0, 0, n), 1))
        def flat_attention(self: __torch__.Decoder, p: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> Tensor:
          # p [N, query and key-value width]; result [N, H x D]
          p = torch.view((self).spread(p, c), [torch.size($wanted, 0), -1, $HKK, $D])
          return (self).collect((self).attention(p, cos, sin, w, o), c)
        def flat_wanted_attention(self: __torch__.Decoder, q: Tensor, p: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> Tensor:
          # q [M, H x D]; p [N, key and value width]; result [M, H x D]
          b = torch.size($wanted, 0)
          p = torch.view((self).spread(p, c), [b, -1, $KK, $D])
          q = torch.view(torch.index_select(q, 0, $slots), [b, -1, $H, $D])
          return torch.index_select((self).wanted_attention(q, p, $wanted, cos, sin, w, o), 0, $keep)
        def flat_block(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> Tensor:
          # x [N, hidden], and so the result; call it with autograd off
          a = (self).flat_attention((self).qkv((self).norm(x, $input_norm), w, o), cos, sin, c, w, o)
          return (self).mlp(torch.add(x, (self).attention_out(a, w, o)), w, o)
        def flat_last_block(self: __torch__.Decoder, x: Tensor, cos: Tensor, sin: Tensor, c: List[Tensor], w: List[Tensor], o: int) -> Tensor:
          # x [N, hidden]; result [M, hidden], after the final norm; call it with autograd off
          h = (self).norm(x, $input_norm)
          q = (self).queries(torch.index_select(h, 0, $source), w, o)
          a = (self).flat_wanted_attention(q, (self).keys_values(h, w, o), cos, sin, c, w, o)
          x = torch.add(torch.index_select(x, 0, $source), (self).attention_out(a, w, o))
          return (self).norm((self).mlp(x, w, o), $final_norm)
        def hidden(self: __torch__.Decoder, x: Tensor, c: List[Tensor], w: List[Tensor]) -> Tensor:
          # from embeddings [N, hidden] to the final states [M, hidden]
          cos, sin, = (self).rotary(c)
          for i in range(torch.sub($layers, 1)):
            x = (self).flat_block(x, cos, sin, c, w, torch.add(1, torch.mul(i, $stride)))
          return (self).flat_last_block(x, cos, sin, c, w, $last)
        def final_states(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> Tensor:
          # [M, hidden], without a gradient
          return (self).hidden(torch.embedding(w[0], $ids), c, w)
        def score(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> Tensor:
          # log-probabilities [M], without a gradient
          return (self).chosen_log_probs((self).final_states(c, w), c, w)
        def evaluate(self: __torch__.Decoder, c: List[Tensor], w: List[Tensor]) -> Tuple[Tensor, Tensor]:
          # log-probabilities and entropies [M], without a gradient
          logp, entropy, = (self).log_probs((self).final_states(c, w), c, w)
          return (torch.to(logp, $master), torch.to(entropy, $master))
      """;
}
