#!/usr/bin/env python3
"""Tandem beside transformers and TRL: the same random model, the same machine, the same run, in turns.

    ./tandem bench --list                                        # once: builds what is measured
    python benchmarks-jmh/src/python/against_transformers.py     # about 10 minutes on two cores

Needs torch, transformers and, for the last row, trl (pip install torch transformers trl). Writes
benchmarks-jmh/results/against-transformers-DATE-CORES.json and a table beside it. `--size tiny` only shows that it works.

Both sides work on all cores, never at once, and begin in turns; a ratio is that of two neighbouring measurements. Both sides'
results are compared before anything is counted. What is compared:

- decode: greedy, from prompts of 16 tokens; Tandem gives log-probabilities as well, `generate` does not.
- score: log-probabilities of every token. In bf16, transformers' weights are bf16.
- train: cross-entropy, backward, clipped norm, AdamW (torch's fused one). In bf16, both sides keep fp32 masters: Tandem by
  casting weights, transformers by autocast.
- GRPO: sampling, advantages, clipped loss, backward, AdamW; without a reference model, one update a batch.

transformers runs as installed: eager, scaled_dot_product_attention. Tandem runs on the libtorch it was built with, or on what
PYTORCH_LIBRARY_PATH and its companions name.
"""

import argparse
import contextlib
import datetime
import gc
import glob
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MODULE = pathlib.Path(__file__).resolve().parents[2]
MAIN_CLASS = "dev.tandem.benchmarks.decoder.WorkOnRequest"
LEARNING_RATE = 1e-7  # so small that both sides keep the weights that they began with
MAX_GRADIENT_NORM = 1.0

# A decoder of 31 million parameters, and one that only shows that the script works.
SIZES = {
    "record": dict(
        model=dict(vocab_size=16_384, hidden_size=512, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=2,
                   head_dim=64, intermediate_size=1_536, max_position_embeddings=1_024),
        decode=[1, 16, 64], prompt=16, new_tokens=128, rows=(16, 256), grpo=dict(prompts=8, generations=8, tokens=64)),
    "tiny": dict(
        model=dict(vocab_size=512, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                   head_dim=16, intermediate_size=128, max_position_embeddings=256),
        decode=[1, 4], prompt=8, new_tokens=12, rows=(4, 32), grpo=dict(prompts=2, generations=4, tokens=8)),
}


class Tandem:
    """The process that does Tandem's part when asked."""

    def __init__(self, arguments, checkpoint):
        self.process = subprocess.Popen(
            [arguments.java, "--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector",
             "--sun-misc-unsafe-memory-access=allow", "-Xmx1g", "-XX:+UseSerialGC", "-Dai.djl.offline=true",
             "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", arguments.class_path, MAIN_CLASS, str(checkpoint)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "OPT_OUT_TRACKING": "true"})

    def __call__(self, work, precision, ids, new_tokens=0, generations=0, seed=0):
        request = dict(work=work, precision=precision.upper(), ids=ids, newTokens=new_tokens, generations=generations,
                       learningRate=LEARNING_RATE, seed=seed)
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            sys.exit(f"Tandem's process ended with {self.process.wait()} when asked to {work.lower()} in {precision}; what it "
                     "said is above")
        answer = json.loads(line)
        return answer["seconds"], answer["values"]

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


# Where ./tandem looks for a JDK, after TANDEM_JAVA_HOME and JAVA_HOME.
USUAL_PLACES = ("/usr/lib/jvm/*", "/usr/java/*", "/usr/local/*jdk*", "/opt/*jdk*", "/opt/*java*", "/opt/jvm/*",
                "~/.sdkman/candidates/java/*", "~/.jdks/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home",
                "~/Library/Java/JavaVirtualMachines/*/Contents/Home", "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
                "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home")


def is_jdk(home):
    """Whether a folder is a JDK 25 by its own release file; folder names lie."""
    try:
        release = pathlib.Path(home, "release").read_text()
    except OSError:
        return False
    return os.access(pathlib.Path(home, "bin/java"), os.X_OK) and re.search(r'^JAVA_VERSION="?25([.+"-]|$)', release, re.M)


