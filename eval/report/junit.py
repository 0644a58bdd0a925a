"""A run as JUnit XML for CI systems: one test case per question."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as Xml

from eval.runs.files import Run
from eval.types import Prediction, Question, QuestionScores

# Characters that XML 1.0 forbids even when escaped (section 2.2, production Char).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(run: Run, scores: Mapping[str, QuestionScores]) -> str:
    """Return the XML: wrong answers are failures; questions with an error or no prediction are errors."""
    suite = Xml.Element("testsuite", name=_clean(str(run.manifest.get("set", run.folder.name))))
    n_failures = n_errors = 0
    total_s = 0.0
    for question in run.questions:
        prediction = run.predictions.get(question.id)
        seconds = prediction.timings_ms.get("total", 0.0) / 1000 if prediction else 0.0
        total_s += seconds
        case = Xml.SubElement(
            suite,
            "testcase",
            name=_clean(question.id),
            classname=_clean(
                f"{suite.get('name')}.{question.lang}" if question.lang else suite.get("name", "")
            ),
            time=f"{seconds:.3f}",
        )
        if prediction is None or prediction.error is not None:
            n_errors += 1
            reason = "never asked" if prediction is None else _clean(prediction.error or "")
            Xml.SubElement(case, "error", message=reason).text = _clean(question.question)
        elif failure := scores[question.id].failure:
            n_failures += 1
            message = _clean(_message(failure, question, prediction))
            Xml.SubElement(case, "failure", type=failure, message=message).text = _clean(
                f"question: {question.question}\n{_message(failure, question, prediction)}"
            )
    suite.set("tests", str(len(run.questions)))
    suite.set("failures", str(n_failures))
    suite.set("errors", str(n_errors))
    suite.set("time", f"{total_s:.3f}")
    suites = Xml.Element("testsuites", suite.attrib)
    suites.append(suite)
    Xml.indent(suites)
    return Xml.tostring(suites, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _message(failure: str, question: Question, prediction: Prediction) -> str:
    return f"{failure}; expected: {expected_in_words(question)}; answer: {prediction.answer}"


def expected_in_words(question: Question) -> str:
    """Return what a correct answer contains, on one line."""
    if not question.answerable:
        return "no answer"
    if question.expected:
        return " and ".join(" or ".join(group) for group in question.expected)
    return " or ".join(question.answers) or "an answer"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
