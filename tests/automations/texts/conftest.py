"""One classifier for all tests: it never changes."""

import pytest

from automations.texts.classifier import Classifier
from automations.texts.training import train
from tests.automations.texts.requests import LABELS, TEXTS


@pytest.fixture(scope="package")
def classifier() -> Classifier:
    return train(TEXTS, LABELS)
