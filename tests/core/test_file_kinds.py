"""Tests and documents are told from product code that is only called like them."""

from __future__ import annotations

import pytest

from backtrace_core.evidence.file_kinds import is_doc, is_test


@pytest.mark.parametrize(
    "path",
    [
        "src/features/cart/total.ts",
        "app/features/checkout.rb",
        "app/models/license.rb",
        "app/controllers/authors_controller.rb",
        "src/noticeboard.py",
        "shop/licenses/check.go",
        "src/contributing_factors.py",
        "src/CodeOwnersService.java",
        "app/testing/ab.py",
        "src/fixtures/lights.ts",
        "inventory/fixtures.py",
        "contest/entry.py",
        "src/latest/spec.py",
        "shop/readme_view.py",
        "license.py",
        "LICENSE.rb",
        "lib/license-checker.py",
    ],
)
def test_product_code_that_sounds_otherwise(path: str) -> None:
    """Features and fixtures that a shop has, code about licences, notices and authors."""
    assert not is_test(path)
    assert not is_doc(path)


@pytest.mark.parametrize(
    "path",
    [
        "tests/cart.py",
        "spec/models/cart_spec.rb",
        "features/checkout.feature",
        "features/step_definitions/cart.rb",
        "features/support/env.rb",
        "features/steps/cart.py",
        "tests/features/cart.py",
        "tests/fixtures/cart.json",
        "spec/fixtures/cart.yml",
        "cypress/fixtures/cart.json",
        "src/__tests__/cart.ts",
        "src/cart.test.ts",
        "pkg/cart_test.go",
        "src/testing/test_cart.py",
    ],
)
def test_tests(path: str) -> None:
    """By their folder, their name, their ending; scenarios of Cucumber and Behave with their steps."""
    assert is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "README",
        "README.md",
        "Readme.rst",
        "LICENSE",
        "LICENSE.txt",
        "license-mit",
        "LICENSE-APACHE",
        "AUTHORS",
        "NOTICE.txt",
        "docs/run.py",
        "CHANGELOG",
        "CHANGELOG-2.x.md",
        ".gitlab/CODEOWNERS",
        "CONTRIBUTING.adoc",
        "README.de.md",
    ],
)
def test_documents(path: str) -> None:
    """With the ending of prose, or with none."""
    assert is_doc(path)
