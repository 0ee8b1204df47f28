"""Prints results files as tables: a row for each piece of work, a column for each contestant, and how ours compares.

Usage: report.py [OUR.json] PEER.json [--markdown] [--into README.md]
Markdown is what the README carries: scores on one text only, no commands. --into puts it there, between two comments.
Ratios say how many times better ours is: over 1 is faster, or smaller. "same file" compares with llama.cpp on the
shipped Q4_K_M, "best peer" with the best figure in the row; a variant of ours with `avx2` in its name is compared with
the AVX2 wheel only. Where both files have the same work of the same variant, the one from the peers' rounds counts.
"""

import argparse
import json
import statistics
from pathlib import Path

import ours as alone

OURS = "gatehouse"
SAME_FILE = ("llama.cpp", "Q4_K_M")
AVX2_SAME_FILE = ("xllamacpp", "Q4_K_M")
HIGHER_IS_BETTER = {"tokens/s"}
TITLES = {"prefill": "prefill, {tokens} tokens", "score": "{questions} of {tokens} tokens, {sharing}",
          "cold_start": "cold start to first score", "memory": "peak memory after it"}
SHARING = {"shared": "text read once", "full": "text read each time", "batch": "text read each time"}
ORDER = list(TITLES)
MARKDOWN_TEXT = 200
BETWEEN = ("<!-- figures: bench/report.py --into -->", "<!-- end of figures -->")


def rows_of(results: list[dict]) -> dict[tuple, dict[tuple, dict]]:
    """Piece of work -> contestant -> record. Ours stands in both rows of a score: it always reads the text once."""
    found: dict[tuple, dict[tuple, dict]] = {}
    for record in results:
        if record["case"] not in ORDER:
            continue
        who = (record["engine"], record["variant"])
        sharing = [SHARING.get(record.get("method", ""), "")] if record["case"] == "score" else [""]
        if record["case"] == "score" and record["engine"] == OURS:
            sharing = list(dict.fromkeys(SHARING.values()))
        for kind in sharing:
            tokens = record["tokens"] if record["case"] in ("prefill", "score") else 0
            row = (ORDER.index(record["case"]), tokens, kind == "text read each time", record.get("questions", 0), kind)
            found.setdefault(row, {})[who] = record
    return dict(sorted(found.items()))


def ratio(ours: dict, theirs: dict) -> float:
    """How many times better ours is."""
    return ours["value"] / theirs["value"] if ours["unit"] in HIGHER_IS_BETTER else theirs["value"] / ours["value"]


def columns_of(rows: dict[tuple, dict[tuple, dict]]) -> list[tuple]:
    """Contestants in the order in which they first occur, ours first."""
    seen = dict.fromkeys(who for cells in rows.values() for who in cells)
    return sorted(seen, key=lambda who: who[0] != OURS)


def title(row: tuple) -> str:
    """What a row says it is."""
    case, tokens, _, questions, sharing = row
    plural = f"{questions} question{'' if questions == 1 else 's'}"
    return TITLES[ORDER[case]].format(tokens=tokens, questions=plural, sharing=sharing)


def shown(record: dict | None) -> str:
    return f"{record['value']:,.0f}" if record else ""


def wide(rows: dict[tuple, dict[tuple, dict]], columns: list[tuple]) -> list[list[str]]:
    """The table as text, its head first: a column for each contestant."""
    lines = [["", "unit", *(" ".join(who) for who in columns)]]
    for row, cells in rows.items():
        unit = next(iter(cells.values()))["unit"]
        lines.append([title(row), unit, *(shown(cells.get(who)) for who in columns)])
    return lines


def compared(rows: dict[tuple, dict[tuple, dict]], ours: tuple) -> list[list[str]]:
    """Columns of ours, of llama.cpp on the same file and of the best peer, by name; then the two ratios."""
    avx2 = "avx2" in ours[1].lower()
    same_file = AVX2_SAME_FILE if avx2 else SAME_FILE
    lines = [["", "unit", " ".join(ours), " ".join(same_file), "best peer", "its figure", "× same file", "× best peer"]]
    for row, cells in rows.items():
        mine, same = cells.get(ours), cells.get(same_file)
        peers = {who: record for who, record in cells.items()
                 if who[0] != OURS and (not avx2 or who[0] == AVX2_SAME_FILE[0])}
        if not mine or not peers:
            continue
        best = min(peers, key=lambda who: ratio(mine, peers[who]))
        lines.append([title(row), mine["unit"], shown(mine), shown(same), " ".join(best), shown(peers[best]),
                      f"{ratio(mine, same):.2f}" if same else "", f"{ratio(mine, peers[best]):.2f}"])
    return lines


