"""Writes the tokenizers and the masks that AssistantMaskTest compares with.

    pip install transformers jinja2    # 5.18 made the files here
    python make_masks.py

The templates are small ones in the style of ChatML, Llama 3 and others that mark what the assistant
generates; the masks are those of apply_chat_template(.., return_assistant_tokens_mask=True).
"""

import copy
import json
import pathlib

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
SPECIAL = ["<|end|>", "<|start|>", "<|head|>", "<|eot|>"]
TEXT = ["the cat sat on the mat. the assistant and the user and the tool said: hello there, hello"] * 4


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=[AddedToken(text, special=True) for text in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def word_level():
    words = "[unk] user assistant tool system hello there the cat sat . system: user: tool: assistant:".split()
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[unk]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in SPECIAL])
    return tokenizer


def saved(name, tokenizer):
    path = HERE / name
    tokenizer.save(str(path))
    return path


def trimmed(path):
    """The same with Llama 3's setting, by which white space has no place."""
    changed = json.loads(path.read_text())
    changed["post_processor"]["trim_offsets"] = True
    return Tokenizer.from_str(json.dumps(changed))


TEMPLATES = {
    "chatml": (
        "{% for m in messages %}<|start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}"
        "{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}\n{% endfor %}"
        "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
    ),
    "chatml over lines": """\
{%- for message in messages %}
    {%- if message['role'] == 'assistant' %}
        {{- '<|start|>assistant\\n' }}
        {% generation %}
        {{- message['content'] }}
        {%- for call in message.tool_calls or [] %}
            {{- '\\n<call>' ~ (call.function | tojson) ~ '</call>' }}
        {%- endfor %}
        {{- '<|end|>\\n' }}
        {% endgeneration %}
    {%- else %}
        {{- '<|start|>' + message['role'] + '\\n' + message['content'] + '<|end|>\\n' }}
    {%- endif %}
{%- endfor %}
""",
    "headers": (
        "{% if tools %}{{ tools | tojson(indent=2) }}\n\n{% endif %}{% for m in messages %}"
        "{{ '<|head|>' + m.role + '<|head|>\n\n' }}{% if m.role == 'assistant' %}{%- generation -%}"
        " {{- m.content | trim + '<|eot|>' -}} {%- endgeneration -%}{% else %}"
        "{{ m.content | trim + '<|eot|>' }}{% endif %}{% endfor %}"
    ),
    "role and all": (
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}<|start|>assistant\n"
        "{{ m.content }}<|end|>\n{% endgeneration %}{% else %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n"
        "{% endif %}{% endfor %}"
    ),
    "content alone": (
        "{% for m in messages %}<|start|>{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}"
        "{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}"
    ),
    "with the space before": (
        "{% for m in messages %}<|start|>{{ m.role }}:{% if m.role == 'assistant' %}{% generation %}"
        " {{ m.content }}<|end|>{% endgeneration %}{% else %} {{ m.content }}<|end|>{% endif %}{% endfor %}"
    ),
    "names of its own": (
        "{% set said = 'hello' %}{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}"
        "{% generation %}{% set said = m.content %}{{ said }} {% for c in ['.', 'the'] %}{{ c }} {% endfor %}"
        "{% endgeneration %}{{ said }}{% else %}{{ m.content }}{% endif %} {% endfor %}"
    ),
}

SHORT = [
    {"role": "user", "content": "the cat"},
    {"role": "assistant", "content": "hello there"},
]
LONG = [
    {"role": "system", "content": "the assistant said hello"},
    {"role": "user", "content": "  caf\u00e9 \U0001f642\n"},
    {"role": "assistant", "content": "\nsat \U0001f642\u00e9"},
    {"role": "user", "content": ""},
    {"role": "assistant", "content": ""},
    {"role": "user", "content": "hello, hello"},
    {"role": "assistant", "content": "on the mat.\n\n"},
]
TOOLS = [
    {"role": "user", "content": "read it"},
    {
        "role": "assistant",
        "content": "the tool",
        "tool_calls": [{"type": "function", "function": {"name": "read", "arguments": {"path": "caf\u00e9"}}}],
    },
    {"role": "tool", "content": "said: hello"},
    {"role": "assistant", "content": "hello"},
]
READ = {
    "type": "function",
    "function": {"name": "read", "description": "Reads.", "parameters": {"type": "object", "properties": {}}},
}


def main():
    bytes_file = saved("bytes.json", byte_level())
    words_file = saved("words.json", word_level())
    tokenizers = {
        "bytes": Tokenizer.from_file(str(bytes_file)),
        "trimmed": trimmed(bytes_file),
        "words": Tokenizer.from_file(str(words_file)),
    }
    cases = []
    for kind, tokenizer in tokenizers.items():
        for name, template in TEMPLATES.items():
            for chat, tools in ((SHORT, None), (LONG, None), (TOOLS, [READ])):
                if kind == "words" and chat is not SHORT:
                    continue
                speaker = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>")
                out = speaker.apply_chat_template(
                    copy.deepcopy(chat),
                    tools=tools,
                    chat_template=template,
                    tokenize=True,
                    return_dict=True,
                    return_assistant_tokens_mask=True,
                )
                cases.append(
                    {
                        "tokenizer": kind,
                        "template": name,
                        "messages": chat,
                        "tools": tools,
                        "ids": " ".join(map(str, out["input_ids"])),
                        "mask": "".join(map(str, out["assistant_masks"])),
                    }
                )
    result = {"templates": TEMPLATES, "cases": cases}
    (HERE / "masks.json").write_text(json.dumps(result, indent=1) + "\n")
    print(len(cases), "cases")


main()