def java(arguments):
    """The program named, else that of the first JDK 25 found where ./tandem looks."""
    if arguments.java:
        if not shutil.which(arguments.java):
            sys.exit(f"--java {arguments.java} is no program; name the bin/java of a JDK 25, or leave it out")
        return arguments.java
    asked = os.environ.get("TANDEM_JAVA_HOME")
    if asked and not is_jdk(asked):
        sys.exit(f"TANDEM_JAVA_HOME={asked} is not a JDK 25; point it at one or unset it")
    usual = [home for place in USUAL_PLACES for home in sorted(glob.glob(os.path.expanduser(place)))]
    for home in (asked, os.environ.get("JAVA_HOME"), *usual):
        if home and is_jdk(home):
            return os.path.join(home, "bin/java")
    sys.exit("no JDK 25 on this machine; install one (such as Temurin 25) or set TANDEM_JAVA_HOME to its folder")


def class_path(arguments):
    if arguments.class_path:
        return arguments.class_path
    for folder in (MODULE / "target/quick", MODULE / "target"):
        if (folder / "runtime-classpath").exists():
            return f"{folder / 'classes'}{os.pathsep}{(folder / 'runtime-classpath').read_text().strip()}"
    sys.exit("Tandem is not built: run ./tandem bench --list once")


class Transformers:
    """The same work in transformers; every method answers seconds and values, as Tandem's process does."""

    def __init__(self, checkpoint):
        import torch
        import transformers

        self.torch = torch
        self.load = lambda dtype: transformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype=dtype).eval()
        self.single = self.load(torch.float32)
        self.half = self.load(torch.bfloat16)
        self.optimiser = self.adamw(self.single)

    def adamw(self, model):
        return self.torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0, fused=True)

    def timed(self, work):
        gc.collect()
        start = time.perf_counter()
        values = work()
        return time.perf_counter() - start, values.flatten().tolist()

    def decode(self, precision, ids, new_tokens):
        model = self.single if precision == "float32" else self.half
        prompts = self.torch.tensor(ids)

        def work():
            with self.torch.inference_mode():
                out = model.generate(prompts, attention_mask=self.torch.ones_like(prompts), do_sample=False, pad_token_id=0,
                                     max_new_tokens=new_tokens, min_new_tokens=new_tokens)
            return out[:, prompts.shape[1]:]
        return self.timed(work)

    def score(self, precision, ids):
        model = self.single if precision == "float32" else self.half
        rows = self.torch.tensor(ids)

        def work():
            with self.torch.inference_mode():
                logits = model(rows, use_cache=False).logits[:, :-1].float()
                wanted = rows[:, 1:].unsqueeze(-1)
                return logits.gather(-1, wanted).squeeze(-1) - logits.logsumexp(-1)
        return self.timed(work)

    def train(self, precision, ids):
        torch, rows = self.torch, self.torch.tensor(ids)
        autocast = (torch.autocast("cpu", dtype=torch.bfloat16) if precision == "bfloat16" else contextlib.nullcontext())

        def work():
            with autocast:
                loss = self.single(rows, labels=rows, use_cache=False).loss
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(self.single.parameters(), MAX_GRADIENT_NORM)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            return torch.stack([loss.detach().float(), norm])
        self.single.train()
        try:
            return self.timed(work)
        finally:
            self.single.eval()


def paired(rounds, ours, theirs):
    """Seconds of both sides, [rounds] each, after one round that does not count; they begin in turns."""
    pairs = []
    for round_ in range(rounds + 1):
        if round_ % 2:
            (b, theirs_out), (a, ours_out) = theirs(), ours()
        else:
            (a, ours_out), (b, theirs_out) = ours(), theirs()
        if round_ == 0:
            first = ours_out, theirs_out
        else:
            pairs.append((a, b))
    return [a for a, _ in pairs], [b for _, b in pairs], first


def row(name, precision, tokens, ours, theirs, against, check):
    ratios = [b / a for a, b in zip(ours, theirs)]
    result = dict(work=name, precision=precision, tokens=tokens, against=against, tandem_seconds=ours, other_seconds=theirs,
                  tandem_tokens_per_second=tokens / statistics.median(ours),
                  other_tokens_per_second=tokens / statistics.median(theirs),
                  ratio=statistics.median(ratios), least_ratio=min(ratios), most_ratio=max(ratios), check=check)
    print(f"{name} {precision}: {result['tandem_tokens_per_second']:,.0f} against {result['other_tokens_per_second']:,.0f} "
          f"tokens/s, {result['ratio']:.2f} ({result['least_ratio']:.2f} to {result['most_ratio']:.2f}); {check}", flush=True)
    return result


