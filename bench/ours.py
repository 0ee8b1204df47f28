"""What gatehouse-bench measured of ours alone, in few lines: for the README."""

LENGTHS = (50, 200, 800)
PREFILL = (64, 256, 512)


def lines(results: list[dict]) -> list[list[str]]:
    """Rows of what was done and what came of it, under a head; nothing where ours wasn't measured alone."""
    figures = {(r["case"], r["tokens"], r.get("questions", 0), r.get("method", "")): r["value"] for r in results
               if r["engine"] == "gatehouse"}
    if not any(key[0] == "judge" for key in figures):
        return []
    rows = [["Gatehouse alone", "figures"]]

    def row(title: str, template: str, *keys: tuple) -> None:
        if all(key in figures for key in keys):
            rows.append([title, template.format(*(figures[key] for key in keys))])

    row(f"prefill of {' / '.join(map(str, PREFILL))} tokens, share of the processor's 8-bit peak",
        "{:.0%} / {:.0%} / {:.0%}", *(("prefill_of_peak", tokens, 0, "") for tokens in PREFILL))
    for tokens in LENGTHS:
        row(f"text of {tokens} tokens by 1 / 4 / 8 principles; 8 behind the screening question, harmless text",
            "{:.0f} / {:.0f} / {:.0f}; {:.0f} ms", *(("judge", tokens, count, "") for count in (1, 4, 8)),
            ("judge", tokens, 8, "screen first"))
    for clients in (1, 4, 16, 64):
        names = ("throughput", "latency", "p99", "resident")
        row(f"{clients} client{'' if clients == 1 else 's'}, texts of 60 tokens, default policy",
            "{:.0f} texts/s, p50 {:,.0f} ms, p99 {:,.0f} ms, {:.0f} MiB resident",
            *((f"clients_{clients}", 60, 0, name) for name in names))
    row("15 clients, texts of 60 tokens: alone; beside one client with texts of 3,000",
        "p99 {:,.0f}; {:,.0f} ms", ("mixed_p99", 60, 0, "alone"), ("mixed_p99", 60, 0, "beside one of 3000"))
    for case, title in (("conversation", "each of ten turns, conversation sent whole"),
                        ("growing", "each of ten steps of a text that grows by 20 tokens")):
        ratios = [value for key, value in figures.items() if key[0] == case + "_ratio"]
        if ratios:
            rows.append([f"{title}, against what is new judged alone", f"{min(ratios):.2f} to {max(ratios):.2f} times"])
    return rows
