"""The collector speaks the language of its environment: here English, unless a test says otherwise."""

import os

os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("LANGUAGE", None)
