"""Times the clipped policy loss from logits by PyTorch's own operators, forward and backward.

compare_torch.py TOKENS VOCABULARY prints one JSON object: per type, the median time in milliseconds and the peak of
memory beyond the logits and their gradient. Runs on the first CUDA device, or on the CPU where there is none.
"""

import json
import statistics
import sys
import time

import torch


def loss_of(logits, ids, behaviour, reference, advantages, weights):
    log_probs = torch.log_softmax(logits.float(), -1).gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    log_ratio = (log_probs - behaviour).clamp(-20, 20)
    ratio = log_ratio.exp()
    loss = torch.maximum(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.28))
    loss = torch.where(advantages < 0, torch.minimum(loss, -advantages * 3), loss)
    distance = (log_probs - reference).clamp(-20, 20)
    return (weights * (loss + 0.01 * (torch.expm1(-distance) + distance))).sum()


def measure(tokens, vocabulary, dtype, device, repetitions):
    generator = torch.Generator(device=device).manual_seed(7)
    logits = torch.randn(tokens, vocabulary, device=device, generator=generator).mul_(3).to(dtype).requires_grad_()
    ids = torch.randint(vocabulary, (tokens,), device=device, generator=generator)
    behaviour = torch.full((tokens,), -15.0, device=device)
    advantages = torch.randn(tokens, device=device, generator=generator)
    weights = torch.full((tokens,), 1.0 / tokens, device=device)
    times, peak = [], 0
    on_gpu = device == "cuda"
    for repetition in range(repetitions + 3):
        logits.grad = None
        if on_gpu:
            torch.cuda.synchronize()
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
        began = time.perf_counter()
        loss_of(logits, ids, behaviour, behaviour, advantages, weights).backward()
        if on_gpu:
            end.record()
            end.synchronize()
            elapsed = start.elapsed_time(end)
            gradient = logits.numel() * logits.element_size()
            peak = max(peak, torch.cuda.max_memory_allocated() - before - gradient)
        else:
            elapsed = (time.perf_counter() - began) * 1e3
        if repetition >= 3:
            times.append(elapsed)
    return {"ms": statistics.median(times), "temporary_bytes": peak}


def main():
    tokens, vocabulary = int(sys.argv[1]), int(sys.argv[2])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    repetitions = 21 if device == "cuda" else 3
    result = {
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "shape": f"{tokens} x {vocabulary}",
        "F32": measure(tokens, vocabulary, torch.float32, device, repetitions),
        "BF16": measure(tokens, vocabulary, torch.bfloat16, device, repetitions),
    }
    print(json.dumps(result))


main()
