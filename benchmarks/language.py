"""Language models: perplexity on real quatrains, a bit over a lag, and what the packaged loop costs.

    python benchmarks/language.py [tang] [gpt] [lag] [loop] [--seconds 90] [--long 240] [--seeds 3]

tang: n-grams (add-k, Kneser–Ney), RNN, LSTM and GRU on one split of 全唐诗 (needs AIGC_DATA_MIRROR or a network).
gpt:  a GPT against the LSTM of that table, taking turns, with few CPU seconds and with more (needs the same).
lag:  how far RNN, GRU and LSTM carry a bit, three seeds.
loop: CPU time of our loop and data set against a loop written by hand with torch's own modules, interleaved.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch
import torch.nn.functional as F
from race import Racer, race
from report import middle, write
from torch import nn

from aigc_course.compute import Compute
from aigc_course.data.text.tang import tang, tang_split
from aigc_course.data.text.verse import check_verse, verse
from aigc_course.data.text.vocabulary import PAD, Vocabulary
from aigc_course.metrics.text.language import bits_per_character, longest_copy, perplexity
from aigc_course.models.text import gpt
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.models.text.ngram import AddK, KneserNey
from aigc_course.models.text.rnn import LanguageModelConfig, nats
from aigc_course.recipes.text import gpt as gpt_recipe
from aigc_course.recipes.text import language_model as recipe
from aigc_course.recipes.text.gpt import GPTRecipe
from aigc_course.recipes.text.language_model import BitOverLag, LanguageModelRecipe, build, build_recall, recalled
from aigc_course.schedules import one_cycle
from aigc_course.train import train

MINUTES = 30
TABLES = {
    "language_tang":
        "perplexity: LSTM {perplexity per token @ LSTM}, 5-gram {perplexity per token @ 5-gram, Kneser–Ney}",
    "language_gpt":
        "test perplexity after 90 s, seed 0: GPT {perplexity, test @ 90 s, GPT, dropout 0, 0}, LSTM {perplexity, "
        "test @ 90 s, LSTM, 0}",
    "language_lag": "lag 100: LSTM {lag 100 @ LSTM, forget bias 1}, chrono {lag 100 @ LSTM, chrono up to the lag}",
    "language_loop":
        "our time over that by hand: {time, ours over by hand @ LSTM 64-160} and {time, ours over by hand @ LSTM "
        "128-256}",
}
SAMPLES = 100


def lstm(vocab: int, seed: int = 0) -> LanguageModelRecipe:
    return LanguageModelRecipe(LanguageModelConfig(vocab, embed=128, width=256, tied=True, dropout=0.15), seed=seed)


def racer_of(config: LanguageModelRecipe | GPTRecipe, documents: list, seconds: float) -> Racer:
    """A recipe in a race: its one cycle takes CPU seconds instead of rounds."""
    kind = gpt_recipe if isinstance(config, GPTRecipe) else recipe
    return Racer(kind.build(config, Compute(dtype=torch.bfloat16)), kind.batches(config, documents), seconds,
                 lambda share: one_cycle(share, 1, config.lr))


def shape(texts: list[str], corpus: str) -> list[str]:
    """Samples: four lines of one length, punctuation, mean and largest length of the longest copied n-gram."""
    reports = [check_verse(text) for text in texts]
    copies = [len(longest_copy(text, corpus)) for text in texts]
    share = [sum(right) / len(texts) for right in zip(*[(bool(r.lines and r.length), bool(r.punctuation))
                                                        for r in reports], strict=True)]
    return [*[f"{part:.2f}" for part in share], f"{sum(copies) / len(copies):.1f}; {max(copies)}"]


def quatrains(seconds: float, long: float) -> None:
    known, chosen, unseen = tang_split(tang())
    vocabulary = Vocabulary.of(known, at_least=2)
    train_ids, test_ids = ([vocabulary.encode(poem) for poem in part] for part in (known, unseen))
    corpus, characters = "\n\n".join(known), sum(map(len, unseen))
    tokens = sum(len(ids) + 1 for ids in test_ids)
    signs = {*vocabulary.encode("，。\n")}
    print(f"{len(known)} + {len(chosen)} + {len(unseen)} poems, {len(vocabulary)} tokens", flush=True)
    rows = []

    def add(name: str, budget: str, total: float, texts: list[str]) -> None:
        rows.append([name, budget, f"{perplexity(total, tokens):.1f}", f"{bits_per_character(total, characters):.3f}",
                     *shape(texts, corpus)])
        print(rows[-1], flush=True)

    chosen_ids = [vocabulary.encode(poem) for poem in chosen]
    for order, model in [*[(n, AddK(len(vocabulary))) for n in range(1, 6)],
                         *[(n, KneserNey(len(vocabulary))) for n in range(2, 6)]]:
        begun = time.process_time()
        model.fit(train_ids, order)
        spent, name = time.process_time() - begun, "Kneser–Ney"
        if isinstance(model, AddK):
            losses = {}
            for model.k in (1.0, 0.1, 0.01, 0.001, 0.0001):
                losses[sum(map(model.nats, chosen_ids))] = model.k
            model.k = losses[min(losses)]
            name = f"add-{model.k:g}"
        torch.manual_seed(0)
        texts = [vocabulary.decode(model.sample(longest=40)) for _ in range(SAMPLES)]
        add(f"{order}-gram, {name}", f"{spent:.0f} s (counted once)", sum(map(model.nats, test_ids)), texts)

    base = lstm(len(vocabulary))
    racers = {kind: racer_of(replace(base, net=replace(base.net, kind=kind)), train_ids, seconds)
              for kind in ("rnn", "gru", "lstm")}
    race(list(racers.values()))
    if long:
        racers["lstm, longer"] = racer_of(base, train_ids, long)
        racers["lstm, longer"].advance(long)
    for kind, racer in racers.items():
        net = racer.run.nets["lm"]
        total = nats(net, test_ids)
        add(kind.upper() if kind in ("rnn", "gru", "lstm") else "LSTM, longer",
            f"{racer.spent:.0f} s, {racer.run.step} rounds", total.sum().item(),
            recipe.write(net, vocabulary, SAMPLES))
    unknown = sum(ids.count(3) for ids in test_ids) / tokens
    write("language_tang", "Language models on the quatrains of 全唐诗, one split",
          ["model", "CPU budget", "perplexity per token", "bits per character", "samples: 4 even lines",
           "samples: punctuation", "longest copy, mean; largest"], rows,
          f"{len(known):,} poems to train, {len(unseen):,} to test (poems that share a line stay on one side); "
          f"traditional characters; {len(vocabulary):,} tokens, each of which occurs twice in training; {unknown:.1%} "
          f"of the test tokens are unknown, {sum(t in signs for ids in test_ids for t in ids) / tokens:.0%} are signs "
          "and line ends. EOS is predicted; bits per character divide by all characters of the poems, signs and line "
          "ends too. Nets: embedding 128, tied, one layer of 256, dropout 0.15, AdamW with one cycle up to 0.005, "
          "batches of 450 tokens, bfloat16 autocast, seed 0; the three take turns. k of add-k was chosen on "
          f"{len(chosen)} further poems. {SAMPLES} samples of each model at temperature 1; the longest copy is in "
          "characters, against the training poems.")


def against_gpt(seconds: float, long: float, seeds: int) -> None:
    known, chosen, unseen = tang_split(tang())
    vocabulary = Vocabulary.of(known, at_least=2)
    train_ids, chosen_ids, test_ids = ([vocabulary.encode(poem) for poem in part] for part in (known, chosen, unseen))
    corpus, characters, rows = "\n\n".join(known), sum(map(len, unseen)), []
    targets = sum(len(ids) + 1 for ids in train_ids)
    epoch = len(recipe.batches(lstm(len(vocabulary)), train_ids))              # rounds; both have the same batches

    def per_token(net: nn.Module, documents: list) -> tuple[float, float]:
        """Perplexity, and nats in all."""
        total = (gpt.nats if isinstance(net, gpt.GPT) else nats)(net, documents).sum().item()
        return perplexity(total, sum(len(ids) + 1 for ids in documents)), total

    for budget, seed in [*((seconds, seed) for seed in range(seeds)), (long, 0)]:
        configs = {"LSTM": lstm(len(vocabulary), seed)}
        for dropout in (0.0, 0.1) if budget == long else (0.0,):
            net = GPTConfig(len(vocabulary), context=48, width=128, layers=2, heads=4, dropout=dropout)
            configs[f"GPT, dropout {dropout:g}"] = GPTRecipe(net, tokens=450, lr=3e-3, seed=seed)
        racers = {name: racer_of(config, train_ids, budget) for name, config in configs.items()}
        race(list(racers.values()))
        for name, racer in racers.items():
            (net,) = racer.run.nets.values()
            epochs = racer.run.step / epoch
            (seen, _), (found, total) = per_token(net, chosen_ids), per_token(net, test_ids)
            write_some = gpt_recipe.write if isinstance(net, gpt.GPT) else recipe.write
            rows.append([f"{budget:.0f} s", name, seed, f"{sum(p.numel() for p in net.parameters()):,}",
                         racer.run.step, f"{epochs * targets / racer.spent:,.0f}", f"{epochs:.1f}", f"{seen:.1f}",
                         f"{found:.1f}", f"{bits_per_character(total, characters):.3f}",
                         *shape(write_some(net, vocabulary, SAMPLES), corpus)])
            print(rows[-1], flush=True)
    write("language_gpt", "A GPT against an LSTM on the quatrains of 全唐诗, at equal CPU seconds",
          ["CPU budget", "model", "seed", "parameters", "rounds", "tokens per CPU second", "epochs",
           "perplexity, validation", "perplexity, test", "bits per character, test", "samples: 4 even lines",
           "samples: punctuation", "longest copy, mean; largest"], rows,
          f"The split, tokens, LSTM and evaluation of language_tang.md: {len(known):,} poems to train, {len(unseen):,} "
          f"to test, {len(vocabulary):,} tokens; batches of 450 tokens, AdamW with one cycle, bfloat16 autocast. GPT: "
          "2 layers, 128 wide, 4 heads, learned positions, learning rate 0.003, weight decay 0.1; settings were "
          f"chosen on the {len(chosen)} validation poems. The models of one budget and seed take turns on one core, so "
          "they meet the same load; compare within a budget and seed only, for the rounds that a budget buys depend "
          f"on that load. {SAMPLES} samples at temperature 1.")


def lag(seeds=range(3), seconds: float = 3.0) -> None:
    cases = {"RNN (tanh)": ("rnn", 0), "GRU": ("gru", 0), "LSTM, forget bias 1": ("lstm", 0),
             "LSTM, chrono up to the lag": ("lstm", 1)}
    rows = []
    for name, (kind, chrono) in cases.items():
        cells = []
        for steps in (5, 20, 50, 100):
            shares, rounds = [], []
            for seed in seeds:
                run, spent, begun = build_recall(kind, steps if chrono else 0, seed=seed), 0.0, time.process_time()
                for log in train(run, BitOverLag(steps, seed=seed), 10**6):
                    spent = time.process_time() - begun
                    if log["step"] % 25 == 0 and (spent > seconds or recalled(run.nets["lm"], steps) == 1):
                        break
                shares.append(recalled(run.nets["lm"], steps))
                rounds.append(run.step)
            right = ", ".join(f"{share:.2f}" for share in sorted(shares))
            cells.append(f"{right} ({min(rounds)}–{max(rounds)} rounds)")
            print(name, steps, cells[-1], flush=True)
        rows.append([name, *cells])
    write("language_lag", f"A bit over a lag: share of 500 fresh bits that is right, {len(seeds)} seeds",
          ["net", "lag 5", "lag 20", "lag 50", "lag 100"], rows,
          f"A bit, then blanks, then a question; 24 units, Adam 0.003, clipping at 1, batches of 16; a run ends when "
          f"all 500 are right or after {seconds:.0f} CPU seconds; 0.5 is guessing. Chrono initialisation: forget "
          "biases log U(1, lag − 1), input biases their opposite, so that a memory fades over about the lag. With a "
          "forget bias of 1 a memory keeps sigmoid(1) = 0.73 of itself per step, 0.73¹⁰⁰ ≈ 10⁻¹⁴.")


class ByHand(nn.Module):
    """What one writes with torch's own modules."""

    def __init__(self, vocab: int, embed: int, width: int):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embed)
        self.lstm = nn.LSTM(embed, width, batch_first=True)
        self.project, self.head = nn.Linear(width, embed), nn.Linear(embed, vocab)

    def forward(self, tokens):
        return self.head(self.project(self.lstm(self.embedding(tokens))[0]))