def agree(what, difference, bound):
    if not difference <= bound:
        sys.exit(f"the two sides do not compute the same: {what} differ by {difference:.3g}, at most {bound:g} is rounding")
    return f"{what} within {difference:.2g}"


def furthest(ours, theirs):
    assert len(ours) == len(theirs), f"{len(ours)} values against {len(theirs)}"
    return max(abs(a - b) for a, b in zip(ours, theirs))


def models_rows(size, rounds, tandem, other, random):
    """Everything but GRPO."""
    draw = lambda rows, tokens: [[random.randrange(2, size["model"]["vocab_size"]) for _ in range(tokens)] for _ in range(rows)]
    new = size["new_tokens"]
    rows = []
    for sequences in size["decode"]:
        prompts = draw(sequences, size["prompt"])
        ours, theirs, (a, b) = paired(rounds, lambda: tandem("DECODE", "float32", prompts, new),
                                      lambda: other.decode("float32", prompts, new))
        same = sum(x == y for x, y in zip(a, b)) / len(b)
        # One near-tie that rounding decides changes the rest of a row; first tokens do not hang on others.
        begins = sum(a[i] != b[i] for i in range(0, len(b), new)) / sequences
        agree("first tokens", begins, 0.1)
        rows.append(row(f"decode, {sequences} sequences", "float32", sequences * new, ours, theirs, "transformers",
                        f"{same:.0%} of the tokens are equal"))
    ids = draw(*size["rows"])
    count = size["rows"][0] * size["rows"][1]
    for precision, bound in (("float32", 1e-3), ("bfloat16", 0.5)):
        ours, theirs, (a, b) = paired(rounds, lambda: tandem("SCORE", precision, ids), lambda: other.score(precision, ids))
        rows.append(row("score", precision, count, ours, theirs, "transformers",
                        agree("log-probabilities", furthest(a, b), bound)))
    for precision, bound in (("float32", 1e-3), ("bfloat16", 0.05)):
        ours, theirs, (a, b) = paired(rounds, lambda: tandem("TRAIN", precision, ids), lambda: other.train(precision, ids))
        rows.append(row("train step", precision, count, ours, theirs, "transformers",
                        agree("losses and norms", furthest(a, b), bound)))
    return rows


def grpo_row(size, rounds, tandem, checkpoint, random):
    """A step of TRL's trainer, and before each of its steps one of ours."""
    import datasets
    import tokenizers
    import transformers
    import trl

    grpo, new, vocabulary = size["grpo"], size["new_tokens"], size["model"]["vocab_size"]
    prompts = [[random.randrange(2, vocabulary) for _ in range(grpo["tokens"])] for _ in range(grpo["prompts"])]
    words = {f"w{i}": i for i in range(vocabulary)}
    backend = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="w0"))
    backend.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="w0", eos_token="w1", unk_token="w0")
    completions = grpo["prompts"] * grpo["generations"]
    micro = min(16, completions)
    seconds, ours, theirs, lengths = [0.0], [], [], []

    def reward(completion_ids, **_):
        lengths.extend(len(ids) for ids in completion_ids)
        return [sum(i % 2 == 0 for i in ids) / len(ids) for ids in completion_ids]

    class InTurns(transformers.TrainerCallback):
        def on_step_begin(self, arguments, state, control, **_):
            ours.append(tandem("GRPO", "float32", prompts, new, grpo["generations"], state.global_step)[0])
            seconds[0] = time.perf_counter()

        def on_step_end(self, arguments, state, control, **_):
            theirs.append(time.perf_counter() - seconds[0])

    with tempfile.TemporaryDirectory() as folder:
        config = trl.GRPOConfig(
            output_dir=folder, per_device_train_batch_size=micro, gradient_accumulation_steps=completions // micro,
            num_generations=grpo["generations"], max_completion_length=new, generation_kwargs={"min_new_tokens": new},
            learning_rate=LEARNING_RATE, max_grad_norm=MAX_GRADIENT_NORM, beta=0.0, max_steps=rounds + 1, report_to="none",
            save_strategy="no", logging_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False,
            disable_tqdm=True, optim="adamw_torch_fused", seed=1)
        trainer = trl.GRPOTrainer(
            model=transformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype="float32"), reward_funcs=reward,
            args=config, processing_class=tokenizer, callbacks=[InTurns()],
            train_dataset=datasets.Dataset.from_dict({"prompt": [" ".join(f"w{i}" for i in ids) for ids in prompts]}))
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    wrong = [length for length in lengths if length != new]
    if wrong or len(lengths) != completions * (rounds + 1):
        sys.exit(f"TRL made {len(lengths)} completions, {len(wrong)} of them not of {new} tokens")
    return row(f"GRPO step, {completions} completions", "float32", completions * new, ours[1:], theirs[1:], "TRL",
               f"{len(lengths)} completions of {new} tokens")


