import pytest

pytest.register_assert_rewrite("tests.automations.adapters.contract")
