"""How well findings fit labels, and the tables of it.

A finding is right if it has a label's kind and covers at least half of what label and finding cover together ("overlap"), or
the very same characters ("exact"). A label counts once.
"""

from collections import Counter

# Kinds that both sides name. Presidio's DATE_TIME is any date and its LOCATION any place, so these stand apart.
COMPARED = ("email", "phone", "credit_card", "iban", "us_ssn", "ip_address", "mac_address", "uk_nino", "passport")
APART = ("date_of_birth", "street_address", "medical_record")


def overlap(a: dict, b: dict) -> float:
    shared = min(a["end"], b["end"]) - max(a["start"], b["start"])
    return max(shared, 0) / (max(a["end"], b["end"]) - min(a["start"], b["start"]))


def matched(labels: list[dict], findings: list[dict], least: float) -> tuple[list[dict], list[dict]]:
    """Labels that nothing found, and findings that no label has."""
    missed, wrong = [], list(findings)
    for label in labels:
        best = max(wrong, key=lambda finding: overlap(label, finding), default=None)
        if best is not None and overlap(label, best) >= least:
            wrong.remove(best)
        else:
            missed.append(label)
    return missed, wrong


def counts(texts: list[dict], found: list[list[dict]], threshold: float = 0) -> dict[str, Counter]:
    """For each kind: labels, findings, and how many of them are right by overlap and exactly."""
    table = {kind: Counter() for kind in COMPARED + APART}
    for text, findings in zip(texts, found):
        for kind in {item["kind"] for item in text["spans"] + findings} & set(table):
            labels = [span for span in text["spans"] if span["kind"] == kind]
            mine = [f for f in findings if f["kind"] == kind and f.get("score", 1) >= threshold]
            missed, _ = matched(labels, mine, 0.5)
            missed_exactly, _ = matched(labels, mine, 1)
            table[kind].update(labels=len(labels), findings=len(mine), right=len(labels) - len(missed),
                               exact=len(labels) - len(missed_exactly))
    return table


def total(table: dict[str, Counter]) -> Counter:
    """Over the compared kinds that the texts have labels of."""
    return sum((row for kind, row in table.items() if kind in COMPARED and row["labels"]), Counter())


def figures(row: Counter) -> dict:
    """Precision, recall and F1 by overlap, and exactly; None where there is nothing to divide by."""
    def rates(right: int) -> dict:
        precision = right / row["findings"] if row["findings"] else None
        recall = right / row["labels"] if row["labels"] else None
        return {"precision": precision, "recall": recall, "f1": 2 * right / max(row["findings"] + row["labels"], 1)}

    return {"labels": row["labels"], "findings": row["findings"], "overlap": rates(row["right"]), "exact": rates(row["exact"])}


def best_threshold(texts: list[dict], found: list[list[dict]]) -> float:
    """The score from which on findings count that gives the best total F1 on these very texts."""
    scores = sorted({round(f["score"], 3) for findings in found for f in findings})
    return max(scores, key=lambda score: figures(total(counts(texts, found, score)))["overlap"]["f1"], default=0)


def markdown(title: str, columns: dict[str, dict[str, Counter]]) -> str:
    """A table of the kinds that the texts have labels of: precision, recall and F1 by overlap, then F1 of exact places."""
    first = next(iter(columns.values()))
    kinds = [kind for kind in COMPARED if first[kind]["labels"]]
    rows = [(kind, first[kind]["labels"], [table[kind] for table in columns.values()]) for kind in kinds]
    rows.append(("**all**", total(first)["labels"], [total(table) for table in columns.values()]))
    rows += [(f"({kind})", first[kind]["labels"], [table[kind] for table in columns.values()])
             for kind in APART if first[kind]["labels"]]
    lines = [f"| {title} | labels | " + " | ".join(f"{name} | exact" for name in columns) + " |",
             "|---|---:|" + "---|---:|" * len(columns)]
    for name, labels, cells in rows:
        lines.append(f"| {name} | {labels} | " + " | ".join(cell(row) for row in cells) + " |")
    return "\n".join(lines)


def cell(row: Counter) -> str:
    if not row["findings"]:
        return "none | "
    rates = figures(row)
    return " / ".join(f"{rates['overlap'][name]:.3f}" for name in ("precision", "recall", "f1")) + f" | {rates['exact']['f1']:.3f}"