def by_hand(net: nn.Module, opt, batches, steps: range) -> None:
    for step in steps:
        (tokens,) = batches[step]
        logits = net(tokens[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()


def loop(runs: int = 15, steps: int = 60, chunk: int = 5) -> None:
    poems = verse(2000, seed=1, length=5)
    vocabulary = Vocabulary.of(poems)
    documents, rows = [vocabulary.encode(poem) for poem in poems], []
    for embed, width in ((64, 160), (128, 256)):
        config = LanguageModelRecipe(LanguageModelConfig(len(vocabulary), embed=embed, width=width))
        data, pairs = recipe.batches(config, documents), []
        for _ in range(runs):
            run, net = build(config), ByHand(len(vocabulary), embed, width)
            run.learners["lm"].lr = None
            opt = torch.optim.AdamW(net.parameters(), config.lr, betas=(0.9, 0.99), weight_decay=config.decay)
            spent = [0.0, 0.0]
            for start in range(0, steps + chunk, chunk):
                for which in (0, 1) if start % (2 * chunk) else (1, 0):
                    begun = time.process_time()
                    if which:
                        by_hand(net, opt, data, range(start, start + chunk))
                    else:
                        for _ in train(run, data, start + chunk):
                            pass
                    if start:                                      # the first steps make buffers
                        spent[which] += time.process_time() - begun
            pairs.append(spent)
        ours, hand = zip(*pairs, strict=True)
        many = sum(int((data[step][0][:, 1:] != PAD).sum()) for step in range(chunk, steps + chunk))
        speed = [middle([many / seconds for seconds in times], 0) for times in (ours, hand)]
        rows.append([f"LSTM {embed}-{width}", *speed, middle([a / b for a, b in pairs], 3), "≤ 1.05",
                     f"{data.waste:.1%}"])
    write("language_loop", "Training an LSTM language model: our loop against one by hand with torch's modules",
          ["net", "ours, tokens per CPU second", "by hand, tokens per CPU second", "time, ours over by hand", "bar",
           "padding"], rows, f"Medians (and ranges) of {runs} pairs, {steps} steps each, in turns of {chunk}; float32, "
          f"batches of 450 tokens, {len(vocabulary)} tokens, clipping, AdamW on both sides.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["tang", "gpt", "lag", "loop"])
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--long", type=float, default=240)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if "tang" in options.what:
        quatrains(options.seconds, options.long)
    if "gpt" in options.what:
        against_gpt(options.seconds, options.long, options.seeds)
    if "lag" in options.what:
        lag()
    if "loop" in options.what:
        loop()


if __name__ == "__main__":
    main()