def render(lines: list[list[str]], markdown: bool) -> str:
    """Plain columns, or Markdown; words to the left and figures to the right."""
    if markdown:
        head, *body = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([head, "|---|---|" + "---:|" * (len(lines[0]) - 2), *body])
    widths = [max(map(len, column)) for column in zip(*lines)]
    aligned = [[cell.ljust(width) if index < 2 else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(line, widths))] for line in lines]
    return "\n".join("  ".join(line).rstrip() for line in aligned)


def notes(document: dict, markdown: bool) -> list[str]:
    """Below the table: the machine, the spread, who is missing, and whether the scores agree."""
    machine = document["machine"]
    lines = [f"{machine['cpu']}, {machine['cores']} cores ({' '.join(machine['flags'])}), "
             f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['date']}"]
    if not markdown:
        lines += [f"command: {command}" for command in machine["commands"]]
    lines += engines(document.get("engines", []))
    spreads = [(r["max"] - r["min"]) / 2 / r["value"] for r in document["results"]
               if r.get("count", 0) > 1 and r["value"] > 0 and "min" in r and "max" in r]
    if spreads:
        lines.append(f"medians; half the range is {statistics.median(spreads):.0%} of them in the middle, "
                     f"{max(spreads):.0%} at most")
    return lines + agreement(document.get("scores", []))


def engines(entries: list[dict]) -> list[str]:
    """A line for all variants of a build, without the instruction sets that it lacks; one for each reason to miss."""
    builds: dict[str, list[str]] = {}
    for entry in entries:
        name = f"{entry['engine']} {entry['variant']}"
        if entry.get("missing"):
            builds.setdefault(f"missing: {entry['missing']}", []).append(name)
        elif entry.get("version"):
            build = entry.get("build", "").replace("CPU : ", "").replace(" = 1", "").replace(" |", "")
            builds.setdefault(f"{entry['version']}; {build}", []).append(name)
    return [f"{', '.join(dict.fromkeys(names))}: {said}" for said, names in builds.items()]


def agreement(scores: list[dict]) -> list[str]:
    """The largest difference of any score from ours, or else from llama.cpp's on the shipped file."""
    known = {(s["engine"], s["variant"], s["tokens"], s["method"]): s["values"] for s in scores}
    base = next((key[:2] for key in known if key[0] == OURS), SAME_FILE)
    reference = {key[2]: values for key, values in known.items() if key[:2] == base and key[3] == "shared"}
    gaps: dict[str, float] = {}
    for (engine, variant, tokens, _), values in known.items():
        if (engine, variant) != base and tokens in reference:
            gap = max(abs(a - b) for a, b in zip(values, reference[tokens]))
            gaps[f"{engine} {variant}"] = max(gap, gaps.get(f"{engine} {variant}", 0))
    parts = ", ".join(f"{name} {gap:.3f}" for name, gap in gaps.items())
    return [f"largest difference of a score from {' '.join(base)}: {parts}"] if parts else []


def combine(documents: list[dict]) -> dict:
    """One document of several: a later record of the same work replaces an earlier one."""
    def key(record: dict) -> tuple:
        work = record["case"], record["tokens"], record.get("questions", 0), record.get("method", "")
        return record["engine"], record["variant"], *work

    records = {key(record): record for document in documents for record in document["results"]}
    commands = [c for document in documents for c in document["machine"]["commands"]]
    return {"machine": documents[-1]["machine"] | {"commands": commands},
            "engines": [e for document in documents for e in document.get("engines", [])],
            "results": list(records.values()),
            "scores": [s for document in documents for s in document.get("scores", [])]}


def table(document: dict, markdown: bool = False) -> str:
    """The tables and their notes."""
    rows = rows_of(document["results"])
    columns = columns_of(rows)
    ours = [who for who in columns if who[0] == OURS]
    tables = [] if markdown and ours else [render(wide(rows, columns), markdown)]
    if markdown:
        rows = {row: cells for row, cells in rows.items() if row[0] != ORDER.index("score") or row[1] == MARKDOWN_TEXT}
    for who in ours:
        lines = compared(rows, who)
        tables += [render(lines, markdown)] if len(lines) > 1 else []
    if markdown and (own := alone.lines(document["results"])):
        tables.append(render(own, markdown))
    return "\n\n".join([*tables, "\n".join(("- " if markdown else "") + note for note in notes(document, markdown))])


def put(text: str, path: Path) -> None:
    """Replaces what stands between the two comments that BETWEEN names."""
    before, rest = path.read_text().split(BETWEEN[0])
    _, after = rest.split(BETWEEN[1])
    path.write_text(f"{before}{BETWEEN[0]}\n{text}\n{BETWEEN[1]}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Results files as one table.")
    parser.add_argument("files", type=Path, nargs="+", metavar="RESULTS.json")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--into", type=Path, metavar="README.md")
    options = parser.parse_args()
    document = combine([json.loads(path.read_text()) for path in options.files])
    if options.into:
        put(table(document, markdown=True), options.into)
    else:
        print(table(document, options.markdown))


if __name__ == "__main__":
    main()