def machine():
    cpu = platform.processor()
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
        cpu = found.group(1) if found else cpu
    flags = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    return dict(cpu=cpu, cores=len(os.sched_getaffinity(0)),
                features=[one for one in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {one}" in flags])


def table(record):
    m = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    lines = [f"{m['cpu']}, {m['cores']} cores ({', '.join(m['features'])}), {record['date']}; {versions}; a Qwen3 of "
             f"{record['parameters'] / 1e6:.1f} million random parameters; tokens a second, medians of {record['rounds']} "
             "pairs, and their ratios' median, least and most.", "",
             "| work | precision | Tandem | | ratio |", "| --- | --- | --- | --- | --- |"]
    for one in record["rows"]:
        lines.append(f"| {one['work']} | {one['precision']} | {one['tandem_tokens_per_second']:,.0f} | {one['against']} "
                     f"{one['other_tokens_per_second']:,.0f} | {one['ratio']:.2f} ({one['least_ratio']:.2f} to "
                     f"{one['most_ratio']:.2f}) |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="record")
    parser.add_argument("--rounds", type=int, default=3, help="counted pairs of each work, at least 1; default 3")
    parser.add_argument("--without-trl", action="store_true", help="leave the GRPO step out")
    parser.add_argument("--java", help="the java of a JDK 25; default the one that ./tandem finds")
    parser.add_argument("--class-path", help="Tandem's classes; default what ./tandem bench has built")
    parser.add_argument("--to", type=pathlib.Path, help="the JSON file; its table gets the ending .md")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error(f"--rounds must be at least 1, was {arguments.rounds}")
    arguments.java = java(arguments)
    arguments.class_path = class_path(arguments)

    import random

    import torch
    import transformers
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    torch.manual_seed(1)
    size = SIZES[arguments.size]
    source = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        config = transformers.Qwen3Config(tie_word_embeddings=True, rms_norm_eps=1e-6, bos_token_id=None, eos_token_id=None,
                                          pad_token_id=None, initializer_range=0.05, **size["model"])
        model = transformers.Qwen3ForCausalLM(config)
        parameters = sum(one.numel() for one in model.parameters())
        model.save_pretrained(folder)
        del model
        versions = dict(torch=torch.__version__, transformers=transformers.__version__)
        tandem = Tandem(arguments, folder)
        try:
            rows = models_rows(size, arguments.rounds, tandem, Transformers(folder), source)
            if not arguments.without_trl:
                import trl
                versions["trl"] = trl.__version__
                gc.collect()
                rows.append(grpo_row(size, arguments.rounds, tandem, folder, source))
        finally:
            tandem.close()
    record = dict(date=datetime.date.today().isoformat(), size=arguments.size, machine=machine(), versions=versions,
                  parameters=parameters, rounds=arguments.rounds, rows=rows)
    to = arguments.to or MODULE / "results" / f"against-transformers-{record['date']}-{cores}-cores.json"
    for file, text in ((to, json.dumps(record, indent=1) + "\n"), (to.with_suffix(".md"), table(record))):
        unfinished = file.with_name(file.name + ".unfinished")
        unfinished.write_text(text)
        unfinished.replace(file)
    print(table(record))


if __name__ == "__main__":
    main()
