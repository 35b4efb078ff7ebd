"""Trains the small GPT of small-gpt.mjs (or one recurrent layer, or multiplies matrices) with PyTorch on the CPU.

It prints one JSON line. It shares no code with the JavaScript peers: names, initial values and FLOP counts are the
same rules written in Python.
"""

import argparse
import json
import math
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

ADAMW = dict(lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
WEIGHT_DECAY, MAX_NORM = 0.1, 1.0


def read_options():
    parser = argparse.ArgumentParser()
    for name, value in dict(vocabulary=4096, width=256, layers=4, heads=4, batch=8, block=256).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name, value in {"warm-up": 2, "steps": 5, "threads": 2, "hidden": 512}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--model", choices=["gpt", "rnn", "gru", "lstm"], default="gpt")
    parser.add_argument("--mode", choices=["best", "eager", "compile"], default="best", help="of the GPT")
    parser.add_argument("--gemm", action="store_true", help="only multiply 1024 x 1024 matrices")
    return parser.parse_args()


def matrix(name, rows, columns, fan_in=None):
    return name, (rows, columns), fan_in or rows


def norm(name, size):
    return [(f"{name}.weight", (size,), "one"), (f"{name}.bias", (size,), "zero")]


def linear(name, rows, columns):
    return [matrix(f"{name}.weight", rows, columns), (f"{name}.bias", (columns,), "zero")]


def parameter_list(o):
    """(name, shape, start) of each parameter, in the order of small-gpt.mjs; weights are [input, output]."""
    blocks = []
    for layer in range(o.layers):
        prefix = f"blocks.{layer}"
        blocks += norm(f"{prefix}.norm1", o.width)
        blocks += linear(f"{prefix}.attention.qkv", o.width, 3 * o.width)
        blocks += linear(f"{prefix}.attention.output", o.width, o.width)
        blocks += norm(f"{prefix}.norm2", o.width)
        blocks += linear(f"{prefix}.feedForward.up", o.width, 4 * o.width)
        blocks += linear(f"{prefix}.feedForward.down", 4 * o.width, o.width)
    embeddings = [matrix("tokens", o.vocabulary, o.width, o.width), matrix("positions", o.block, o.width, o.width)]
    return embeddings + blocks + norm("norm", o.width) + [matrix("head", o.width, o.vocabulary)]


def hash32(values):
    """The finalizer of MurmurHash3 on uint32 arrays."""
    h = values.astype(np.uint32)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def initial_values(shape, start, index):
    """float32 of `shape`: ones, zeros, or hash-based uniform in +-1/sqrt(fan in)."""
    if start in ("one", "zero"):
        return np.full(shape, 1 if start == "one" else 0, np.float32)
    stream = np.uint32((index + 1) * 0x9E3779B9 % 2**32)
    h = hash32(np.arange(math.prod(shape), dtype=np.uint32) + stream)
    return (((h >> np.uint32(8)) / 2**23 - 1) * (1 / math.sqrt(start))).astype(np.float32).reshape(shape)


def token_batch(o):
    """Inputs and targets, int64 [batch, block] each."""
    text = hash32(np.arange(o.batch * (o.block + 1), dtype=np.uint32)) % np.uint32(o.vocabulary)
    text = torch.from_numpy(text.astype(np.int64).reshape(o.batch, o.block + 1))
    return text[:, :-1].contiguous(), text[:, 1:].contiguous()


def step_flops(o):
    counted = [math.prod(shape) for name, shape, _ in parameter_list(o) if name not in ("tokens", "positions")]
    return 6 * sum(counted) * o.batch * o.block + 12 * o.layers * o.batch * o.block**2 * o.width


def make_parameters(o):
    """Dictionary by name; a linear layer's weight is turned to PyTorch's [output, input]."""
    parameters = {}
    for index, (name, shape, start) in enumerate(parameter_list(o)):
        values = torch.from_numpy(initial_values(shape, start, index))
        turned = len(shape) == 2 and name not in ("tokens", "positions")
        parameters[name] = (values.T.contiguous() if turned else values).requires_grad_()
    return parameters


def gpt_loss(p, o, inputs, targets):
    """Mean cross-entropy in nats."""
    x = p["tokens"][inputs] + p["positions"]
    for layer in range(o.layers):
        pair = lambda name: (p[f"blocks.{layer}.{name}.weight"], p[f"blocks.{layer}.{name}.bias"])
        heads = F.linear(F.layer_norm(x, (o.width,), *pair("norm1")), *pair("attention.qkv"))
        heads = heads.view(o.batch, o.block, 3, o.heads, o.width // o.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2)
        x = x + F.linear(mixed.reshape(o.batch, o.block, o.width), *pair("attention.output"))
        up = F.gelu(F.linear(F.layer_norm(x, (o.width,), *pair("norm2")), *pair("feedForward.up")))
        x = x + F.linear(up, *pair("feedForward.down"))
    logits = F.linear(F.layer_norm(x, (o.width,), p["norm.weight"], p["norm.bias"]), p["head"])
    return F.cross_entropy(logits.view(-1, o.vocabulary), targets.view(-1))


def train(o, step):
    """Losses before each update; median and least milliseconds of a step after warm-up."""
    losses, times = [], []
    for i in range(o.warm_up + o.steps):
        start = time.perf_counter()
        losses.append(step())
        if i >= o.warm_up:
            times.append((time.perf_counter() - start) * 1000)
    return losses, statistics.median(times), min(times)


def gemm_gflops():
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * 1024**3 / statistics.median(times[5:]) / 1e9


def train_gpt(o, compiled):
    parameters = make_parameters(o)
    groups = [
        dict(params=[p for p in parameters.values() if p.ndim > 1], weight_decay=WEIGHT_DECAY),
        dict(params=[p for p in parameters.values() if p.ndim == 1], weight_decay=0.0),
    ]
    optimizer = torch.optim.AdamW(groups, fused=True, **ADAMW)
    inputs, targets = token_batch(o)
    loss_of = torch.compile(gpt_loss) if compiled else gpt_loss

    def step():
        loss = loss_of(parameters, o, inputs, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM)
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    return train(o, step)


def report_gpt(o):
    runs = {}
    for mode in ["eager", "compile"] if o.mode == "best" else [o.mode]:
        try:
            runs[mode] = train_gpt(o, mode == "compile")
        except Exception as error:  # torch.compile needs a C++ compiler; eager is then the answer
            if mode != "compile" or o.mode == "compile":
                raise
            print(f"torch.compile does not work here: {error}", file=sys.stderr)
    mode = min(runs, key=lambda name: runs[name][1])
    losses, ms, fastest = runs[mode]
    sizes = {name: getattr(o, name) for name in ("vocabulary", "width", "layers", "heads", "batch", "block")}
    parameters = sum(math.prod(shape) for _, shape, _ in parameter_list(o))
    return dict(
        peer=f"PyTorch {mode}",
        model=dict(sizes, parameters=parameters),
        tokensPerSecond=round(o.batch * o.block * 1000 / ms, 1),
        msPerStep=round(ms, 1),
        fastestMs=round(fastest, 1),
        msPerStepOf={name: round(run[1], 1) for name, run in runs.items()},
        gflops=round(step_flops(o) / ms / 1e6, 2),
        loss=[losses[0], losses[-1]],
        losses=losses,
    )


def report_recurrent(o):
    """One layer, batch 32, 128 steps: loss = mean of squared outputs, gradients of weights and inputs, SGD."""
    batch, length, learning_rate = 32, 128, 0.1
    layer = dict(rnn=torch.nn.RNN, gru=torch.nn.GRU, lstm=torch.nn.LSTM)[o.model](o.hidden, o.hidden)
    inputs = torch.randn(length, batch, o.hidden, requires_grad=True)
    optimizer = torch.optim.SGD(layer.parameters(), lr=learning_rate)

    def step():
        inputs.grad = None
        loss = layer(inputs)[0].square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss.item()

    losses, ms, fastest = train(o, step)
    gates = dict(rnn=1, gru=3, lstm=4)[o.model]
    flops = 3 * 2 * batch * length * 2 * gates * o.hidden**2  # forward once, backward twice
    return dict(
        peer="PyTorch eager",
        model=dict(kind=o.model, hidden=o.hidden, input=o.hidden, batch=batch, steps=length),
        tokensPerSecond=round(batch * length * 1000 / ms, 1),
        msPerStep=round(ms, 1),
        fastestMs=round(fastest, 1),
        gflops=round(flops / ms / 1e6, 2),
        loss=[losses[0], losses[-1]],
        losses=losses,
    )


def main():
    o = read_options()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    line = dict(peer="PyTorch")
    if not o.gemm:
        line = report_gpt(o) if o.model == "gpt" else report_recurrent(o)
    line.update(version=torch.__version__, threads=o.threads, gemmGflops=round(gemm_gflops(), 2))
    print(json.dumps(line))


main()
