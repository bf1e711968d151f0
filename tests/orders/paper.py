"""Reads what is printed."""

import re
import subprocess
from shutil import which

import pytest


def read_pdf(content):
    """The text of a PDF as a reader sees it, without the spaces of its columns."""
    if not which("pdftotext"):
        pytest.skip("pdftotext reads the PDF")
    call = ["pdftotext", "-layout", "-", "-"]
    done = subprocess.run(call, input=content, capture_output=True, check=True)
    return re.sub(r"[ ]+", " ", done.stdout.decode())
