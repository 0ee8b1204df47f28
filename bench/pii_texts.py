"""Labelled texts: from the generator of Presidio's own evaluation package, and from our templates.

A text is a dict of `text`, `spans` (start, end, kind; in characters) and `set`. The same seeds give the same texts.
"""

import contextlib
import io
import re

from pii_templates import HELD_OUT, SEEN
from pii_values import Values

SEEN_LOCALES = ["en_US", "en_GB", "de_DE"]
HELD_OUT_LOCALES = ["en_CA", "en_AU", "en_IN", "fr_FR", "it_IT", "es_ES", "nl_NL"]

# The generator's names of kinds that are compared; it has others, such as PERSON and ORGANIZATION.
GENERATOR_KINDS = {"EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "credit_card", "IBAN_CODE": "iban",
                   "US_SSN": "us_ssn", "IP_ADDRESS": "ip_address"}


def from_generator(seed: int, count: int) -> list[dict]:
    """Texts of presidio-evaluator: its templates, its values."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from presidio_evaluator.data_generator import PresidioSentenceFaker
        from presidio_evaluator.data_generator import presidio_sentence_faker as module

        # The provider of hospitals asks a server on the internet; no template of the generator's uses it.
        providers = [p for p in module.presidio_additional_entity_providers if p.__name__ != "HospitalProvider"]
        # The names it draws from are shuffled before it seeds itself.
        PresidioSentenceFaker.seed(seed)
        # Its templates write a line feed as backslash and n, which its older class replaced and this one doesn't.
        lines = module.presidio_templates_file_path.read_text(encoding="utf-8", errors="replace").splitlines()
        templates = [line.strip().replace("\\n", "\n") for line in lines]
        faker = PresidioSentenceFaker(locale="en_US", lower_case_ratio=0.05, entity_providers=providers, random_seed=seed,
                                      sentence_templates=templates)
        samples = faker.generate_new_fake_sentences(count)
    texts = []
    for sample in samples:
        spans = [{"start": s.start_position, "end": s.end_position, "kind": GENERATOR_KINDS[s.entity_type]}
                 for s in sample.spans if s.entity_type in GENERATOR_KINDS]
        texts.append({"text": sample.full_text, "spans": sorted(spans, key=lambda s: s["start"]), "set": "presidio-evaluator"})
    return texts


def from_templates(seed: int, rounds: int, held_out: bool) -> list[dict]:
    """Texts of our own: each template `rounds` times for each locale."""
    texts = []
    for locale in HELD_OUT_LOCALES if held_out else SEEN_LOCALES:
        values = Values(locale, seed)
        for _ in range(rounds):
            texts += [filled(template, values) for template in (HELD_OUT if held_out else SEEN)]
    return texts


def filled(template: str, values: Values) -> dict:
    text, spans = "", []
    for piece in re.split(r"(\{[a-z0-9_]+\}|\{\{|\}\})", template):
        if piece in ("{{", "}}"):
            text += piece[0]
        elif piece.startswith("{"):
            value, kind = values.value(piece[1:-1])
            if kind:
                spans.append({"start": len(text), "end": len(text) + len(value), "kind": kind})
            text += value
        else:
            text += piece
    return {"text": text, "spans": spans, "set": "templates"}
