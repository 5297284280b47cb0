"""A classifier as bytes and back: numbers in numpy's npz without pickle, words in JSON beside them.

Reading it runs nothing that is in it. Only the weights that are not 0 are kept, as 16-bit numbers: they have been so
since training, so that a read classifier guesses exactly as the one that was written.
"""

import io
import json
import zipfile
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np

from automations.errors import Refused
from automations.texts.abstaining import Curve
from automations.texts.classifier import Classifier
from automations.texts.lines import Lines
from automations.texts.scores import score_card_of
from automations.texts.vectors import BLOCKS, Block

FORMAT = "handoff-triage-model"
VERSION = 1
"""Grows when features or numbers are made in another way; a model of another version has to be trained again."""
MOST_BYTES = 500_000_000
"""What a model may take in memory when it is unpacked: a small file can claim to be a huge one."""


def dump(classifier: Classifier) -> bytes:
    """The classifier as bytes; equal classifiers give equal bytes."""
    weights, labels = classifier.lines.weights, classifier.labels
    words = {
        "format": FORMAT,
        "version": VERSION,
        "labels": labels,
        "names": [list(block.columns) for block in classifier.blocks],
        "curve": asdict(classifier.curve),
        "threshold": classifier.threshold,
        "training_hash": classifier.training_hash,
        "examples": classifier.examples,
        "scores": classifier.scores.as_document(),
    }
    file = io.BytesIO()
    np.savez_compressed(
        file,
        words=np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
        rarity=np.concatenate([block.rarity for block in classifier.blocks]),
        weights=weights.data.astype(np.float16),
        columns=weights.indices.astype(np.uint16 if weights.shape[1] < 1 << 16 else np.uint32),
        per_feature=np.diff(weights.indptr).astype(np.uint32),
        offsets=classifier.lines.offsets,
    )
    return file.getvalue()


def load(body: bytes) -> Classifier:
    """Read a classifier back. Raises: Refused if the bytes are damaged, or no model of this version."""
    try:
        arrays = _unpacked(body)
        words = json.loads(arrays["words"].tobytes())
        version = words["version"] if words["format"] == FORMAT else None
        found = _classifier(words, arrays) if version == VERSION else None
    except _DAMAGE as exc:
        raise Refused(_UNREADABLE) from exc
    if version is None:
        raise Refused(_UNREADABLE)
    if found is None:
        raise Refused(
            f"This model is of version {version}, and this program reads version {VERSION}. "
            "Train it again with `handoff triage train`."
        )
    return found


_DAMAGE = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, OverflowError,
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, MemoryError,
)  # fmt: skip
"""What numpy, zipfile and json raise of a file that is not what it should be."""
_UNREADABLE = "This is no model of Handoff's classifier, or it is damaged. Train it again with `handoff triage train`."


def _unpacked(body: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_BYTES:
            raise ValueError(len(body))
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def _classifier(words: dict[str, Any], arrays: dict[str, Any]) -> Classifier:
    from scipy import sparse  # type: ignore[import-untyped]  # the library has no types

    names: list[list[str]] = words["names"]
    sizes = [len(each) for each in names]
    offsets = arrays["offsets"].astype(np.float32)
    ends = np.concatenate([[0], np.cumsum(arrays["per_feature"], dtype=np.int64)]).astype(np.int32)
    columns = arrays["columns"].astype(np.int32)
    whole = (
        len(names) == len(BLOCKS)
        and sum(sizes) == len(arrays["rarity"]) == len(ends) - 1
        and len(offsets) - len(words["labels"]) in (0, 1)
        and len(columns) == len(arrays["weights"]) == ends[-1]
    )
    if not whole or (len(columns) and int(columns.max()) >= len(offsets)):
        raise ValueError(sizes)
    weights = sparse.csr_matrix((arrays["weights"].astype(np.float32), columns, ends), shape=(sum(sizes), len(offsets)))
    rarities = np.split(arrays["rarity"].astype(np.float32), np.cumsum(sizes)[:-1])
    return Classifier(
        labels=tuple(words["labels"]),
        blocks=tuple(
            Block({name: column for column, name in enumerate(each)}, rarity, weight)
            for each, rarity, (_, weight, _) in zip(names, rarities, BLOCKS, strict=True)
        ),
        lines=Lines(weights, offsets),
        curve=Curve(**words["curve"]),
        threshold=words["threshold"],
        training_hash=words["training_hash"],
        examples=words["examples"],
        scores=score_card_of(words["scores"]),
    )
